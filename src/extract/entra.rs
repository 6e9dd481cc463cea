//! Entra codes.
//!
//! In: views. Out: `entra-code`, `entra-envelope`, `entra-guess`, `unknown-code`. Never: digits that merely look like
//! a code: they count next to `AADSTS`, in a field that holds nothing else, or next to sign-in words and known.

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::knowledge;
use crate::model::FactName;

use super::passing::is_mention;
use super::payload::{Kind, Payload};
use super::sink::Facts;
use super::text::{Text, about_microsoft, around, line_of};
use super::view::{ViewAt, Views};
use crate::pattern::Regex;

/// Codes that only say that something about the credentials was wrong; the one beside it says what.
const ENVELOPES: &[&str] = &["70002", "70000"];

pub(super) fn extract(views: &Views<'_>, facts: &mut Facts<'_>) {
    for text in views.texts() {
        described(&text, facts);
        numbered(&text, facts);
        localised(&text, facts);
        guessed(&text, facts);
        business_to_consumer(&text, facts);
    }
    for payload in views.payloads() {
        members(views, payload, facts);
    }
    telemetry(views, facts);
}

struct Hit<'t> {
    digits: &'t str,
    start: usize,
    end: usize,
}

/// Codes spelled with their prefix, grouped by description.
fn described(text: &Text<'_>, facts: &mut Facts<'_>) {
    let mut group: Vec<Hit<'_>> = Vec::new();
    for hit in spelled(&text.text) {
        if is_mention(&text.text, hit.start, hit.end) {
            continue;
        }
        let apart = group.last().is_some_and(|last: &Hit<'_>| {
            ends_description(text.text.get(last.end..hit.start).unwrap_or_default())
        });
        if apart {
            keep_group(&group, text, facts);
            group.clear();
        }
        group.push(hit);
    }
    keep_group(&group, text, facts);
}

/// Every code with its prefix that is not part of an identifier.
fn spelled(text: &str) -> Vec<Hit<'_>> {
    static CODE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(r#"(?i)AADSTS(?:[ \t]*(?:error)?[ \t]*(?:code)?[ \t]*[:#=-]?[ \t]*['"]?)\d+"#)
    });
    CODE.find_iter(text)
        .filter_map(|all| {
            // Nothing before the digits at the end of a match is one.
            let digits = all.as_str().trim_start_matches(|c: char| !c.is_ascii_digit());
            let fits = (4..=8).contains(&digits.len())
                && starts_word(text, all.start())
                && ends_word(text, all.end());
            fits.then_some(Hit { digits, start: all.start(), end: all.end() })
        })
        .collect()
}

/// True where a word begins: also after an escaped line end (`\n`) or a percent code (`%3a`).
fn starts_word(text: &str, at: usize) -> bool {
    let before = &text.as_bytes()[..at];
    match before {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => true,
        [.., c] => !c.is_ascii_alphanumeric() && *c != b'_',
        [] => true,
    }
}

fn ends_word(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_none_or(|c| !c.is_ascii_alphanumeric() && *c != b'_')
}

/// True where the text between two codes closes the first one's description.
fn ends_description(between: &str) -> bool {
    static END: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\n|\\n|%0a|trace[ +]id|correlation[ +]id|timestamp|"error|error_description|</"#,
        )
    });
    END.is_match(between)
}

