//! Error payloads and key/value sets, wherever they stand in a text.
//!
//! In: the views of an event. Out: [`Payload`]s with decoded, flattened members. Reads JSON (also escaped several
//! levels deep inside strings, Python and Ruby spellings, cut off), parameters of URLs and forms (also wrapped by link
//! scanners, encoded twice, with `&amp;`, broken over lines), hidden inputs of posted pages, `$Config` of sign-in
//! pages, header lists pasted as text. Never: judging what a member means, or looking for data in markup or scripts.

use std::borrow::Cow;
use std::sync::LazyLock;

use percent_encoding::percent_decode_str;

use crate::decode::decode_base64;
use crate::decode::json::{self, Node, Value};

use super::text::ends_with;
use super::view::{View, ViewAt};
use crate::pattern::Regex;

/// What a payload was written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Json,
    /// Query parameters of a URL.
    Query,
    /// Parameters after `#` of a URL.
    Fragment,
    /// A form: a request body, or one split by the recorder.
    Form,
    /// Hidden inputs of a page.
    Hidden,
    /// `$Config` of a sign-in page.
    Config,
    /// `Name: value` lines of HTTP headers.
    Headers,
    /// Named fields of a structured log record.
    Fields,
}

/// One member, flattened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Last key: `code`.
    pub(super) key: String,
    /// All keys, joined by dots, array positions as digits: `responses.0.body.error.code`.
    pub(super) path: String,
    /// Decoded value; empty for null.
    pub(super) value: String,
    pub(super) null: bool,
}

/// A set of members that belong together.
#[derive(Debug, Clone)]
pub(super) struct Payload {
    /// Index of the view in which it stands.
    pub(super) view: usize,
    pub(super) kind: Kind,
    pub(super) members: Vec<Member>,
    /// Text around it, for the evidence.
    pub(super) context: String,
    /// URL without query and fragment, for [`Kind::Query`] and [`Kind::Fragment`]; else empty.
    pub(super) base: String,
}

impl Payload {
    /// First value under that key, at any depth, compared without case.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.members.iter().find(|m| m.key.eq_ignore_ascii_case(key) && !m.null).map(|m| &*m.value)
    }

    /// Every value under that key, at any depth, compared without case.
    pub(super) fn all<'p>(&'p self, key: &'p str) -> impl Iterator<Item = &'p str> + 'p {
        self.members.iter().filter(move |m| m.key.eq_ignore_ascii_case(key) && !m.null).map(|m| &*m.value)
    }

    /// The value at exactly that path, compared without case.
    pub(super) fn at(&self, path: &str) -> Option<&str> {
        self.members.iter().find(|m| m.path.eq_ignore_ascii_case(path) && !m.null).map(|m| &*m.value)
    }

    /// True when the key is there with a null.
    pub(super) fn is_null(&self, path: &str) -> bool {
        self.members.iter().any(|m| m.path.eq_ignore_ascii_case(path) && m.null)
    }

    /// True for parameters of a URL or form.
    pub(super) fn is_params(&self) -> bool {
        matches!(self.kind, Kind::Query | Kind::Fragment | Kind::Form | Kind::Hidden)
    }
}

const MAX_MEMBERS: usize = 20_000;
const MAX_PAYLOADS: usize = 2_000;
const MAX_LEVELS: usize = 5;
const CONTEXT: usize = 600;

