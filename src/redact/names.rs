//! Names of parameters, headers, keys and elements whose values are secrets.

use std::sync::LazyLock;

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

/// Longest name that is one.
const LONGEST: usize = 96;

/// What the name says about its value; `None` for names of no concern. Case, `_`, `-` and `.` do not matter.
pub(super) fn classify(name: &str) -> Option<Sensitive> {
    let words = Words::of(name)?;
    let joined = words.joined();
    let of = |kind, rule| Some(Sensitive { kind, rule });
    let (first, last) = (joined.first()?, joined.last()?);
    let maybe = &*BY_LETTER;
    let starting = maybe.starting.get(usize::from(*first)).map_or(&[][..], Vec::as_slice);
    let ending = maybe.ending.get(usize::from(*last)).map_or(&[][..], Vec::as_slice);
    if let Some((_, kind, rule)) = starting.iter().find(|(n, ..)| n.as_bytes() == joined) {
        return of(*kind, *rule);
    }
    // Most names end in nothing that makes one sensitive, and are not looked at further.
    let cookies = maybe.cookies.get(usize::from(*first)).map_or(&[][..], Vec::as_slice);
    let cookie = cookies.iter().any(|c| joined.starts_with(c.as_bytes()));
    let paging = *last == b'n' && PAGING.iter().any(|p| joined.ends_with(p.as_bytes()));
    let suffix = ending.iter().find(|(s, ..)| joined.ends_with(s.as_bytes()));
    if !cookie && !paging && suffix.is_none() {
        return None;
    }
    let is = |word: &[u8], list: &[&str]| list.iter().any(|w| w.as_bytes() == word);
    if is(joined, PUBLIC) || words.len() > 6 || is(words.first(), NEGATIONS) {
        return None;
    }
    if words.iter().any(|word| is(word, FAILURES)) {
        return None;
    }
    if cookie {
        return of(Kind::Cookie, Rule::Always);
    }
    if paging {
        return of(Kind::Token, Rule::WhenOpaque);
    }
    suffix.and_then(|(_, kind, rule)| of(*kind, *rule))
}

type Named = (&'static str, Kind, Rule);

/// The names by their first letter, the endings by their last one, each in its order.
struct ByLetter {
    starting: [Vec<Named>; 256],
    ending: [Vec<Named>; 256],
    /// Beginnings of the names of cookies.
    cookies: [Vec<&'static str>; 256],
}

static BY_LETTER: LazyLock<ByLetter> = LazyLock::new(|| {
    let sorted = |all: &[Named], letter: fn(&str) -> Option<u8>| {
        std::array::from_fn(|b| {
            all.iter().filter(|(n, ..)| letter(n).map(usize::from) == Some(b)).copied().collect()
        })
    };
    ByLetter {
        starting: sorted(EXACT, |n| n.bytes().next()),
        ending: sorted(SUFFIXES, |n| n.bytes().last()),
        cookies: std::array::from_fn(|b| {
            COOKIES.iter().filter(|c| c.bytes().next().map(usize::from) == Some(b)).copied().collect()
        }),
    }
});

/// Words of an identifier: split at punctuation and at lower-to-upper changes, lower case. Names are looked at so
/// often that this must not allocate.
struct Words {
    letters: [u8; LONGEST],
    /// Where each word ends in `letters`.
    ends: [u8; LONGEST],
    len: usize,
}

impl Words {
    /// `None` for what is too long to be a name.
    fn of(name: &str) -> Option<Words> {
        if name.len() > LONGEST {
            return None;
        }
        let mut words = Words { letters: [0; LONGEST], ends: [0; LONGEST], len: 0 };
        let (mut at, mut lower) = (0, false);
        for b in name.bytes() {
            let begins = !b.is_ascii_alphanumeric() || (b.is_ascii_uppercase() && lower);
            if begins {
                words.end(at);
                lower = false;
            }
            if b.is_ascii_alphanumeric() {
                lower = b.is_ascii_lowercase() || b.is_ascii_digit();
                if let Some(slot) = words.letters.get_mut(at) {
                    *slot = b.to_ascii_lowercase();
                }
                at += 1;
            }
        }
        words.end(at);
        Some(words)
    }

    /// A word ends before letter `at`, unless it is empty.
    fn end(&mut self, at: usize) {
        if at > self.start(self.len)
            && let Some(slot) = self.ends.get_mut(self.len)
        {
            *slot = u8::try_from(at).unwrap_or(u8::MAX);
            self.len += 1;
        }
    }

    fn start(&self, word: usize) -> usize {
        word.checked_sub(1).and_then(|n| self.ends.get(n)).map_or(0, |end| usize::from(*end))
    }

    fn len(&self) -> usize {
        self.len
    }

    fn joined(&self) -> &[u8] {
        self.letters.get(..self.start(self.len)).unwrap_or_default()
    }

    fn word(&self, n: usize) -> &[u8] {
        self.letters.get(self.start(n)..self.start(n + 1)).unwrap_or_default()
    }

    fn first(&self) -> &[u8] {
        if self.len == 0 { &[] } else { self.word(0) }
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len).map(|n| self.word(n))
    }
}

const EXACT: &[Named] = &[
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
const SUFFIXES: &[Named] = &[
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