/// One description: its specific code, and the envelopes around it.
fn keep_group(group: &[Hit<'_>], text: &Text<'_>, facts: &mut Facts<'_>) {
    let specific =
        group.iter().rev().find(|h| !ENVELOPES.contains(&h.digits)).or(group.last()).map(|h| h.digits);
    for hit in group {
        let context = around(&text.text, hit.start, hit.end);
        let needle = text.text.get(hit.start..hit.end).unwrap_or(hit.digits);
        if Some(hit.digits) == specific {
            keep(hit.digits, needle, context, text, facts);
        } else {
            facts.add(FactName::EntraEnvelope, hit.digits, text.view.part, needle, context);
        }
    }
}

fn keep(digits: &str, needle: &str, context: &str, text: &Text<'_>, facts: &mut Facts<'_>) {
    let part = text.view.part;
    facts.add(FactName::EntraCode, digits, part, needle, context);
    if knowledge::entra(digits).is_none() {
        facts.add(FactName::UnknownCode, format!("AADSTS{digits}"), part, needle, context);
    }
}

/// Known digits after the words "error code", where the line is about signing in.
fn numbered(text: &Text<'_>, facts: &mut Facts<'_>) {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)\b(?:error|failure|status|result)(?:\(s\)|[ _-]?(?:codes?|number|type)?\b)["'\\]*\s*(?:[:=#]|=>|is)?\s*["'(\[\\]*(\d{5,8})\b"#,
        )
    });
    static SIGN_IN: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)sign[ -]?in|signing in|log[ -]?in|logon|entra|azure|\baad|microsoft|oauth|msal|adal|conditional access|consent|token|correlation ?id",
        )
    });
    static ENTRA: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)sign[ -]?in|entra|azure|\baad|microsoft|msal|adal|conditional access|consent|error_codes|correlation ?id",
        )
    });
    if text.text.len() > 200_000 {
        return;
    }
    let mut hits = NUMBER.captures_iter(&text.text).peekable();
    if hits.peek().is_none() || !SIGN_IN.is_match(&text.text) {
        return;
    }
    for c in hits {
        let (Some(all), Some(digits)) = (c.get(0), c.get(1)) else { continue };
        let near = around(&text.text, all.start(), all.end());
        let line = line_of(&text.text, all.start());
        let says = ENTRA.is_match(line) || ENTRA.is_match(near);
        if says && knowledge::entra(digits.as_str()).is_some() {
            facts.add(FactName::EntraCode, digits.as_str(), text.view.part, digits.as_str(), near);
        }
    }
}

/// Known digits after "error code" in the language of the page that somebody pasted, where an id stands near: the page
/// lists both.
fn localised(text: &Text<'_>, facts: &mut Facts<'_>) {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)(?:fehlercode|code d.erreur|c[oó]digo (?:de|do) erro?r?|codice (?:di )?errore|foutcode|felkod|fe[ij]lkode|virhekoodi|kod błędu|kód chyby|hata kodu|код ошибки|エラー ?コード|错误代码|錯誤碼|오류 코드)\s*[:：=]?\s*(\d{5,8})\b",
        )
    });
    static ID: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|microsoft"));
    if text.view.at != ViewAt::Paste || text.text.len() > 200_000 || !ID.is_match(&text.text) {
        return;
    }
    for c in NUMBER.captures_iter(&text.text) {
        let (Some(all), Some(digits)) = (c.get(0), c.get(1)) else { continue };
        if knowledge::entra(digits.as_str()).is_some() {
            let near = around(&text.text, all.start(), all.end());
            facts.add(FactName::EntraCode, digits.as_str(), text.view.part, digits.as_str(), near);
        }
    }
}

/// Codes misread by character recognition, mistyped, or with a digit masked; only when the table has exactly one.
fn guessed(text: &Text<'_>, facts: &mut Facts<'_>) {
    static NOISY: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)A?[A4]D[S5$]?[T7][S5$]{0,2}[ :]{0,2}[0-9OILSBZX*?•]{4,8}"));
    if !may_be_noisy(&text.text) {
        debug_assert!(!NOISY.is_match(&text.text));
        return;
    }
    for all in NOISY.find_iter(&text.text) {
        let exact = all.as_str().get(..6).is_some_and(|p| p.eq_ignore_ascii_case("AADSTS"))
            && all.as_str().bytes().skip(6).all(|b| b.is_ascii_digit() || b" :".contains(&b));
        if exact || !starts_word(&text.text, all.start()) {
            continue;
        }
        if !ends_word(&text.text, all.end()) || is_mention(&text.text, all.start(), all.end()) {
            continue;
        }
        if let Some(digits) = confirmed(all.as_str()) {
            let context = around(&text.text, all.start(), all.end());
            facts.add(FactName::EntraGuess, digits, text.view.part, all.as_str(), context);
        }
    }
}

