//! Names of parameters, headers, keys and elements whose values are secrets.

use super::kind::Kind;

/// How a value under a sensitive name is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Rule {
    /// Secret whatever it looks like.
    Always,
    /// Secret when it stands in a URL, a form or a name/value pair; elsewhere only when it looks random.
    InUrl,
    /// Secret when it looks random.
    WhenOpaque,
    /// An authorization code, unless it is an error code.
    Code,
    /// The `Cookie` header: the values of its pairs.
    Cookie,
    /// The `Set-Cookie` header: values, not attributes.
    SetCookie,
    /// A credentials header: what follows the scheme.
    Header,
}

/// A name that was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Sensitive {
    pub(super) kind: Kind,
    pub(super) rule: Rule,
}

/// What the name says about its value; `None` for names of no concern. Case, `_`, `-` and `.` do not matter.
pub(super) fn classify(name: &str) -> Option<Sensitive> {
    if name.len() > 96 {
        return None;
    }
    let words = words(name);
    let joined = words.concat();
    let of = |kind, rule| Some(Sensitive { kind, rule });
    if let Some((_, kind, rule)) = EXACT.iter().find(|(n, ..)| *n == joined) {
        return of(*kind, *rule);
    }
    if PUBLIC.contains(&joined.as_str()) {
        return None;
    }
    // The last part of a dotted or bracketed name (`oauth.refresh_token`, `cs-secret`).
    let first = words.first().map_or("", String::as_str);
    let failure = words.iter().any(|w| FAILURES.contains(&w.as_str()));
    if NEGATIONS.contains(&first) || failure || words.len() > 6 {
        return None;
    }
    if COOKIES.iter().any(|c| joined.starts_with(c)) {
        return of(Kind::Cookie, Rule::Always);
    }
    if PAGING.iter().any(|p| joined.ends_with(p)) {
        return of(Kind::Token, Rule::WhenOpaque);
    }
    SUFFIXES.iter().find(|(s, ..)| joined.ends_with(s)).and_then(|(_, kind, rule)| of(*kind, *rule))
}