/// Payloads of all views.
pub(super) fn find_all(views: &[View<'_>]) -> Vec<Payload> {
    let mut out = Out { view: 0, found: Vec::new() };
    let mut form = Vec::new();
    let mut fields = Vec::new();
    for (n, view) in views.iter().enumerate() {
        out.view = n;
        match view.at {
            ViewAt::RequestUrl | ViewAt::RedirectUrl => out.url(&view.text, 0),
            ViewAt::ResponseHeader(name) if name.eq_ignore_ascii_case("location") => out.url(&view.text, 0),
            ViewAt::RequestHeader(name) if name.eq_ignore_ascii_case("referer") => {}
            ViewAt::RequestHeader(_) | ViewAt::ResponseHeader(_) => {
                if view.text.starts_with('{') {
                    out.text(&view.text, 0);
                }
            }
            ViewAt::RequestBody { mime } => out.request_body(&view.text, mime),
            ViewAt::FormParam(name) => {
                form.push((n, member("", name, &view.text)));
            }
            ViewAt::RecordField(name) => {
                fields.push((n, member("", name, &view.text)));
                out.free(view);
            }
            ViewAt::ResponseBody { .. } if view.is_html() => out.page(&view.text),
            ViewAt::ResponseBody { .. } => out.text(&view.text, 0),
            ViewAt::Error | ViewAt::RecordText | ViewAt::Paste => out.free(view),
        }
    }
    out.set(form, Kind::Form);
    out.set(fields, Kind::Fields);
    out.found
}

struct Out {
    view: usize,
    found: Vec<Payload>,
}

impl Out {
    fn add(&mut self, kind: Kind, members: Vec<Member>, context: &str, base: &str) {
        if !members.is_empty() && self.found.len() < MAX_PAYLOADS {
            let most = if kind == Kind::Fields { 8 * CONTEXT } else { CONTEXT };
            let context = cut(context, most).to_owned();
            self.found.push(Payload { view: self.view, kind, members, context, base: base.to_owned() });
        }
    }

    /// Members that stand in views of their own, as one payload.
    fn set(&mut self, members: Vec<(usize, Member)>, kind: Kind) {
        let Some((first, _)) = members.first() else { return };
        self.view = *first;
        let members: Vec<Member> = members.into_iter().map(|(_, m)| m).collect();
        let context =
            members.iter().take(30).map(|m| format!("{}={}", m.path, cut(&m.value, 300))).collect::<Vec<_>>();
        self.add(kind, members, &context.join(" "), "");
    }

    fn request_body(&mut self, text: &str, mime: &str) {
        let head = text.trim_start();
        if head.starts_with(['{', '[']) {
            self.text(text, 0);
        } else if mime.contains("form-urlencoded") || looks_like_parameters(head) {
            self.parameters(Kind::Form, text.trim(), "", 0);
        }
    }

    /// Free text: pages, JSON, URLs, parameters, header lines.
    fn free(&mut self, view: &View<'_>) {
        if view.is_html() {
            self.page(&view.text);
            return;
        }
        let text = &*view.text;
        self.text(text, 0);
        if text.contains("$Config") {
            self.config(text);
        }
        self.urls(text, 0);
        self.headers(text);
    }

    /// JSON objects anywhere in a text.
    fn text(&mut self, text: &str, level: usize) {
        if level > MAX_LEVELS {
            return;
        }
        let bytes = text.as_bytes();
        let mut from = 0;
        while let Some(n) = bytes.get(from..).and_then(|rest| memchr::memchr(b'{', rest)) {
            let at = from + n;
            from = at + 1;
            match opening(bytes, at + 1) {
                Opening::Plain => {
                    if let Some(parsed) = json::parse(bytes, at) {
                        from = parsed.node.end.max(from);
                        self.json(&parsed.node, text, at, level);
                    }
                }
                Opening::Escaped(backslashes) => {
                    let end = escaped_end(bytes, at, backslashes);
                    let raw = bytes.get(at..end).unwrap_or_default();
                    self.text(&json::unescape(raw), level + 1);
                    from = end.max(from);
                }
                Opening::No => {}
            }
        }
    }

    fn json(&mut self, node: &Node<'_>, text: &str, at: usize, level: usize) {
        let mut members = Vec::new();
        let mut inner = Vec::new();
        flatten(node, String::new(), "", &mut members, &mut inner);
        let context = text.get(at..).unwrap_or_default();
        self.add(Kind::Json, members, context, "");
        for text in inner {
            self.text(&text, level + 1);
            self.urls(&text, level + 1);
        }
    }

    /// Query and fragment of one URL, and the URL inside when a link scanner wrapped it.
    fn url(&mut self, url: &str, level: usize) {
        if level > MAX_LEVELS {
            return;
        }
        let url = url.replace("&amp;", "&");
        if let Some(inner) = unwrap_link(&url) {
            self.url(&inner, level + 1);
            return;
        }
        let (rest, fragment) = url.split_once('#').unwrap_or((&url, ""));
        let (base, query) = rest.split_once('?').unwrap_or((rest, ""));
        for (kind, parameters) in [(Kind::Query, query), (Kind::Fragment, fragment)] {
            let parameters = parameters.trim_start_matches(['/', '?', '!']);
            if parameters.contains('=') {
                self.parameters(kind, parameters, base, level);
            }
        }
        // A whole URL encoded into another one's path or query by a chat tool.
        if level == 0 && query.is_empty() && url.contains("%3f") | url.contains("%3F") {
            self.url(&percent(&url, false), level + 1);
        }
    }

    fn parameters(&mut self, kind: Kind, parameters: &str, base: &str, level: usize) {
        let mut members = Vec::new();
        for pair in parameters.split('&').take(500) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = percent(key.trim_start_matches("amp;").trim_start_matches(['?', '#']), true);
            if key.is_empty() || key.len() > 100 {
                continue;
            }
            let value = decode_value(value);
            if value.trim_start().starts_with('{') && level < MAX_LEVELS {
                self.text(&value, level + 1);
            } else if carries_link(&key, &value) && level < MAX_LEVELS {
                self.url(&value, level + 1);
            }
            members.push(member("", &key, &value));
        }
        let context = decode_value(cut(parameters, 3 * CONTEXT));
        self.add(kind, members, &context, base);
    }

    /// URLs and bare parameter lists in free text.
    fn urls(&mut self, text: &str, level: usize) {
        static URL: LazyLock<Regex> =
            LazyLock::new(|| pattern(r#"(?i)\bhttps?(?:://|%3a%2f%2f)[^\s"'<>`\\{}|]+"#));
        static BARE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r#"(?i)(?:^|[\s"'(?#&])((?:error|error_description|error_subcode|admin_consent|code|state)=[^\s"'<>]*&[^\s"'<>]+)|[?#](error=[a-z_]{5,40})(?:[\s"'<>)]|$)"#,
            )
        });
        let has_url = text.contains("://") || text.contains("%2f%2f") || text.contains("%2F%2F");
        if level > MAX_LEVELS || !(has_url || text.contains('=')) {
            return;
        }
        let joined = join_broken(text);
        let mut last = 0;
        let mut rest = String::new();
        for hit in URL.find_iter(&joined) {
            // An encoded URL that is the value of a parameter belongs to the list it stands in.
            if joined.get(..hit.start()).is_some_and(|before| before.ends_with('=')) {
                continue;
            }
            rest.push_str(joined.get(last..hit.start()).unwrap_or_default());
            rest.push(' ');
            last = hit.end();
            self.url(hit.as_str().trim_end_matches([')', ']', ',', '.', ';']), level);
        }
        rest.push_str(joined.get(last..).unwrap_or_default());
        if !may_be_bare(&rest) {
            debug_assert!(!BARE.is_match(&rest));
            return;
        }
        for hit in BARE.captures_iter(&rest) {
            let list = hit.get(1).or(hit.get(2)).map_or("", |m| m.as_str()).replace("&amp;", "&");
            self.parameters(Kind::Query, list.trim_end_matches([')', ']', ',', '.', ';']), "", level);
        }
    }

    /// `Name: value` lines of headers that matter.
    fn headers(&mut self, text: &str) {
        static LINE: LazyLock<Regex> = LazyLock::new(|| {
            pattern(
                r"(?im)^[\s<>*|-]*(request-id|client-request-id|x-ms-[a-z-]+|www-authenticate|retry-after|date|location|server|x-feserver|x-beserver|x-calculatedbetarget|x-anchormailbox|x-diaginfo)[ \t]*:[ \t]*(\S.*?)[ \t\r]*$",
            )
        });
        let members: Vec<Member> = LINE
            .captures_iter(text)
            .take(200)
            .filter_map(|c| Some(member("", c.get(1)?.as_str(), c.get(2)?.as_str())))
            .collect();
        for member in members.iter().filter(|m| m.key.eq_ignore_ascii_case("location")) {
            self.url(&member.value, 0);
        }
        let context =
            members.iter().map(|m| format!("{}: {}", m.key, m.value)).collect::<Vec<_>>().join("\n");
        self.add(Kind::Headers, members, &context, "");
    }

    /// A page: its `$Config` and its hidden inputs.
    fn page(&mut self, html: &str) {
        self.config(html);
        self.hidden_inputs(html);
    }

    fn config(&mut self, html: &str) {
        static CONFIG: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:\$Config|\bServerData)\s*=\s*\{"));
        for hit in CONFIG.find_iter(html).take(4) {
            let at = hit.end().saturating_sub(1);
            if let Some(parsed) = json::parse(html.as_bytes(), at) {
                let mut members = Vec::new();
                flatten(&parsed.node, String::new(), "", &mut members, &mut Vec::new());
                let context = html.get(at..).unwrap_or_default();
                self.add(Kind::Config, members, context, "");
            }
        }
    }

    fn hidden_inputs(&mut self, html: &str) {
        static INPUT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)<input\b[^>]+>"));
        let members: Vec<Member> = INPUT
            .find_iter(html)
            .take(200)
            .filter(|hit| {
                attribute(hit.as_str(), "type").is_some_and(|kind| kind.eq_ignore_ascii_case("hidden"))
            })
            .filter_map(|hit| {
                let name = attribute(hit.as_str(), "name")?;
                Some(member("", &name, &attribute(hit.as_str(), "value").unwrap_or_default()))
            })
            .collect();
        let context = members
            .iter()
            .filter(|m| m.key.starts_with("error"))
            .map(|m| format!("{}={}", m.key, m.value))
            .collect::<Vec<_>>();
        self.add(Kind::Hidden, members, &context.join(" "), "");
    }
}

