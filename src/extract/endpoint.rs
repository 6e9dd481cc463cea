//! What a URL is for: which endpoint of Microsoft, or a vendor's callback.

/// The kinds of endpoint that matter to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Authorize,
    Token,
    DeviceCode,
    /// A page or post of the sign-in host that is none of the others (login, KMSI, MFA, consent posts).
    SignIn,
    Consent,
    AdminConsent,
    CredentialType,
    UserRealm,
    Logout,
    /// login.live.com and account.live.com.
    Consumer,
    Graph,
    Outlook,
    Ews,
    Autodiscover,
    AadGraph,
    Arm,
    /// A redirect URI: a URL with `code`+`state`, `error`, or `admin_consent` in query or fragment, not at Microsoft.
    Callback,
    /// Scripts, styles, images, fonts of Microsoft's own pages.
    Static,
    /// Documentation and help.
    Docs,
    Other,
}

impl Endpoint {
    pub fn name(self) -> &'static str {
        use Endpoint::*;
        match self {
            Authorize => "authorize",
            Token => "token",
            DeviceCode => "device-code",
            SignIn => "sign-in",
            Consent => "consent",
            AdminConsent => "admin-consent",
            CredentialType => "credential-type",
            UserRealm => "user-realm",
            Logout => "logout",
            Consumer => "consumer",
            Graph => "graph",
            Outlook => "outlook",
            Ews => "ews",
            Autodiscover => "autodiscover",
            AadGraph => "aadgraph",
            Arm => "arm",
            Callback => "callback",
            Static => "static",
            Docs => "docs",
            Other => "other",
        }
    }

    /// True for the endpoints whose answers may carry sign-in or API errors.
    pub fn is_microsoft(self) -> bool {
        !matches!(self, Endpoint::Callback | Endpoint::Other | Endpoint::Docs | Endpoint::Static)
    }
}

/// A URL, taken apart as far as the extractors need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<'u> {
    pub endpoint: Endpoint,
    /// Lower case, without port; empty for a relative URL.
    pub host: String,
    pub path: &'u str,
    /// Without `?`.
    pub query: &'u str,
    /// Without `#`.
    pub fragment: &'u str,
}

/// Takes a URL apart and names its endpoint. Never fails: what is not a URL is a path.
pub fn classify(url: &str) -> Seen<'_> {
    let (url, fragment) = url.split_once('#').unwrap_or((url, ""));
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let authority = &rest[..end];
            let authority = authority.rsplit('@').next().unwrap_or_default();
            let host = authority.split(':').next().unwrap_or_default().to_ascii_lowercase();
            (host, &rest[end..])
        }
        None => (String::new(), url),
    };
    let endpoint = endpoint_of(&host, &path.to_ascii_lowercase(), query, fragment);
    Seen { endpoint, host, path, query, fragment }
}

/// The path alone, as [`classify`] has it.
pub(super) fn path_of(url: &str) -> &str {
    let url = url.split(['#', '?']).next().unwrap_or_default();
    match url.split_once("://") {
        Some((_, rest)) => rest.get(rest.find('/').unwrap_or(rest.len())..).unwrap_or_default(),
        None => url,
    }
}

