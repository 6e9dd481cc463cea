//! Inputs for the benches and for `benches/compare`, made from a seed.
//!
//! In: a size and a seed. Out: HARs and server logs as support engineers get them, all of it made up. Never: two
//! outputs for the same arguments.
#![allow(dead_code)]

use std::io::{self, Write};

/// A small generator of pseudo-random numbers (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }

    fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }
}

const WORDS: &[&str] = &[
    "contact", "pipeline", "calendar", "window", "render", "value", "deal", "template", "queue", "cache",
    "timeline", "owner", "property", "default", "layout", "session", "portal", "record", "update", "number",
    "company", "activity", "thread", "folder", "message", "reader", "shard", "bucket", "offset", "worker",
];
const NAMES: &[&str] = &["jane.doe", "li.wei", "sam.okafor", "maria.silva", "omar.haddad", "kenji.sato"];
const DOMAINS: &[&str] = &["contoso.example", "fabrikam.example", "northwind.example", "adatum.example"];

/// What a failing exchange or line says: status, `error`, code and its words.
const SIGN_IN_FAILURES: &[(&str, u32, &str)] = &[
    (
        "invalid_grant",
        700082,
        "The refresh token has expired due to inactivity. The token was issued on 2026-01-05T08:14:22.1234567Z and was inactive for 90.00:00:00.",
    ),
    (
        "invalid_grant",
        50173,
        "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
    ),
    (
        "interaction_required",
        50076,
        "Due to a configuration change made by your administrator, you must use multi-factor authentication.",
    ),
    ("invalid_client", 7000222, "The provided client secret keys for app are expired."),
    ("invalid_grant", 53003, "Access has been blocked by Conditional Access policies."),
];
const API_FAILURES: &[(u32, &str, &str)] = &[
    (
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    ),
    (403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."),
    (429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit."),
    (503, "ServiceNotAvailable", "The service is temporarily unavailable."),
];

/// A server log of `lines` lines: two in a thousand with payloads of Microsoft, half with e-mail addresses.
pub(crate) fn log(out: &mut dyn Write, lines: u64, seed: u64) -> io::Result<()> {
    let mut dice = Dice::new(seed);
    let mut millis = 0u64;
    for _ in 0..lines {
        millis += dice.below(25);
        let stamp = stamp(millis);
        if dice.below(1000) < 2 {
            failure_line(out, &stamp, &mut dice)?;
        } else {
            plain_line(out, &stamp, &mut dice)?;
        }
    }
    Ok(())
}

/// As [`log`], with one failure a line.
pub(crate) fn failures(out: &mut dyn Write, lines: u64, seed: u64) -> io::Result<()> {
    let mut dice = Dice::new(seed);
    for n in 0..lines {
        failure_line(out, &stamp(n * 7), &mut dice)?;
    }
    Ok(())
}

fn stamp(millis: u64) -> String {
    let (s, ms) = (millis / 1000, millis % 1000);
    let (day, hour, minute, second) = (2 + s / 86_400 % 27, s / 3600 % 24, s / 60 % 60, s % 60);
    format!("2026-03-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

fn plain_line(out: &mut dyn Write, stamp: &str, dice: &mut Dice) -> io::Result<()> {
    let level = dice.pick(&["INFO ", "INFO ", "INFO ", "DEBUG", "WARN "]);
    let worker = dice.below(64);
    let (a, b, c) = (dice.pick(WORDS), dice.pick(WORDS), dice.pick(WORDS));
    let (n, m) = (dice.below(100_000), dice.below(900));
    if dice.below(2) == 0 {
        let (name, domain) = (dice.pick(NAMES), dice.pick(DOMAINS));
        writeln!(
            out,
            "{stamp} {level} [worker-{worker}] sync.{a}.{b} - processed {n} items of {c} for {name}@{domain} in {m} ms, {a} kept, {b} moved"
        )
    } else {
        let id = dice.next();
        writeln!(
            out,
            "{stamp} {level} [worker-{worker}] http.{a}.{b} - GET /api/v3/{c}/{n}?limit=50 -> 200 in {m} ms, {a} {b} trace {id:016x}, cache hit"
        )
    }
}

fn failure_line(out: &mut dyn Write, stamp: &str, dice: &mut Dice) -> io::Result<()> {
    let worker = dice.below(64);
    let account = format!("{}@{}", dice.pick(NAMES), dice.pick(DOMAINS));
    if dice.below(3) == 0 {
        let (status, code, words) = API_FAILURES[dice.below(API_FAILURES.len() as u64) as usize];
        let request = dice.guid();
        return writeln!(
            out,
            r#"{stamp} ERROR [worker-{worker}] sync.calendar - GET https://graph.microsoft.com/v1.0/me/calendars for {account} failed with {status}: {{"error":{{"code":"{code}","message":"{words}","innerError":{{"date":"{}","request-id":"{request}","client-request-id":"{request}"}}}}}}"#,
            &stamp[..19]
        );
    }
    let body = sign_in_failure(dice, stamp);
    writeln!(
        out,
        "{stamp} ERROR [worker-{worker}] oauth.refresh - POST https://login.microsoftonline.com/common/oauth2/v2.0/token for {account} answered 400: {body}"
    )
}

fn sign_in_failure(dice: &mut Dice, stamp: &str) -> String {
    let (error, code, words) = SIGN_IN_FAILURES[dice.below(SIGN_IN_FAILURES.len() as u64) as usize];
    let (trace, correlation) = (dice.guid(), dice.guid());
    let time = stamp.get(..19).unwrap_or_default().replace('T', " ");
    format!(
        r#"{{"error":"{error}","error_description":"AADSTS{code}: {words} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}Z","error_codes":[{code}],"timestamp":"{time}Z","trace_id":"{trace}","correlation_id":"{correlation}"}}"#
    )
}

/// A HAR of `entries` entries and about `bytes` bytes, of which `failing` fail at Microsoft's.
pub(crate) fn har(out: &mut dyn Write, entries: u64, bytes: u64, failing: u64, seed: u64) -> io::Result<()> {
    let mut dice = Dice::new(seed);
    let each = bytes / entries.max(1);
    write!(
        out,
        r#"{{"log":{{"version":"1.2","creator":{{"name":"WebInspector","version":"537.36"}},"pages":[{{"startedDateTime":"2026-03-02T08:00:00.000Z","id":"page_1","title":"https://app.contoso.example/settings","pageTimings":{{"onContentLoad":311.2,"onLoad":902.7}}}}],"entries":["#
    )?;
    let every = (entries / failing.max(1)).max(1);
    let mut body = String::new();
    let mut failed = 0;
    for n in 0..entries {
        if n > 0 {
            out.write_all(b",")?;
        }
        let stamp = stamp(n * 137);
        body.clear();
        if failed < failing && n % every == every / 2 {
            failed += 1;
            failing_entry(out, &stamp, &mut dice)?;
        } else {
            plain_entry(out, &stamp, each, &mut body, &mut dice)?;
        }
    }
    out.write_all(b"]}}\n")
}

#[allow(clippy::too_many_arguments)]
fn entry(
    out: &mut dyn Write,
    stamp: &str,
    method: &str,
    url: &str,
    status: u32,
    mime: &str,
    body: &str,
    encoding: &str,
    dice: &mut Dice,
) -> io::Result<()> {
    let request = dice.guid();
    let host = url.split('/').nth(2).unwrap_or_default();
    let (path, reason) =
        (url.split_once(host).map_or("/", |p| p.1), if status < 400 { "OK" } else { "Error" });
    write!(
        out,
        r#"{{"_initiator":{{"type":"script"}},"_priority":"High","_resourceType":"fetch","cache":{{}},"connection":"4{0}","pageref":"page_1","request":{{"method":"{method}","url":"{url}","httpVersion":"http/2.0","headers":[{{"name":":authority","value":"{host}"}},{{"name":":path","value":"{path}"}},{{"name":"accept","value":"*/*"}},{{"name":"accept-encoding","value":"gzip, deflate, br, zstd"}},{{"name":"accept-language","value":"en-GB,en;q=0.9"}},{{"name":"sec-fetch-mode","value":"cors"}},{{"name":"user-agent","value":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"}}],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":0}},"response":{{"status":{status},"statusText":"{reason}","httpVersion":"http/2.0","headers":[{{"name":"content-type","value":"{mime}; charset=utf-8"}},{{"name":"date","value":"Mon, 02 Mar 2026 08:00:00 GMT"}},{{"name":"request-id","value":"{request}"}},{{"name":"cache-control","value":"private"}},{{"name":"vary","value":"Accept-Encoding"}}],"cookies":[],"content":{{"size":{1},"mimeType":"{mime}"{encoding},"text":""#,
        dice.below(900),
        body.len(),
    )?;
    escape(out, body)?;
    write!(
        out,
        r#""}},"redirectURL":"","headersSize":-1,"bodySize":-1,"_transferSize":{0},"_error":null}},"serverIPAddress":"192.0.2.10","startedDateTime":"{stamp}","time":{0}.25,"timings":{{"blocked":1.2,"dns":-1,"ssl":-1,"connect":-1,"send":0.2,"wait":80.1,"receive":1.9}}}}"#,
        body.len() / 3 + 40
    )
}

fn escape(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some(n) = rest.find(['"', '\\', '\n']) {
        out.write_all(&rest.as_bytes()[..n])?;
        out.write_all(match rest.as_bytes()[n] {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            _ => b"\\n",
        })?;
        rest = &rest[n + 1..];
    }
    out.write_all(rest.as_bytes())
}

fn failing_entry(out: &mut dyn Write, stamp: &str, dice: &mut Dice) -> io::Result<()> {
    if dice.below(2) == 0 {
        let body = sign_in_failure(dice, stamp);
        let url = "https://login.microsoftonline.com/common/oauth2/v2.0/token";
        return entry(out, stamp, "POST", url, 400, "application/json", &body, "", dice);
    }
    let (status, code, words) = API_FAILURES[dice.below(API_FAILURES.len() as u64) as usize];
    let request = dice.guid();
    let body = format!(
        r#"{{"error":{{"code":"{code}","message":"{words}","innerError":{{"date":"2026-03-02T08:00:00","request-id":"{request}","client-request-id":"{request}"}}}}}}"#
    );
    let url = "https://graph.microsoft.com/v1.0/me/mailFolders";
    entry(out, stamp, "GET", url, status, "application/json", &body, "", dice)
}

fn plain_entry(
    out: &mut dyn Write,
    stamp: &str,
    each: u64,
    body: &mut String,
    dice: &mut Dice,
) -> io::Result<()> {
    // Sizes spread over two orders of magnitude; their mean is `each`.
    let size = match dice.below(10) {
        0..=5 => each / 6,
        6..=8 => each * 3 / 2,
        _ => each * 9 / 2,
    } as usize;
    let n = dice.below(100_000);
    let (name, url, mime, encoding) = match dice.below(10) {
        0..=3 => {
            ("js", format!("https://static.contoso.example/bundle/{n}/main.js"), "application/javascript", "")
        }
        4..=6 => (
            "json",
            format!("https://api.contoso.example/crm/v3/objects/contacts?limit=100&after={n}"),
            "application/json",
            "",
        ),
        7 => ("html", format!("https://app.contoso.example/contacts/{n}/view"), "text/html", ""),
        8 => ("css", format!("https://static.contoso.example/style/{n}.css"), "text/css", ""),
        _ => (
            "png",
            format!("https://static.contoso.example/img/{n}.png"),
            "image/png",
            r#","encoding":"base64""#,
        ),
    };
    while body.len() < size {
        piece(name, body, dice);
    }
    entry(out, stamp, "GET", &url, 200, mime, body, encoding, dice)
}

fn piece(kind: &str, body: &mut String, dice: &mut Dice) {
    use std::fmt::Write as _;
    let (a, b, c) = (dice.pick(WORDS), dice.pick(WORDS), dice.pick(WORDS));
    let n = dice.below(1_000_000);
    let done = match kind {
        "js" => write!(
            body,
            "function {a}_{n}(e,t){{var r=t.{b};if(!r)return null;return e.{c}(r,{{id:{n},kind:\"{a}\"}})}}"
        ),
        "json" => {
            let (name, domain) = (dice.pick(NAMES), dice.pick(DOMAINS));
            let open = if body.is_empty() { "{\"results\":[" } else { "," };
            write!(
                body,
                "{open}{{\"id\":\"{n}\",\"properties\":{{\"email\":\"{name}@{domain}\",\"{a}\":\"{b}\",\"{c}\":{n},\"createdate\":\"2025-11-03T10:12:44.120Z\"}},\"archived\":false}}"
            )
        }
        "html" => writeln!(
            body,
            "<div class=\"{a} {b}\" data-id=\"{n}\"><span>{c} {a}</span><a href=\"/{b}/{n}\">{c}</a></div>"
        ),
        "css" => write!(body, ".{a}-{b}-{n}{{margin:0 {n}px;color:#{n:06x};background:var(--{c})}}"),
        _ => {
            const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            for _ in 0..8 {
                let mut bits = dice.next();
                for _ in 0..8 {
                    body.push(char::from(ALPHABET[(bits & 63) as usize]));
                    bits >>= 7;
                }
            }
            Ok(())
        }
    };
    debug_assert!(done.is_ok());
}