/// False where no letters stand as they do in the prefix, noisy or not. Letters beyond ASCII may count as others.
fn may_be_noisy(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = |at: usize| at.checked_sub(1).and_then(|n| bytes.get(n)).is_some_and(|b| b"aA4".contains(b));
    let goes_on = |at: usize| match bytes.get(at + 1) {
        Some(b't' | b'T' | b'7') => true,
        Some(b's' | b'S' | b'5' | b'$') => bytes.get(at + 2).is_some_and(|b| b"tT7".contains(b)),
        _ => false,
    };
    !text.is_ascii() || memchr::memchr2_iter(b'd', b'D', bytes).any(|at| begins(at) && goes_on(at))
}

/// The one known code that the noisy word can mean.
fn confirmed(word: &str) -> Option<String> {
    static PREFIX: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"(?i)^A?[A4]D[S5$]?[T7]"));
    let rest = word.get(PREFIX.find(word)?.end()..)?;
    let mut found: Vec<String> = Vec::new();
    // The last letter of the prefix may have become a digit or be gone.
    for skip in 0..=1 {
        let tail: String = rest.chars().skip(skip).filter(|c| !" :".contains(*c)).collect();
        let head_fits = skip == 0 || rest.starts_with(['S', 's', '5', '$']);
        if head_fits {
            candidates(&tail, &mut found);
        }
    }
    found.dedup();
    if let [one] = &*found { Some(one.clone()) } else { None }
}

fn candidates(tail: &str, found: &mut Vec<String>) {
    let read: String = tail.chars().map(|c| digit_of(c).unwrap_or('*')).collect();
    let masked = read.matches('*').count();
    if !(5..=8).contains(&read.chars().count()) || masked > 1 {
        return;
    }
    let tries: Vec<String> = match masked {
        0 => vec![read],
        _ => (0..10).map(|n| read.replace('*', &n.to_string())).collect(),
    };
    found.extend(tries.into_iter().filter(|digits| knowledge::entra(digits).is_some()));
}

fn digit_of(c: char) -> Option<char> {
    match c.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        'Z' => Some('2'),
        'S' => Some('5'),
        'B' => Some('8'),
        d if d.is_ascii_digit() => Some(d),
        _ => None,
    }
}

/// Codes of the consumer-facing directory, which no table here explains.
fn business_to_consumer(text: &Text<'_>, facts: &mut Facts<'_>) {
    static CODE: LazyLock<Regex> = LazyLock::new(|| super::pattern(r"\bAADB2C\d{5}\b"));
    for hit in CODE.find_iter(&text.text) {
        let context = around(&text.text, hit.start(), hit.end());
        facts.add(FactName::UnknownCode, hit.as_str(), text.view.part, hit.as_str(), context);
    }
}

/// Codes in fields that hold nothing else.
fn members(views: &Views<'_>, payload: &Payload, facts: &mut Facts<'_>) {
    let part = views.view_of(payload).part;
    let spelled_out = payload.members.iter().any(|m| {
        m.key.eq_ignore_ascii_case("error_description") && m.value.to_ascii_uppercase().contains("AADSTS")
    });
    let ours = from_microsoft(views, payload);
    let mut codes: Vec<&str> = Vec::new();
    for member in &payload.members {
        let key = member.key.to_ascii_lowercase();
        let value = member.value.trim();
        let found = match &*key {
            "error_codes" if !spelled_out => digits(value),
            "error_uri" if !spelled_out => coded_uri(value),
            "serrorcode" | "ierrorcode" if ours => digits(value),
            "errorcode" | "resulttype" | "sign-in error code" | "errornumber" | "error_code" if ours => {
                digits(value).filter(|d| knowledge::entra(d).is_some())
            }
            _ => None,
        };
        if let Some(found) = found.filter(|d| !codes.contains(d)) {
            codes.push(found);
        }
    }
    let specific =
        codes.iter().rev().find(|d| !ENVELOPES.contains(d)).or(codes.last()).copied().unwrap_or_default();
    for code in codes {
        let name = if code == specific { FactName::EntraCode } else { FactName::EntraEnvelope };
        let context = told(payload, code);
        facts.add(name, code, part, code, &context);
        if code == specific && knowledge::entra(code).is_none() {
            facts.add(FactName::UnknownCode, format!("AADSTS{code}"), part, code, &context);
        }
    }
}

