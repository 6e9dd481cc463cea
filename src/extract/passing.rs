//! Codes that a text merely mentions: in source code, test names, tables of meanings, subjects of mail.
//!
//! In: a text and where a code stands in it. Out: whether the code is a mention. Never: an error message, however it
//! is quoted.

use std::sync::LazyLock;

use super::text::{first_line, line_of, line_start};
use crate::pattern::Regex;

/// True where the code at `start..end` does not report that anything failed.
pub(super) fn is_mention(text: &str, start: usize, end: usize) -> bool {
    let from = line_start(text, start);
    let line = first_line(text.get(from..).unwrap_or_default());
    let before = text.get(from..start).unwrap_or_default();
    let after = first_line(text.get(end..).unwrap_or_default());
    in_source(before, after) || is_key(before, after) || in_subject(before) || in_notes(line)
}

/// A literal that a program compares with: `indexOf('AADSTS65001')`, `'AADSTS65001' in err`, `case "AADSTS65001":`.
fn in_source(before: &str, after: &str) -> bool {
    static OPENS: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r#"(?i)(?:\b(?:indexOf|includes?|contains|startsWith|starts_with|endsWith|match(?:es)?|test|search|equals|find|has|strpos|stripos|str_contains|instr)\(\s*(?:[\w$.>-]+\s*,\s*)?|[=!]==?\s*|-(?:eq|like|match)\s+|\bcase\s+|\bif\s+|\bwhen\s+)[brf@]?["'`/]\^?\*?$"#,
        )
    });
    static CLOSES: LazyLock<Regex> = LazyLock::new(|| super::pattern(r#"^:?\*?["'`]\s+(?:not\s+)?in\s+\w"#));
    ends_open(before) && OPENS.is_match(before)
        || before.ends_with(['"', '\'', '`']) && may_close(after) && CLOSES.is_match(after)
}

/// True where a quote, and white space, follow: most texts go on otherwise.
fn may_close(after: &str) -> bool {
    let after = after.trim_start_matches([':', '*']);
    after.strip_prefix(['"', '\'', '`']).is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// True where a literal or a regular expression has just begun: most mentions are told apart by that alone.
fn ends_open(before: &str) -> bool {
    let before = before.strip_suffix('*').unwrap_or(before);
    before.strip_suffix('^').unwrap_or(before).ends_with(['"', '\'', '`', '/'])
}

/// A name in a program's text: `except ErrorItemNotFound:`, `ErrorItemNotFound = 3`.
pub(super) fn is_name(text: &str, start: usize, end: usize) -> bool {
    static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?:\bexcept\s+\(?|\bcatch\s*\(|\binstanceof\s+|\bimport\s+|[=!]==?\s*[\x22']|\bcase\s+[\x22']?)(?:\w+,\s*){0,6}$",
        )
    });
    let before = text.get(line_start(text, start)..start).unwrap_or_default();
    in_notes(line_of(text, start))
        || may_lead_in(before) && BEFORE.is_match(before)
        || is_numbered(text.get(end..).unwrap_or_default())
}

/// `= 3` follows.
fn is_numbered(after: &str) -> bool {
    let value = after.trim_start().strip_prefix('=').map(str::trim_start);
    value.is_some_and(|value| value.starts_with(|c: char| c.is_ascii_digit()))
}

/// False where the text does not end as what comes before a name does.
fn may_lead_in(before: &str) -> bool {
    let bare = before.trim_end();
    if let Some(rest) = bare.strip_suffix(['"', '\'']).map(str::trim_end) {
        return rest.ends_with('=') || rest.ends_with("case");
    }
    bare.ends_with([',', '(']) || bare.ends_with(['t', 'f', 'e']) && bare.len() < before.len()
}

/// The key of a dictionary of messages: `AADSTS50034: 'no such user'`, `'AADSTS50034' => "…"`.
fn is_key(before: &str, after: &str) -> bool {
    static KEY: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r#"^(?:["'`]\]?\s*(?::|=>|=)\s*[brf]?["'`]|\s*(?::|=>)\s*["'`])"#));
    let may_be = after.trim_start().starts_with(['"', '\'', '`', ':', '=']);
    may_be && begins_item(before) && KEY.is_match(after)
}

/// True where the text, but for one quote, ends with the beginning of a line or of an item of a list.
fn begins_item(before: &str) -> bool {
    let before = before.strip_suffix(['"', '\'', '`']).unwrap_or(before).trim_end();
    before.is_empty() || before.ends_with(['{', ',', '(', '['])
}

/// What somebody wrote a mail about.
fn in_subject(before: &str) -> bool {
    static SUBJECT: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r#"(?i)\\?"(?:subject|bodyPreview|snippet)\\?"\s*:\s*\\?"[^"\\]*$"#));
    SUBJECT.is_match(before)
}

/// Whether the line begins with a sign, or with the first letter of one of the words, of which a note begins.
fn may_be_note(line: &str) -> bool {
    line.trim_start().starts_with(|c: char| !c.is_ascii() || "-*+|itdsfcrITDSFCR".contains(c))
}