/// False where no `=` follows the name of a parameter that is looked for. Letters beyond ASCII may count as others.
fn may_be_bare(text: &str) -> bool {
    const ENDS: [&str; 5] = ["error", "_description", "code", "consent", "state"];
    let named =
        |at: usize| text.get(..at).is_some_and(|before| ENDS.iter().any(|end| ends_with(before, end)));
    memchr::memchr_iter(b'=', text.as_bytes()).any(named) || !text.is_ascii() && text.contains('=')
}

fn pattern(source: &str) -> Regex {
    super::pattern(source)
}

fn member(path: &str, key: &str, value: &str) -> Member {
    let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let key = key.rsplit('.').next().unwrap_or(key).to_owned();
    Member { key, path, value: value.to_owned(), null: false }
}

fn flatten(node: &Node<'_>, path: String, key: &str, members: &mut Vec<Member>, inner: &mut Vec<String>) {
    if members.len() >= MAX_MEMBERS {
        return;
    }
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match &node.value {
        Value::Object(list) => {
            for (name, child) in list {
                flatten(child, join(name), name, members, inner);
            }
        }
        Value::Array(items) => {
            for (n, child) in items.iter().enumerate() {
                // An element answers to the key of its array.
                flatten(child, join(&n.to_string()), key, members, inner);
            }
        }
        Value::Null => {
            members.push(Member { key: key.to_owned(), path, value: String::new(), null: true });
        }
        Value::Skipped => {}
        Value::Bool(_) | Value::Bare(_) | Value::Str(_) => {
            let value = node.text().unwrap_or_default().into_owned();
            if key.eq_ignore_ascii_case("body") && value.starts_with(['e', 'W']) && !value.contains(' ') {
                // The answers inside a batch may be base64.
                let bytes = decode_base64(&value).unwrap_or_default();
                inner.extend(String::from_utf8(bytes).ok().filter(|text| text.starts_with(['{', '['])));
            }
            if let Some(text) = packed_error(&value) {
                inner.push(text);
            }
            if value.contains('{') || value.contains("://") && value.contains(['?', '#']) {
                inner.push(value.clone());
            }
            members.push(Member { key: key.to_owned(), path, value, null: false });
        }
    }
}