/// What a page says of its code; of other payloads the text around, with the code in sight.
fn told<'p>(payload: &'p Payload, code: &str) -> Cow<'p, str> {
    const MESSAGES: [&str; 5] =
        ["strServiceExceptionMessage", "sErrTxt", "strMainMessage", "strAdditionalMessage", "strError"];
    if payload.kind != Kind::Config {
        // A long record is cut before its code: then the field that holds it leads.
        let field = payload.members.iter().find(|m| m.value.trim() == code);
        return match field.filter(|_| !payload.context.contains(code)) {
            Some(member) => Cow::Owned(format!("{}: {code} · {}", member.key, payload.context)),
            None => Cow::Borrowed(&payload.context),
        };
    }
    let said: Vec<&str> =
        MESSAGES.iter().filter_map(|key| payload.get(key)).filter(|m| !m.is_empty()).collect();
    let key = if payload.get("iErrorCode") == Some(code) { "iErrorCode" } else { "sErrorCode" };
    Cow::Owned(format!("{key}: {code} {}", said.join(" · ")).trim().to_owned())
}

/// Four to eight digits and nothing else, not zero.
fn digits(value: &str) -> Option<&str> {
    let value = value.strip_prefix("AADSTS").unwrap_or(value);
    let fits = (4..=8).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit());
    // Codes of personal accounts are hexadecimal and begin with 8004.
    (fits && !(value.len() == 8 && value.starts_with("8004")) && !value.starts_with('0')).then_some(value)
}

fn coded_uri(uri: &str) -> Option<&str> {
    let (host, code) = uri.split_once("code=")?;
    let end = code.find(|c: char| !c.is_ascii_digit()).unwrap_or(code.len());
    host.contains("microsoft").then(|| digits(&code[..end])).flatten()
}

/// True where the members come from Microsoft's sign-in: by host, or by the company they keep.
fn from_microsoft(views: &Views<'_>, payload: &Payload) -> bool {
    const COMPANY: &[&str] = &[
        "userPrincipalName",
        "appDisplayName",
        "correlationId",
        "correlation_id",
        "LogonError",
        "pgid",
        "Username",
        "UserPrincipalName",
        "resultDescription",
        "failureReason",
        "trace_id",
    ];
    if views.as_exchange().is_some() {
        return views.endpoint.is_microsoft();
    }
    payload.kind == Kind::Config
        || COMPANY.iter().any(|key| payload.get(key).is_some())
        || about_microsoft(&payload.context)
}