/// A note of a changelog, the name of a test, or a row of a table of meanings.
fn in_notes(line: &str) -> bool {
    static NOTE: LazyLock<Regex> = LazyLock::new(|| {
        super::pattern(
            r"(?i)^\s*(?:[-*+•] (?:\[?v?\d+(?:\.\d+)+\]?:? )?(?:fix(?:e[sd])?|add(?:s|ed)?|handle[sd]?|support(?:s|ed)?|improve[sd]?|document(?:s|ed)?|update[sd]?|change[sd]?|remove[sd]?|retry|refactor(?:s|ed)?|feat|chore|docs)\b|(?:✕|✓|√|✔|✗|×) |(?:it|test|describe|should)\(|(?:feat|fix|docs|chore|test|refactor)(?:\([^)]{0,40}\))?!?: )",
        )
    });
    static ROW: LazyLock<Regex> =
        LazyLock::new(|| super::pattern(r"(?i)^\s*\|\s*[`*]{0,3}AADSTS\d{4,8}[`*]{0,3}\s*\|[^|]{3,}\|"));
    if !may_be_note(line) {
        debug_assert!(!NOTE.is_match(line) && !ROW.is_match(line));
        return false;
    }
    NOTE.is_match(line) || ROW.is_match(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is(source: &str, text: &str) -> bool {
        regex::Regex::new(source).expect("a pattern").is_match(text)
    }

    proptest! {
        /// What was a pattern once, and is one still where its first letters fit.
        #[test]
        fn told_apart_as_by_patterns(text in r#"[\n :=>x3"'`({,]{0,6}(?:except |case|==|in|\*|- fix|Feat: |w, )?[ "'`(=x3,\u{b}é]{0,5}"#) {
            prop_assert_eq!(begins_item(&text), is(r#"(?:^\s*|[{,(\[]\s*)["'`]?$"#, &text));
            prop_assert_eq!(is_numbered(&text), is(r"^\s*=\s*[0-9]", &text));
            let lead_in = r"(?:\bexcept\s+\(?|\bcatch\s*\(|\binstanceof\s+|\bimport\s+|[=!]==?\s*[\x22']|\bcase\s+[\x22']?)(?:\w+,\s*){0,6}$";
            prop_assert!(may_lead_in(&text) || !is(lead_in, &text));
            prop_assert!(may_close(&text) || !is(r#"^:?\*?["'`]\s+(?:not\s+)?in\s+\w"#, &text));
            prop_assert!(may_be_note(&text) || !is(r"(?i)^\s*(?:[-*+•] |(?:it|test|describe|should)\(|\||(?:feat|fix|docs|chore|test|refactor)!?: )", &text));
        }
    }

    fn mentioned(text: &str) -> bool {
        let start = text.find("AADSTS").unwrap();
        let digits = text[start + 6..].bytes().take_while(u8::is_ascii_digit).count();
        is_mention(text, start, start + 6 + digits)
    }

    #[test]
    fn mentions() {
        for text in [
            "if (e.message.indexOf('AADSTS65001') > -1) retry();",
            "if 'AADSTS70008' in str(err):",
            "  case \"AADSTS50076\":",
            "if ($_.Exception.Message -like \"*AADSTS50076*\")",
            "const TEXTS = { AADSTS50034: 'no such user' };",
            "  'AADSTS50034' => 'no such user',",
            "- 4.2.1 Fix handling of AADSTS50058 in the silent flow (#812)",
            "- handle AADSTS50058 in the silent flow",
            "fix(auth): retry after AADSTS50058",
            "| AADSTS50105 | the user is not assigned |",
            "  ✕ handles AADSTS50011 (12 ms)",
            r#"{"value":[{"subject":"Re: AADSTS50105 in production"}]}"#,
        ] {
            assert!(mentioned(text), "{text}");
        }
    }

    #[test]
    fn names() {
        let name = "ErrorItemNotFound";
        for (text, wanted) in [
            ("except ErrorItemNotFound:", true),
            ("except (KeyError, ErrorItemNotFound):", true),
            ("enum E { None = 0, ErrorItemNotFound = 3 }", true),
            ("if (e.code === 'ErrorItemNotFound') {", true),
            ("code: 'ErrorItemNotFound'", false),
            ("raised ErrorItemNotFound: not found", false),
        ] {
            let start = text.find(name).unwrap();
            assert_eq!(is_name(text, start, start + name.len()), wanted, "{text}");
        }
    }

    #[test]
    fn errors() {
        for text in [
            "AADSTS50105: The signed in user is not assigned",
            r#"{"error_description":"AADSTS50105: The signed in user"}"#,
            r#"{"code":"AADSTS50105","message":"x"}"#,
            r#""AADSTS65001: The user or administrator has not consented""#,
            "- AADSTS50105: The signed in user is not assigned",
            "Error: 'AADSTS50105: The signed in user'",
            "Authentication fails with error AADSTS50105",
            "ERROR update failed: AADSTS50076: you must use multi-factor authentication",
        ] {
            assert!(!mentioned(text), "{text}");
        }
    }
}