/// An error payload that a vendor's API hands on in base64. A token has dots and is none.
fn packed_error(value: &str) -> Option<String> {
    let fits = value.starts_with("eyJ") && (60..20_000).contains(&value.len()) && !value.contains(['.', ' ']);
    let text = String::from_utf8(fits.then(|| decode_base64(value))??).ok()?;
    (text.starts_with('{') && text.contains("\"error")).then_some(text)
}

enum Opening {
    Plain,
    Escaped(usize),
    No,
}

/// What follows an opening brace: a key, a key in escaped quotes, or something that is no object.
fn opening(bytes: &[u8], from: usize) -> Opening {
    let mut at = from;
    // Line ends inside an escaped text are spelled `\n` or `\r\n`.
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
            Some(b'\\') if matches!(bytes.get(at + 1), Some(b'n' | b'r' | b't')) => at += 2,
            _ => break,
        }
    }
    let start = at;
    while bytes.get(at) == Some(&b'\\') {
        at += 1;
    }
    match (at - start, bytes.get(at)) {
        (0, Some(b'"' | b'\'')) => Opening::Plain,
        (n @ 1..=64, Some(b'"')) => Opening::Escaped(n),
        (0, Some(c)) if c.is_ascii_alphabetic() || *c == b'_' => bare_key(bytes, at),
        _ => Opening::No,
    }
}

