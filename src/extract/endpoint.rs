//! What a URL is for: which endpoint of Microsoft, or a vendor's callback.

use std::sync::LazyLock;

use memchr::memmem::Finder;

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
    let (url, fragment) = halves(url, b'#');
    let (url, query) = halves(url, b'?');
    let (host, path) = match scheme_ends(url).map(|at| &url[at + 3..]) {
        Some(rest) => {
            let end = memchr::memchr(b'/', rest.as_bytes()).unwrap_or(rest.len());
            let authority = &rest[..end];
            let authority = authority.rsplit('@').next().unwrap_or_default();
            let host = halves(authority, b':').0.to_ascii_lowercase();
            (host, &rest[end..])
        }
        None => (String::new(), url),
    };
    let endpoint = endpoint_of(&host, &path.to_ascii_lowercase(), query, fragment);
    Seen { endpoint, host, path, query, fragment }
}

/// What stands before and behind the first of these signs of ASCII.
fn halves(text: &str, sign: u8) -> (&str, &str) {
    memchr::memchr(sign, text.as_bytes()).map_or((text, ""), |at| (&text[..at], &text[at + 1..]))
}

/// Where the first `://` stands.
fn scheme_ends(url: &str) -> Option<usize> {
    memchr::memchr_iter(b':', url.as_bytes()).find(|at| url.as_bytes()[at + 1..].starts_with(b"//"))
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

const MORE_HOSTS: &[&str] = &["graph.windows.net", "management.azure.com", "management.core.windows.net"];

static AUTODISCOVER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("/autodiscover/"));

/// False for a host that is in no list, as nearly all are: it ends in other six letters than those that are.
fn may_be_listed(host: &str) -> bool {
    static TAILS: LazyLock<Vec<[u8; 6]>> = LazyLock::new(|| {
        let lists =
            [DOCS_HOSTS, STATIC_HOSTS, SIGN_IN_HOSTS, CONSUMER_HOSTS, GRAPH_HOSTS, OUTLOOK_HOSTS, MORE_HOSTS];
        let mut tails: Vec<[u8; 6]> =
            lists.concat().iter().filter_map(|host| host.as_bytes().last_chunk().copied()).collect();
        tails.sort_unstable();
        tails.dedup();
        tails
    });
    host.as_bytes().last_chunk().is_some_and(|tail| TAILS.contains(tail))
}

fn endpoint_of(host: &str, path: &str, query: &str, fragment: &str) -> Endpoint {
    let listed = may_be_listed(host);
    let is = |hosts: &[&str]| listed && hosts.iter().any(|h| under(host, h));
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
    if AUTODISCOVER.find(path.as_bytes()).is_some() || host.starts_with("autodiscover") {
        return Endpoint::Autodiscover;
    }
    if path.starts_with("/ews/") {
        return Endpoint::Ews;
    }
    if is(OUTLOOK_HOSTS) {
        return Endpoint::Outlook;
    }
    if is(&MORE_HOSTS[..1]) {
        return Endpoint::AadGraph;
    }
    if is(&MORE_HOSTS[1..]) {
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
    const KEYS: &[&str] = &[
        "code",
        "error",
        "admin_consent",
        "id_token",
        "access_token",
        "state",
        "session_state",
        "client_info",
        "error_description",
        "error_subcode",
        "error_uri",
    ];
    let mut seen = 0u32;
    let mut rest = parameters;
    while !rest.is_empty() {
        let end = memchr::memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
        let (parameter, after) = rest.split_at(end);
        let key = parameter.split('=').next().unwrap_or_default();
        seen |= KEYS.iter().zip(0..).filter(|(k, _)| **k == key).fold(0, |all, (_, n)| all | 1 << n);
        rest = after.strip_prefix('&').unwrap_or_default();
    }
    let has = |key: &str| KEYS.iter().zip(0..).any(|(k, n)| *k == key && seen >> n & 1 != 0);
    seen != 0
        && ((has("code") && (has("state") || has("session_state") || has("client_info")))
            || has("error")
                && (has("state") || has("error_description") || has("error_subcode") || has("error_uri"))
            || has("admin_consent")
            || (has("id_token") || has("access_token")) && has("state")
            || parameters == "error=access_denied")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_host_has_a_tail() {
        let lists =
            [DOCS_HOSTS, STATIC_HOSTS, SIGN_IN_HOSTS, CONSUMER_HOSTS, GRAPH_HOSTS, OUTLOOK_HOSTS, MORE_HOSTS];
        for host in lists.concat() {
            assert!(host.len() >= 6 && may_be_listed(host), "{host}");
        }
        assert!(!may_be_listed("app.contoso.example"));
    }

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
