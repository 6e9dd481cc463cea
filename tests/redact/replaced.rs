//! What a redaction replaced.
//!
//! In: a text and its redacted copy. Out: the parts that are gone. Never: a judgement about them.

/// What stood where a redacted copy has its marks; `None` where the two differ in anything else (a body in base64 that
/// was packed anew).
pub(crate) fn replaced<'t>(text: &'t str, copy: &str) -> Option<Vec<&'t str>> {
    let (mut out, mut at) = (Vec::new(), 0);
    for (n, part) in copy.split("redacted~").enumerate() {
        let rest = &text[at..];
        // `kind~length~number`
        let mark = part.splitn(3, '~').map(str::len).take(2).map(|len| len + 1).sum::<usize>();
        let number = part.get(mark..).unwrap_or_default();
        let kept = if n == 0 { part } else { number.trim_start_matches(|c: char| c.is_ascii_digit()) };
        let found = if n == 0 { rest.starts_with(kept).then_some(0) } else { rest.find(kept) }?;
        if n > 0 {
            out.push(&rest[..found]);
        }
        at += found + kept.len();
    }
    Some(out)
}

/// A sign that gives a text its structure stood within a secret: the file is damaged there, the secret was replaced as a
/// whole, and what is left may read differently.
pub(crate) fn structure_went(text: &str, copy: &str) -> bool {
    let signs = ['"', '\\', '{', '}', '[', ']', '<', '>', '\n'];
    replaced(text, copy).is_some_and(|all| all.iter().any(|secret| secret.contains(signs)))
}