/// `{ word:` or `{ word =>`, as consoles print objects.
fn bare_key(bytes: &[u8], from: usize) -> Opening {
    let rest = bytes.get(from..from.saturating_add(60).min(bytes.len())).unwrap_or_default();
    let word = rest.iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-')).count();
    let after = rest.get(word..).unwrap_or_default().trim_ascii_start();
    if after.starts_with(b":") && !after.starts_with(b"::") || after.starts_with(b"=>") {
        Opening::Plain
    } else {
        Opening::No
    }
}

/// End of a text whose quotes carry that many backslashes: the first quote with fewer.
fn escaped_end(bytes: &[u8], from: usize, backslashes: usize) -> usize {
    let mut at = from;
    while let Some(n) = bytes.get(at..).and_then(|rest| memchr::memchr(b'"', rest)) {
        let quote = at + n;
        let before = bytes[..quote].iter().rev().take_while(|c| **c == b'\\').take(65).count();
        if before < backslashes {
            return quote;
        }
        at = quote + 1;
    }
    bytes.len()
}

/// Decodes a parameter value; twice where a tool encoded it twice.
fn decode_value(value: &str) -> String {
    let once = percent(value, true);
    static AGAIN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)%(?:20|3a|2f|0d|0a|27|22|7b|2c|3d|26|2e)"));
    if once.len() < 100_000 && AGAIN.is_match(&once) { percent(&once, true) } else { once }
}

fn percent(text: &str, plus: bool) -> String {
    let text = if plus { text.replace('+', " ") } else { text.to_owned() };
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

fn looks_like_parameters(text: &str) -> bool {
    let head = cut(text, 200);
    head.split_once('=').is_some_and(|(key, _)| {
        !key.is_empty() && key.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-.$%".contains(&c))
    })
}

fn carries_link(key: &str, value: &str) -> bool {
    const KEYS: &[&str] = &[
        "url",
        "u",
        "a",
        "q",
        "target",
        "continue",
        "returnurl",
        "return_url",
        "next",
        "link",
        "redirecturl",
    ];
    value.starts_with("http") && value.contains(['?', '#']) && KEYS.contains(&&*key.to_ascii_lowercase())
}

/// The URL inside the link of a mail scanner.
fn unwrap_link(url: &str) -> Option<String> {
    let lower = cut(url, 300).to_ascii_lowercase();
    if lower.contains("urldefense") && lower.contains("/v3/__") {
        let inner = url.split_once("/v3/__")?.1;
        return Some(urldefense_v3(inner));
    }
    let query = url.split_once('?')?.1;
    let parameter = |key: &str| {
        query
            .split('&')
            .find_map(|p| p.split_once('=').filter(|(k, _)| k.eq_ignore_ascii_case(key)))
            .map(|p| p.1)
    };
    if lower.contains("urldefense") && lower.contains("/v2/") {
        return Some(percent(&parameter("u")?.replace('-', "%").replace('_', "/"), false));
    }
    if lower.contains("safelinks.protection.") {
        return Some(percent(parameter("url")?, false));
    }
    if lower.contains("linkprotect.cudasvc.com") {
        return Some(percent(parameter("a")?, false));
    }
    None
}

/// The third form of Proofpoint's wrapper: each `*` stands for a character that follows behind `__;` in base64, and
/// `**X` for a run of them whose length X tells.
fn urldefense_v3(inner: &str) -> String {
    const LENGTHS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (url, tail) = inner.split_once("__;").unwrap_or((inner, ""));
    let coded = decode_base64(tail.split("!!").next().unwrap_or_default()).unwrap_or_default();
    let hidden = String::from_utf8_lossy(&coded).into_owned();
    if hidden.is_empty() {
        return url.to_owned();
    }
    let mut hidden = hidden.chars();
    let mut out = String::with_capacity(url.len());
    let mut chars = url.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '*' {
            out.push(c);
            continue;
        }
        let mut count = 1;
        if chars.next_if_eq(&'*').is_some() {
            count = chars.next().and_then(|c| LENGTHS.find(c)).map_or(1, |n| n + 2);
        }
        out.extend(hidden.by_ref().take(count));
    }
    out
}

