//! Texts of inputs inside Markdown, CSV and HTML, for every output that writes one of these.
//!
//! In: a text of any kind. Out: the text so written that it is only text. Never: a mark, a link, a formula or an element
//! that came from an input.

use super::plain;

/// A field of CSV. One that would begin a formula is led by an apostrophe; so is one that hides it behind blanks, which
/// some spreadsheets trim, or that uses the full-width form of the sign.
pub(crate) fn csv(text: &str) -> String {
    const SIGNS: [char; 10] = ['=', '+', '-', '@', '|', '%', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    let formula = text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(SIGNS);
    let text = plain::block(text);
    let lead = if formula { "'" } else { "" };
    let field = format!("{lead}{}", text.replace('"', "\"\""));
    if text.contains(['"', ',', '\n', ';']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{field}\"")
    } else {
        field
    }
}

/// Text as text, in content and in a quoted attribute alike.
pub(crate) fn html(text: &str) -> String {
    let text = plain::block(text);
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '`' => out.push_str("&#96;"),
            c => out.push(c),
        }
    }
    out
}

/// Text that stands in Markdown as itself: every mark escaped, no line break. What a viewer would make a link or a
/// mention of becomes a code span, because viewers look for links after they have undone escapes.
pub(crate) fn markdown(text: &str) -> String {
    let text = plain::line(text);
    let text = text.trim();
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|c: char| !links(c)).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(run);
        let bare = head.trim_matches(['(', ')', ',', '.', ';', '\'', '"', '{', '}']);
        if is_link(bare) {
            let at = head.find(bare).unwrap_or(0);
            marks(head.get(..at).unwrap_or_default(), out.is_empty(), &mut out);
            out.push_str(&format!("`{bare}`"));
            marks(head.get(at + bare.len()..).unwrap_or_default(), false, &mut out);
        } else {
            marks(head, out.is_empty(), &mut out);
        }
        let next = tail.chars().next().map_or(0, char::len_utf8);
        let (between, after) = tail.split_at(next);
        marks(between, out.is_empty(), &mut out);
        rest = after;
    }
    out
}

/// Characters of which links and mentions consist.
fn links(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '|' | '`')
}

fn is_link(run: &str) -> bool {
    let lower = run.to_ascii_lowercase();
    run.contains("://")
        || run.contains('@')
        || lower.contains("www.")
        || lower.contains("mailto:")
        || lower.contains("xmpp:")
}

/// Escapes the marks of Markdown in a piece of text; some are marks only where the text begins.
fn marks(piece: &str, start: bool, out: &mut String) {
    let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
    for (n, c) in piece.char_indices() {
        let begins = start && n == 0 && matches!(c, '+' | '-' | '=' | '>');
        let numbers = start && digits > 0 && n == digits && matches!(c, '.' | ')');
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '|' | '*' | '_' | '`' | '[' | ']' | '~' | '#' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if begins || numbers => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_is_a_formula() {
        assert_eq!(csv("=cmd()"), "'=cmd()");
        assert_eq!(csv("\t=1"), "\"' =1\"");
        assert_eq!(csv("@a,b"), "\"'@a,b\"");
        assert_eq!(csv("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(csv("1. a\n2. b"), "\"1. a\n2. b\"");
        assert_eq!(csv("+1"), "'+1");
        assert_eq!(csv("\u{ff1d}1"), "'\u{ff1d}1");
        assert_eq!(csv("plain"), "plain");
    }

    #[test]
    fn text_stays_text() {
        assert_eq!(html("<a b='c' d=\"`\">&amp;"), "&lt;a b=&#39;c&#39; d=&quot;&#96;&quot;&gt;&amp;amp;");
        assert_eq!(html("\u{202e}\u{1b}"), "⟨U+202E⟩⟨U+001B⟩");
    }

    #[test]
    fn marks_stand_for_themselves() {
        assert_eq!(markdown("a|b *c* _d_ `e` [f](g)"), "a\\|b \\*c\\* \\_d\\_ \\`e\\` \\[f\\](g)");
        assert_eq!(markdown("# x"), "\\# x");
        assert_eq!(markdown("1. x"), "1\\. x");
        assert_eq!(markdown("- x > y"), "\\- x > y");
        assert_eq!(markdown("<b>&lt;\nx"), "&lt;b>&amp;lt; x");
    }

    #[test]
    fn links_become_code() {
        assert_eq!(markdown("see https://a.example/x_y."), "see `https://a.example/x_y`.");
        assert_eq!(
            markdown("(aki@contoso.example)、www.a.example"),
            "(`aki@contoso.example`)、`www.a.example`"
        );
        assert_eq!(markdown("@everyone `@here`"), "`@everyone` \\``@here`\\`");
    }
}
