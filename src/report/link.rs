//! The address of a file, for terminals that open one (OSC 8) and for SARIF.
//!
//! In: the name of an input, which a stranger may have chosen. Out: an address of plain ASCII. Never: a character of the
//! name that could end the address or the escape sequence around it, or a look at the file.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what RFC 3986 leaves unreserved, and the marks of a path. `:` is encoded: it would make a scheme of the first
/// segment.
const PATH: AsciiSet =
    NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b'!');

/// What a terminal needs besides the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links {
    /// This machine, so that a terminal at the other end of a connection does not open its own file of that name.
    pub host: String,
    /// The folder that relative names start from.
    pub folder: String,
}

impl Links {
    /// The address of the file that holds the input; `None` where there is no such file or its name is not shown whole.
    pub(super) fn to(&self, name: &str) -> Option<String> {
        let file = name.split("!/").next().unwrap_or(name);
        if !is_file(file) || file.contains("[redacted") || file.contains("⟨U+") {
            return None;
        }
        let path = if is_absolute(file) { file.to_owned() } else { format!("{}/{file}", self.folder) };
        Some(format!("file://{}{}", self.host, rooted(&path)))
    }
}

/// The name of an input as a URI reference: relative as it was given, or a `file:` address. `None` where it names no file.
pub(crate) fn reference(name: &str) -> Option<String> {
    if !is_file(name) {
        return None;
    }
    if is_absolute(name) {
        return Some(format!("file://{}", rooted(name)));
    }
    Some(utf8_percent_encode(&slashes(name), &PATH).to_string())
}

fn is_file(name: &str) -> bool {
    !matches!(name, "" | "-" | "argument")
}

fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || drive(path)
}

/// `C:\\…` or `C:/…`.
fn drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.get(1) == Some(&b':')
        && matches!(bytes.get(2), Some(b'/' | b'\\'))
}

/// An absolute path below one slash.
fn rooted(path: &str) -> String {
    let path = slashes(path);
    match path.split_once(':').filter(|_| drive(&path)) {
        Some((letter, rest)) => format!("/{letter}:{}", utf8_percent_encode(rest, &PATH)),
        None => format!("/{}", utf8_percent_encode(path.trim_start_matches('/'), &PATH)),
    }
}

/// A backslash parts folders only where the system says so.
fn slashes(path: &str) -> String {
    if cfg!(windows) || drive(path) { path.replace('\\', "/") } else { path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> Links {
        Links { host: "desk".to_owned(), folder: "/home/aki".to_owned() }
    }

    #[test]
    fn a_file_has_an_address() {
        assert_eq!(links().to("a b.har").as_deref(), Some("file://desk/home/aki/a%20b.har"));
        assert_eq!(links().to("/x/é.zip!/in/a.har").as_deref(), Some("file://desk/x/%C3%A9.zip"));
        assert_eq!(links().to("C:\\t\\a.har").as_deref(), Some("file://desk/C:/t/a.har"));
        assert_eq!(reference("a/b#c?d%.har").as_deref(), Some("a/b%23c%3Fd%25.har"));
        assert_eq!(reference("javascript:x").as_deref(), Some("javascript%3Ax"));
        assert_eq!(reference("//evil.example/x").as_deref(), Some("file:///evil.example/x"));
    }

    #[test]
    fn what_is_no_file_has_none() {
        for name in ["-", "argument", "", "x[redacted:token].log"] {
            assert_eq!(links().to(name), None, "{name}");
        }
        assert_eq!(reference("-"), None);
    }

    #[test]
    fn a_hostile_name_stays_inside() {
        let name = "\u{1b}]8;;https://evil.example\u{7}\u{9c}\u{202e}\n x";
        for address in [links().to(name), reference(name)].into_iter().flatten() {
            assert!(address.bytes().all(|b| b.is_ascii_graphic()), "{address}");
            assert!(!address.contains(';') && !address.contains("://evil"), "{address}");
        }
    }
}