/// Words of an identifier: split at punctuation and at lower-to-upper changes, lower case.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut lower) = (String::new(), false);
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            lower = false;
            continue;
        }
        if c.is_ascii_uppercase() && lower {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        word.push(c.to_ascii_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

const EXACT: &[(&str, Kind, Rule)] = &[
    ("authorization", Kind::Credentials, Rule::Header),
    ("proxyauthorization", Kind::Credentials, Rule::Header),
    ("xauthorization", Kind::Credentials, Rule::Header),
    ("xmsauthorization", Kind::Credentials, Rule::Header),
    ("xmsauthorizationauxiliary", Kind::Credentials, Rule::Header),
    ("httpauthorization", Kind::Credentials, Rule::Header),
    ("authenticationinfo", Kind::Credentials, Rule::Header),
    ("cookie", Kind::Cookie, Rule::Cookie),
    ("cookie2", Kind::Cookie, Rule::Cookie),
    ("cookies", Kind::Cookie, Rule::Cookie),
    ("httpcookie", Kind::Cookie, Rule::Cookie),
    ("setcookie", Kind::Cookie, Rule::SetCookie),
    ("setcookie2", Kind::Cookie, Rule::SetCookie),
    ("code", Kind::Code, Rule::Code),
    ("authcode", Kind::Code, Rule::Always),
    ("authorizationcode", Kind::Code, Rule::Always),
    ("oauthcode", Kind::Code, Rule::Always),
    ("spacode", Kind::Code, Rule::Always),
    ("devicecode", Kind::Code, Rule::Always),
    ("usercode", Kind::Code, Rule::Always),
    ("verificationcode", Kind::Code, Rule::Always),
    ("otc", Kind::Code, Rule::Always),
    ("otp", Kind::Code, Rule::Always),
    ("totp", Kind::Code, Rule::Always),
    ("mfacode", Kind::Code, Rule::Always),
    ("additionalauthdata", Kind::Code, Rule::Always),
    ("pin", Kind::Password, Rule::Always),
    ("pass", Kind::Password, Rule::Always),
    ("pwd", Kind::Password, Rule::Always),
    ("psw", Kind::Password, Rule::Always),
    ("passcode", Kind::Password, Rule::Always),
    ("codeverifier", Kind::Secret, Rule::Always),
    ("sessionstate", Kind::State, Rule::Always),
    ("nonce", Kind::State, Rule::InUrl),
    ("cnonce", Kind::State, Rule::InUrl),
    ("state", Kind::State, Rule::InUrl),
    ("ctx", Kind::State, Rule::InUrl),
    ("wctx", Kind::State, Rule::InUrl),
    ("sctx", Kind::State, Rule::Always),
    ("sft", Kind::Token, Rule::Always),
    ("sfttag", Kind::Token, Rule::Always),
    ("ppft", Kind::Token, Rule::Always),
    ("ft", Kind::Token, Rule::WhenOpaque),
    ("wresult", Kind::Token, Rule::Always),
    ("samlresponse", Kind::Token, Rule::Always),
    ("samlrequest", Kind::Token, Rule::Always),
    ("samlart", Kind::Token, Rule::Always),
    ("binarysecuritytoken", Kind::Token, Rule::Always),
    ("ciphervalue", Kind::Token, Rule::Always),
    ("rawtoken", Kind::Token, Rule::Always),
    ("tokens", Kind::Token, Rule::WhenOpaque),
    ("jwt", Kind::Token, Rule::Always),
    ("rt", Kind::Token, Rule::WhenOpaque),
    ("at", Kind::Token, Rule::WhenOpaque),
    ("auth", Kind::Credentials, Rule::WhenOpaque),
    ("xauth", Kind::Credentials, Rule::Header),
    ("key", Kind::Secret, Rule::WhenOpaque),
    ("sig", Kind::Signature, Rule::Always),
    ("hmac", Kind::Signature, Rule::Always),
    ("signaturevalue", Kind::Signature, Rule::Always),
    ("sdata", Kind::Signature, Rule::WhenOpaque),
    ("credential", Kind::Credentials, Rule::WhenOpaque),
    ("credentials", Kind::Credentials, Rule::WhenOpaque),
    ("sessionid", Kind::Cookie, Rule::WhenOpaque),
    ("sid", Kind::Cookie, Rule::WhenOpaque),
    ("loginhint", Kind::State, Rule::WhenOpaque),
    ("logouthint", Kind::State, Rule::WhenOpaque),
    ("opid", Kind::State, Rule::WhenOpaque),
    ("contextid", Kind::State, Rule::WhenOpaque),
];

/// Endings that make any name sensitive, after the exact names.
const SUFFIXES: &[(&str, Kind, Rule)] = &[
    ("tokenhint", Kind::Token, Rule::Always),
    ("token", Kind::Token, Rule::Always),
    ("secret", Kind::Secret, Rule::Always),
    ("clientsecretvalue", Kind::Secret, Rule::Always),
    ("secrettext", Kind::Secret, Rule::Always),
    ("password", Kind::Password, Rule::Always),
    ("passwd", Kind::Password, Rule::Always),
    ("pwd", Kind::Password, Rule::Always),
    ("passphrase", Kind::Password, Rule::Always),
    ("passcode", Kind::Password, Rule::Always),
    ("canary", Kind::Token, Rule::Always),
    ("assertion", Kind::Token, Rule::Always),
    ("verifier", Kind::Secret, Rule::Always),
    ("signature", Kind::Signature, Rule::WhenOpaque),
    ("apikey", Kind::Secret, Rule::Always),
    ("accesskey", Kind::Secret, Rule::Always),
    ("accesskeyid", Kind::Secret, Rule::Always),
    ("accountkey", Kind::Secret, Rule::Always),
    ("secretkey", Kind::Secret, Rule::Always),
    ("privatekey", Kind::Secret, Rule::Always),
    ("subscriptionkey", Kind::Secret, Rule::Always),
    ("functionskey", Kind::Secret, Rule::Always),
    ("sharedkey", Kind::Secret, Rule::Always),
    ("encryptionkey", Kind::Secret, Rule::Always),
    ("signingkey", Kind::Secret, Rule::Always),
    ("masterkey", Kind::Secret, Rule::Always),
    ("sessionkey", Kind::Secret, Rule::Always),
    ("authkey", Kind::Secret, Rule::Always),
    ("storagekey", Kind::Secret, Rule::Always),
    ("primarykey", Kind::Secret, Rule::WhenOpaque),
    ("secondarykey", Kind::Secret, Rule::WhenOpaque),
    ("sessid", Kind::Cookie, Rule::Always),
    ("authcookie", Kind::Cookie, Rule::Always),
    ("sessioncookie", Kind::Cookie, Rule::Always),
    ("codeverifier", Kind::Secret, Rule::Always),
    ("authcode", Kind::Code, Rule::Always),
    ("authorizationcode", Kind::Code, Rule::Always),
];

/// Continuation tokens: random ones are masked, plain ones are page numbers.
const PAGING: &[&str] =
    &["skiptoken", "deltatoken", "nexttoken", "pagetoken", "continuationtoken", "synctoken"];

/// Names that end like secrets and are none.
const PUBLIC: &[&str] = &[
    "forgotpassword",
    "resetpassword",
    "haspassword",
    "changepassword",
    "publickeytoken",
    "resultsignature",
];

/// First words of error names: `invalid_token`, `InvalidClientSecret`, `expired-password`.
const NEGATIONS: &[&str] = &[
    "invalid",
    "expired",
    "bad",
    "missing",
    "no",
    "unsupported",
    "unknown",
    "has",
    "is",
    "wrong",
    "incorrect",
    "requires",
    "required",
    "empty",
    "malformed",
    "revoked",
    "supports",
    "allow",
    "enable",
    "disable",
    "idx",
];

/// Words that make a name that of an error, wherever they stand in it.
const FAILURES: &[&str] =
    &["invalid", "expired", "missing", "incorrect", "error", "mismatch", "revoked", "failed"];

/// Beginnings of cookie names that carry a session.
const COOKIES: &[&str] = &[
    "estsauth",
    "estssso",
    "mspauth",
    "mspprof",
    "wlssc",
    "rpssecauth",
    "fedauth",
    "rtfa",
    "jsessionid",
    "phpsessid",
    "aspnetsessionid",
    "aspnetcore",
    "aspxauth",
    "signinstatecookie",
    "ccstate",
    "xowacanary",
    "connectsid",
    "msissamlrequest",
    "msisauth",
    "hostauth",
    "awsalb",
    "cfbm",
    "cfclearance",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_by_any_spelling() {
        for name in [
            "access_token",
            "accessToken",
            "ACCESS-TOKEN",
            "oauth.refresh_token",
            "client_secret",
            "x-api-key",
            "passwd",
            "dbPassword",
            "X-CSRF-Token",
            "sFT",
            "apiCanary",
            "AccountKey",
            "code_verifier",
            "ESTSAUTHPERSISTENT",
            "ASP.NET_SessionId",
            "id_token_hint",
            "Ocp-Apim-Subscription-Key",
            "client_assertion",
        ] {
            assert!(classify(name).is_some_and(|s| s.rule == Rule::Always), "{name}");
        }
    }

    #[test]
    fn names_that_only_sound_secret() {
        for name in [
            "token_type",
            "token_endpoint",
            "invalid_token",
            "InvalidClientSecret",
            "correlation_id",
            "error_code",
            "trace_id",
            "code_challenge",
            "scope",
            "tenant",
            "hpgrequestid",
            "InvalidPasswordExpiredPassword",
            "RelayState",
            "client_assertion_type",
            "grant_type",
            "has_refresh_token",
        ] {
            assert_eq!(classify(name), None, "{name}");
        }
    }
}