/// Joins URLs that a mail program or ticket broke over lines.
fn join_broken(text: &str) -> Cow<'_, str> {
    if !text.contains('\n') || !text.contains("://") {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut open = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim().trim_start_matches("> ").trim_start_matches('>');
        if open && continues(bare, &out) {
            out.truncate(out.trim_end().len());
            out.push_str(bare);
            out.push('\n');
        } else {
            out.push_str(line);
        }
        let last = bare.rsplit([' ', '\t', '"', '<']).next().unwrap_or_default();
        let in_url = last.contains("://") && last.contains(['?', '#']);
        open = in_url || open && !bare.contains(char::is_whitespace) && !bare.is_empty();
    }
    out.into()
}

fn continues(line: &str, before: &str) -> bool {
    if line.is_empty() || line.contains(char::is_whitespace) || line.contains("://") || line.ends_with(':') {
        return false;
    }
    let cut_off = before.trim_end().ends_with(['=', '&', '%', '+', '-', '?', '#']);
    let parameters = line.contains('&') || line.contains('=') && !line.contains('"');
    cut_off || parameters || line.contains('%') || line.contains('+')
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    static ATTRIBUTE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r#"(?is)\b([a-z_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))"#));
    let hit = ATTRIBUTE
        .captures_iter(tag)
        .find(|c| c.get(1).is_some_and(|m| m.as_str().eq_ignore_ascii_case(name)))?;
    let value = hit.get(2).or_else(|| hit.get(3)).or_else(|| hit.get(4))?;
    Some(entities(value.as_str()))
}

/// The text between the tags of a page, without scripts and styles.
pub(super) fn visible_text(html: &str) -> String {
    static DEAD: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?is)<script\b.*?</script\s*>|<style\b.*?</style\s*>|<!--.*?-->|<script\b.*\z|<style\b.*\z")
    });
    let html =
        if may_be_dead(html) { DEAD.replace_all(html, |_| " ".to_owned()) } else { Cow::Borrowed(html) };
    entities(&without_tags(&html)).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a script, a style or a comment may begin somewhere. A pattern folds case beyond ASCII: "ſ" is an "s".
fn may_be_dead(html: &str) -> bool {
    memchr::memchr_iter(b'<', html.as_bytes()).any(|at| {
        let after = html.as_bytes().get(at + 1..).unwrap_or_default();
        let begins = |word: &[u8]| after.get(..word.len()).is_some_and(|w| w.eq_ignore_ascii_case(word));
        begins(b"script") || begins(b"style") || begins(b"!--") || !after.first().is_some_and(u8::is_ascii)
    })
}

/// A blank in the place of every `<…>`: a page has hundreds, too many to search for with a pattern.
fn without_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = memchr::memchr(b'<', rest.as_bytes())
        && let Some((before, tag)) = rest.split_at_checked(open)
        && let Some(close) = memchr::memchr(b'>', tag.as_bytes())
    {
        out.push_str(before);
        out.push(' ');
        rest = tag.get(close + 1..).unwrap_or_default();
    }
    out + rest
}

/// Undoes the character references that occur in practice.
fn entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    static REFERENCE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,6}));"));
    REFERENCE
        .replace_all(text, |c| {
            let number = match (c.get(1), c.get(2)) {
                (Some(d), _) => d.as_str().parse().ok(),
                (_, Some(h)) => u32::from_str_radix(h.as_str(), 16).ok(),
                _ => None,
            };
            let named = match c.get(3).map(|m| m.as_str()) {
                Some("amp") => Some('&'),
                Some("lt") => Some('<'),
                Some("gt") => Some('>'),
                Some("quot") => Some('"'),
                Some("apos") => Some('\''),
                Some("nbsp") => Some(' '),
                _ => None,
            };
            match number.and_then(char::from_u32).or(named) {
                Some(ch) => ch.to_string(),
                None => c.get(0).map_or("", |m| m.as_str()).to_owned(),
            }
        })
        .into_owned()
}

