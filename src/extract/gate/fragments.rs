//! What has to stand in a text for an extractor to find anything in it.
//!
//! In: nothing. Out: the fragments, each with the closer look that it asks for. Never: a search.

/// What a fragment takes to open the gate. The discriminants count the bits of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Look {
    /// Nothing more.
    Open,
    /// Words about Microsoft, or a number called an error.
    Ours,
    /// A code as character recognition or a hurried hand writes it.
    Noisy,
    /// `error` as a key, as the beginning of a code, or before a code.
    Error,
    /// A code in capitals or with an underscore.
    Capitals,
    /// The parameters of a redirect: `code` with what comes with it.
    Redirect,
    /// Words that announce scopes.
    Scopes,
    /// A proxy that wants a password.
    Proxy,
    /// A word of those that block pages say, in markup.
    Blocked,
    /// A key of an answer.
    Key,
    /// A pair of keys that count together.
    Pair,
    /// A status code of mail.
    Mail,
    /// An application by name and id.
    Named,
    /// A mail exchanger.
    Mx,
    /// Characters that are not written as such: what they spell is not known here.
    Escape,
    /// Wording of `phrases.tsv`.
    Phrase,
    /// A payload in base64: what it spells is not known here.
    Packed,
}

/// Fragments in lower case, at least four bytes long. `[…]` stands for one of several bytes (with ranges), `[w]` for
/// what ends a word, `[*]` for anything, and so does the end of the text.
pub(super) const FRAGMENTS: &[(Look, &[&str])] = &[
    (
        Look::Open,
        &[
            // Microsoft by name, and its codes.
            "aadsts",
            "aadb2c",
            "microsoft",
            "msal",
            "outlook",
            "office365",
            "azure",
            "hotmail",
            "windows.net",
            "live.com",
            "login.live",
            "chinacloudapi",
            "windows-ppe",
            "msidentity",
            "substrate",
            "exchangelabs",
            // Keys and headers.
            "www-authenticate",
            "x-ms-",
            "x-calculated",
            "x-beserver",
            "x-feserver",
            "anchormailbox",
            "$config",
            "serverdata",
            "admin_consent",
            "id_token",
            "access_token",
            "grant_type",
            "resulttype",
            "ifexistsresult",
            "namespacetype",
            "cloud_instance",
            "cloudinstance",
            "activitydisplay",
            "enforcedgrant",
            "conditionsnot",
            "conditional",
            "recipienttype",
            "exchange_",
            "mailboxmove",
            "statusdetail",
            "synceditem",
            "batchstatus",
            "userpurpose",
            "serviceplan",
            "odata",
            "intended",
            "expected_e",
            "expectede",
            "requested_e",
            "requestede",
            "appdisplay",
            "userprincipal",
            "responsecode",
            "targetserver",
            "oauth2",
            "auth=bearer",
            "#ext#",
            ".users[",
            // Words of errors.
            "consent",
            "serviceexc",
            "restapi",
            "invalidauth",
            "authenticate",
            "mailboxinfostale",
            "mailboxstore",
            "mailboxconc",
            "throttled",
            "unhealthy",
            "unsuccessful",
            "nopermissions",
            "organizationfrom",
            "syncstate",
            "resyncrequired",
            "activitylimit",
            "incomingbytes",
            "extensionerror",
            "license",
            // Addresses of Exchange in answers.
            "ewsurl",
            "<asurl",
            "<oofurl",
            "<mdbdn",
            "<redirect",
            "<owaurl",
            "ewssupported",
            "<input",
            "urldefense",
            "friendlyappname",
            "sappname",
            // DNS.
            "cname",
            "canonical",
            "mail exchanger",
            "mail is handled",
        ],
    ),
    (
        Look::Ours,
        &["ews[w]", "entra", "adal", "o365", "m365", "graph", "aad[*]", "exchange", "office", "sign"],
    ),
    (
        Look::Noisy,
        &[
            "adst",
            "ad5t",
            "ad$t",
            "ads7",
            "ad57",
            "ad$7",
            "4dst",
            "4d5t",
            "4d$t",
            "4ds7",
            "4d57",
            "4d$7",
            "[a4]d[t7][s5$ :0-9oilbzx*?]",
        ],
    ),
    (Look::Error, &["error", "exception"]),
    (
        Look::Capitals,
        &[
            "authorization_",
            "request_",
            "directory_",
            "authentication_",
            "_mailbox",
            "mailbox_",
            "_calendar",
            "calendar_",
            "_exchange",
            "_office",
            "_graph",
        ],
    ),
    (Look::Redirect, &["code=", "code%"]),
    (
        Look::Scopes,
        &["scope", "permission", "rivilege", "achtiging", "erechtigung", "utorisation", "ermiso", "claim"],
    ),
    (Look::Proxy, &["proxy", "tunnel"]),
    (
        Look::Blocked,
        &[
            "blocked",
            "denied",
            "restricted",
            "gesperrt",
            "blockiert",
            "verweigert",
            "bloqu",
            "refus",
            "interdit",
            "geblokkeerd",
            "geweigerd",
            "negado",
            "bloccato",
            "negato",
            // Characters that are not written as such may spell one of these.
            "&#[0-9][0-9]",
            "&#x[0-9a-f]",
        ],
    ),
    (Look::Mail, &["[45].[0-9].[0-9]"]),
    (Look::Named, &["application"]),
    // Escaped line ends and blanks may stand before it.
    (Look::Mx, &["[w0-9a-fnrt]mx[ \t\r\n|,;:=%+&\\-]"]),
    (Look::Packed, &["\"eyj"]),
    (Look::Escape, &["\\u[0-9a-f][0-9a-f]", "&#[0-9][0-9]", "&#x[0-9a-f]"]),
    (Look::Key, &["answer", "responses", "details"]),
    (
        Look::Pair,
        &["correlation", "trace_id", "workload", "recordtype", "creationtime", "domain_name", "protocol"],
    ),
    (Look::Phrase, &["identity", "exist", "assigned", "principal", "challenge"]),
];