fn under(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

const SIGN_IN_HOSTS: &[&str] = &[
    "login.microsoftonline.com",
    "login.microsoftonline.us",
    "login.partner.microsoftonline.cn",
    "login.chinacloudapi.cn",
    "login.microsoftonline.de",
    "login.microsoft.com",
    "login.windows.net",
    "login.windows-ppe.net",
    "sts.windows.net",
    "device.login.microsoftonline.com",
    "autologon.microsoftazuread-sso.com",
];
const CONSUMER_HOSTS: &[&str] =
    &["login.live.com", "account.live.com", "signup.live.com", "login.msa.msidentity.com"];
const GRAPH_HOSTS: &[&str] = &[
    "graph.microsoft.com",
    "graph.microsoft.us",
    "dod-graph.microsoft.us",
    "microsoftgraph.chinacloudapi.cn",
    "graph.microsoft.de",
];
const OUTLOOK_HOSTS: &[&str] = &[
    "outlook.office.com",
    "outlook.office365.com",
    "outlook.office365.us",
    "partner.outlook.cn",
    "outlook.live.com",
    "substrate.office.com",
];
const STATIC_HOSTS: &[&str] = &[
    "aadcdn.msauth.net",
    "aadcdn.msftauth.net",
    "logincdn.msauth.net",
    "logincdn.msftauth.net",
    "secure.aadcdn.microsoftonline-p.com",
    "aadcdn.msftauthimages.net",
    "aadcdn.msauthimages.net",
    "acctcdn.msauth.net",
    "acctcdn.msftauth.net",
    "browser.events.data.microsoft.com",
    "res.cdn.office.net",
];
const DOCS_HOSTS: &[&str] = &[
    "learn.microsoft.com",
    "docs.microsoft.com",
    "support.microsoft.com",
    "techcommunity.microsoft.com",
    "aka.ms",
    "go.microsoft.com",
    "stackoverflow.com",
    "github.com",
    "raw.githubusercontent.com",
    "msdn.microsoft.com",
    "azure.microsoft.com",
    "answers.microsoft.com",
];

fn endpoint_of(host: &str, path: &str, query: &str, fragment: &str) -> Endpoint {
    let is = |hosts: &[&str]| hosts.iter().any(|h| under(host, h));
    if is(DOCS_HOSTS) {
        return Endpoint::Docs;
    }
    if is(STATIC_HOSTS) {
        return Endpoint::Static;
    }
    if is(SIGN_IN_HOSTS) {
        return sign_in(path);
    }
    if is(CONSUMER_HOSTS) {
        return consumer(path);
    }
    if (is(GRAPH_HOSTS) || is(OUTLOOK_HOSTS)) && is_picture(path) {
        return Endpoint::Static;
    }
    if is(GRAPH_HOSTS) {
        return Endpoint::Graph;
    }
    if path.contains("/autodiscover/") || host.starts_with("autodiscover") {
        return Endpoint::Autodiscover;
    }
    if path.starts_with("/ews/") {
        return Endpoint::Ews;
    }
    if is(OUTLOOK_HOSTS) {
        return Endpoint::Outlook;
    }
    if under(host, "graph.windows.net") {
        return Endpoint::AadGraph;
    }
    if under(host, "management.azure.com") || under(host, "management.core.windows.net") {
        return Endpoint::Arm;
    }
    if is_callback(query) || is_callback(fragment) {
        return Endpoint::Callback;
    }
    Endpoint::Other
}

fn sign_in(path: &str) -> Endpoint {
    let has = |word: &str| path.contains(word);
    if has("/oauth2/v2.0/token") || path.ends_with("/oauth2/token") {
        Endpoint::Token
    } else if has("/adminconsent") {
        Endpoint::AdminConsent
    } else if has("/oauth2/v2.0/authorize")
        || path.ends_with("/oauth2/authorize")
        || has("/oauth2/authorize/")
    {
        Endpoint::Authorize
    } else if has("/devicecode") {
        Endpoint::DeviceCode
    } else if has("/consent") {
        Endpoint::Consent
    } else if has("/getcredentialtype") {
        Endpoint::CredentialType
    } else if has("/userrealm") || has("/getuserrealm") {
        Endpoint::UserRealm
    } else if has("/logout") {
        Endpoint::Logout
    } else if path.ends_with(".js") || path.ends_with(".css") || has("/shared/") {
        Endpoint::Static
    } else {
        Endpoint::SignIn
    }
}

fn consumer(path: &str) -> Endpoint {
    if path.ends_with("oauth20_token.srf") || path.contains("/oauth2/v2.0/token") {
        Endpoint::Token
    } else if path.ends_with("oauth20_authorize.srf") || path.contains("/oauth2/v2.0/authorize") {
        Endpoint::Authorize
    } else if path.contains("getcredentialtype") {
        Endpoint::CredentialType
    } else if path.contains("/consent") {
        Endpoint::Consent
    } else if path.ends_with(".js") || path.ends_with(".css") {
        Endpoint::Static
    } else {
        Endpoint::Consumer
    }
}

/// The picture of a person or group. Most have none, and no connection needs one.
fn is_picture(path: &str) -> bool {
    path.ends_with("/photo/$value") || path.ends_with("/photo") || path.contains("/photos/")
}

/// True when the parameters are those of an OAuth answer.
fn is_callback(parameters: &str) -> bool {
    let has = |key: &str| parameters.split('&').any(|p| p.split('=').next() == Some(key));
    (has("code") && (has("state") || has("session_state") || has("client_info")))
        || has("error")
            && (has("state") || has("error_description") || has("error_subcode") || has("error_uri"))
        || has("admin_consent")
        || (has("id_token") || has("access_token")) && has("state")
        || parameters == "error=access_denied"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        let cases = [
            (
                "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1",
                Endpoint::Authorize,
            ),
            ("https://login.microsoftonline.com/common/oauth2/token", Endpoint::Token),
            ("https://login.live.com/oauth20_token.srf", Endpoint::Token),
            ("https://graph.microsoft.com/v1.0/me", Endpoint::Graph),
            ("https://graph.microsoft.com/v1.0/me/photo/$value", Endpoint::Static),
            ("https://graph.microsoft.com/beta/me/photos/48x48/$value", Endpoint::Static),
            ("https://mail.contoso.example/EWS/Exchange.asmx", Endpoint::Ews),
            ("https://app.example/cb?error=access_denied&error_subcode=cancel&state=1", Endpoint::Callback),
            ("https://app.example/cb#error=access_denied&state=1", Endpoint::Callback),
            ("https://notlogin.microsoftonline.com.example/x", Endpoint::Other),
            ("/cb?code=1&state=2", Endpoint::Callback),
        ];
        for (url, endpoint) in cases {
            assert_eq!(classify(url).endpoint, endpoint, "{url}");
        }
    }
}