/// The first `most` bytes, never inside a character.
fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::Views;
    use crate::model::{Event, EventKind, Part, Place};

    fn paste(text: &str) -> Vec<Payload> {
        let event = Event {
            place: Place::default(),
            time: None,
            kind: EventKind::Paste(Part::plain(text.as_bytes(), 0)),
        };
        Views::of(&event).payloads().to_vec()
    }

    fn has(found: &[Payload], path: &str, value: &str) -> bool {
        found.iter().any(|p| p.at(path) == Some(value))
    }

    #[test]
    fn json_in_a_log_string_several_levels_deep() {
        let inner = r#"{"error":"invalid_grant","error_codes":[50173]}"#;
        let one = inner.replace('\\', "\\\\").replace('"', "\\\"");
        let two = one.replace('\\', "\\\\").replace('"', "\\\"");
        for text in [
            format!("ERROR refresh failed: {inner} retry"),
            format!(r#"msg="answer {one}" level=error"#),
            format!(r#"{{"message":"got {one}"}}"#),
            format!(r#"x = "\"{two}\"" after"#),
            format!("cut off: {}", &inner[..40]),
            "{'error': 'invalid_grant', 'claims': None}".to_owned(),
            r#"{"error"=>"invalid_grant"}"#.to_owned(),
            "{ error: 'invalid_grant',\n  suberror: 'bad_token' }".to_owned(),
        ] {
            assert!(has(&paste(&text), "error", "invalid_grant"), "{text}");
        }
    }

    #[test]
    fn urls_however_wrapped() {
        let plain = "https://app.example/cb?error=access_denied&error_subcode=cancel&state=s1";
        let encoded = plain
            .replace(':', "%3A")
            .replace('/', "%2F")
            .replace('?', "%3F")
            .replace('=', "%3D")
            .replace('&', "%26");
        for text in [
            plain.to_owned(),
            plain.replace('&', "&amp;"),
            plain.replace('?', "#"),
            format!(
                "see https://eur01.safelinks.protection.outlook.com/?url={encoded}&data=05&reserved=0 please"
            ),
            format!("https://urldefense.com/v3/__{plain}__;!!x"),
            plain.replace("&error_subcode", "&\nerror_subcode"),
            "the browser showed ?error=access_denied&error_subcode=cancel&state=s1".to_owned(),
        ] {
            assert!(has(&paste(&text), "error_subcode", "cancel"), "{text}");
        }
    }

    #[test]
    fn double_encoded_description() {
        let found = paste(
            "https://app.example/cb?error=x&error_description=AADSTS65004%253a%2BUser%2Bdeclined&state=1",
        );
        assert!(has(&found, "error_description", "AADSTS65004: User declined"), "{found:?}");
    }

    #[test]
    fn pages() {
        let found = paste(
            r#"<!DOCTYPE html><html><script>//<![CDATA[
            $Config={"pgid":"ConvergedError","iErrorCode":50105,"x":{"y":"a};b"},"arr":[1]};
            //]]></script><form><input type="hidden" name="error" value="access_denied&amp;x"/></form></html>"#,
        );
        assert!(has(&found, "iErrorCode", "50105"));
        assert!(has(&found, "x.y", "a};b"));
        assert!(has(&found, "error", "access_denied&x"));
    }

    #[test]
    fn visible_words() {
        let html = "<html><script>AADSTS1</script><p>Need&nbsp;admin <b>approval</b></p></html>";
        assert_eq!(visible_text(html), "Need admin approval");
        let html = "a<STYLE>x</style >b<\u{17F}cript>y</script>c<!-- z -->d<span\n>e</span>f < g";
        assert_eq!(visible_text(html), "a b c d e f < g");
        assert_eq!(visible_text("a<b><script>never closed"), "a");
        assert_eq!(visible_text("a<b <c>d>e"), "a d>e");
    }

    #[test]
    fn hostile_input_ends() {
        for text in ["{\"".repeat(50_000), "{\\\"".repeat(50_000), "{'a':".repeat(50_000), "%".repeat(90_000)]
        {
            let _ = paste(&text);
        }
    }
}