/// `x-ms-clitelem: 1,50173,0,…`: the second field is the code, even when the body is lost.
fn telemetry(views: &Views<'_>, facts: &mut Facts<'_>) {
    let code_of = |value: &str| value.split(',').nth(1).and_then(|c| digits(c.trim())).map(str::to_owned);
    if let Some(view) = views.response_header("x-ms-clitelem")
        && let Some(code) = code_of(&view.text)
    {
        facts.add(FactName::EntraCode, code.clone(), view.part, &code, &view.text);
    }
    for payload in views.payloads().iter().filter(|p| p.kind == Kind::Headers) {
        let Some(value) = payload.get("x-ms-clitelem") else { continue };
        if let Some(code) = code_of(value) {
            facts.add(FactName::EntraCode, code.clone(), views.view_of(payload).part, &code, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{exchange, facts_of, paste};
    use super::*;

    fn of(text: &str, name: FactName) -> Vec<String> {
        facts_of(&paste(text), extract).into_iter().filter(|(n, _)| *n == name).map(|(_, v)| v).collect()
    }

    #[test]
    fn spellings() {
        for text in [
            "AADSTS50105: The signed in user is not assigned",
            "aadsts50105",
            "AADSTS: 50105 x",
            r#"{"error":"x","error_codes":[50105]}"#,
            r#"got {\"error_description\":\"x\",\"error_codes\":[50105]}"#,
            "https://app.example/cb?error=access_denied&error_description=AADSTS50105%3a+The+user&state=1",
            "cb?error=access_denied&error_uri=https%3A%2F%2Flogin.microsoftonline.com%2Ferror%3Fcode%3D50105&state=1",
            "Azure sign-in failed, error code: 50105",
            r#"<html><script>$Config={"pgid":"ConvergedError","iErrorCode":50105};</script></html>"#,
            r"trace\nAADSTS50105: x",
            "Fehlercode: 50105\nKorrelations-ID: 11111111-2222-4333-8444-555555555555",
            "エラー コード：50105\n関連付け ID: 11111111-2222-4333-8444-555555555555",
            "Code d’erreur : 50105\nID de corrélation : 11111111-2222-4333-8444-555555555555",
        ] {
            assert_eq!(of(text, FactName::EntraCode), ["50105"], "{text}");
        }
    }

    #[test]
    fn longest_digits_and_identifiers() {
        assert_eq!(of("AADSTS500201: x", FactName::EntraCode), ["500201"]);
        for text in [
            "at Contoso.Errors.HandleAADSTS50105Async()",
            "AADSTS50105Handler",
            "Exit code 50105",
            "Invoice 50105, error code 50105 in shop",
            "Rechnung 50105, Fehlercode: 50105 im Laden",
            "AADSTS501",
        ] {
            assert!(of(text, FactName::EntraCode).is_empty(), "{text}");
        }
    }

    #[test]
    fn envelope_and_specific() {
        let one =
            "AADSTS70002: Error validating credentials. AADSTS50012: Invalid client secret.\r\nTrace ID: x";
        assert_eq!(of(one, FactName::EntraCode), ["50012"]);
        assert_eq!(of(one, FactName::EntraEnvelope), ["70002"]);
        let two = "AADSTS65001: no consent\nAADSTS50105: not assigned";
        assert_eq!(of(two, FactName::EntraCode), ["65001", "50105"]);
        assert!(of(two, FactName::EntraEnvelope).is_empty());
        assert_eq!(of("AADSTS70002: Error validating credentials.", FactName::EntraCode), ["70002"]);
        assert_eq!(of(r#"{"error":"x","error_codes":[70002,50012]}"#, FactName::EntraCode), ["50012"]);
    }

    #[test]
    fn unknown_and_guessed() {
        assert_eq!(of("AADSTS1234567: new", FactName::UnknownCode), ["AADSTS1234567"]);
        for text in ["AADST550105: x", "AADSTS5O105 x", "AADST50105: x", "AADSTSS0105"] {
            assert_eq!(of(text, FactName::EntraGuess), ["50105"], "{text}");
            assert!(of(text, FactName::EntraCode).is_empty(), "{text}");
        }
        assert!(of("AADSTSXX105", FactName::EntraGuess).is_empty());
    }

    #[test]
    fn mail_contents_and_help_pages_are_no_errors() {
        let mail = r#"{"value":[{"subject":"AADSTS50105: please help"}]}"#;
        let event =
            exchange("GET", "https://graph.microsoft.com/v1.0/me/messages", 200, "application/json", mail);
        assert!(facts_of(&event, extract).is_empty());
        let help = "<html><p>AADSTS50105 means</p></html>";
        let event = exchange("GET", "https://knowledge.vendor.example/errors", 200, "text/html", help);
        assert!(facts_of(&event, extract).is_empty());
        let event =
            exchange("GET", "https://app.vendor.example/a.js", 200, "text/javascript", "x='AADSTS50105'");
        assert!(facts_of(&event, extract).is_empty());
    }
}
