//! Telling random strings from words.

/// Lower-case GUID form with dashes, any case.
pub(super) fn is_guid(s: &str) -> bool {
    let b = s.trim_matches(['{', '}']).as_bytes();
    b.len() == 36
        && b.iter().enumerate().all(|(i, c)| match i {
            8 | 13 | 18 | 23 => *c == b'-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// Share of neighbouring letters and digits, in percent, that differ in class (lower, upper, digit).
fn changes(s: &str) -> usize {
    let classes: Vec<u8> = s.bytes().filter_map(class).collect();
    let n = classes.windows(2).filter(|w| matches!(w, [a, b] if a != b)).count();
    n * 100 / classes.len().saturating_sub(1).max(1)
}

/// Share of characters, in percent, that stand in lower-case stretches of three or more.
fn in_words(s: &str) -> usize {
    let stretches = s.split(|c: char| !c.is_ascii_lowercase()).filter(|w| w.len() >= 3);
    stretches.map(str::len).sum::<usize>() * 100 / s.len().max(1)
}

fn class(b: u8) -> Option<u8> {
    match b {
        b'a'..=b'z' => Some(0),
        b'A'..=b'Z' => Some(1),
        b'0'..=b'9' => Some(2),
        _ => None,
    }
}

/// Letters of both kinds and digits that change as often as in base64.
pub(super) fn looks_random(s: &str) -> bool {
    let digits = s.bytes().filter(u8::is_ascii_digit).count();
    let letters = s.bytes().filter(u8::is_ascii_alphabetic).count();
    let upper = s.bytes().any(|b| b.is_ascii_uppercase());
    let lower = s.bytes().any(|b| b.is_ascii_lowercase());
    if upper && lower {
        return changes(s) >= if digits > 0 { 36 } else { 45 } && in_words(s) < 50;
    }
    digits * 100 >= s.len() * 12 && letters * 100 >= s.len() * 10 && changes(s) >= 28
}

/// A value that is more likely drawn at random than written by a person: for names that may hold either.
pub(super) fn is_opaque(s: &str) -> bool {
    let s = s.trim();
    if s.len() < 12 || s.contains(char::is_whitespace) || s.contains("://") || is_guid(s) || is_address(s) {
        return false;
    }
    let digits = s.bytes().filter(u8::is_ascii_digit).count();
    let letters = s.bytes().filter(u8::is_ascii_alphabetic).count();
    (digits > 0 && letters > 0 && (looks_random(s) || s.len() >= 24)) || (s.len() >= 24 && looks_random(s))
}

fn is_address(s: &str) -> bool {
    let plain = s.replace("%2540", "@").replace("%40", "@").replace("\\u0040", "@");
    let Some((local, domain)) = plain.split_once('@') else { return false };
    !local.is_empty() && domain.contains('.') && !domain.contains('@')
}

/// Pieces of hex no longer than an id, or words: trace ids, GUID chains, snake and kebab names.
pub(super) fn is_ids_or_words(s: &str) -> bool {
    if is_nearly_guid(s) {
        return true;
    }
    s.split(['-', '_', '.', '/', '+', '=', '~']).all(|piece| {
        let hex = piece.len() <= 32 && piece.bytes().all(|b| b.is_ascii_hexdigit());
        hex || is_word(piece)
    })
}

/// A GUID that somebody garbled to hide it: the groups are there, the digits are not all hex.
fn is_nearly_guid(s: &str) -> bool {
    let groups: Vec<usize> = s.split('-').map(str::len).collect();
    let lower = s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    lower && matches!(groups.as_slice(), [6..=10, 3..=5, 3..=5, 3..=5, 10..=14])
}

fn is_word(piece: &str) -> bool {
    let digits = piece.bytes().filter(u8::is_ascii_digit).count();
    piece.len() <= 3 || (changes(piece) < 30 && digits * 4 <= piece.len())
}

/// An unbroken string that nobody should see printed: long and random.
pub(super) fn is_secret_run(s: &str) -> bool {
    let body = s.trim_end_matches('=');
    if body.len() < 32 || is_ids_or_words(body) {
        return false;
    }
    let hex = body.bytes().all(|b| b.is_ascii_hexdigit());
    let letters = body.bytes().filter(u8::is_ascii_alphabetic).count() * 100 / body.len();
    if hex { body.len() >= 40 && (10..=88).contains(&letters) } else { looks_random(body) }
}

/// Authorization codes as opposed to error codes (`50105`, `ErrorItemNotFound`, `invalid_grant`, `0x80041011`).
pub(super) fn is_authorization_code(s: &str) -> bool {
    let known = ["0.A", "1.A", "M.", "OAQ", "4/0", "AQAB", "eyJ", "def50200"];
    if known.iter().any(|p| s.starts_with(p)) && s.len() >= 8 {
        return true;
    }
    is_guid(s) || is_opaque(s)
}

/// Error codes, numbers and statuses, which `code=` may hold as well.
pub(super) fn is_error_code(s: &str) -> bool {
    let word = s.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.' | b'-' | b':'));
    let hex = s.strip_prefix("0x").unwrap_or(s);
    let number =
        hex.len() <= 10 && hex.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'.' | b'-' | b','));
    let prefixed = s.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '-');
    let tail =
        prefixed.len() < s.len() && prefixed.len() <= 9 && prefixed.bytes().all(|b| b.is_ascii_digit());
    // Words run together, with a digit among them: `RequestFromNonPremiumTenantOrB2CTenant`.
    let spoken =
        in_words(s) >= 60 && s.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    number || tail || spoken || (word && !(s.len() >= 20 && changes(s) >= 45))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_error_codes() {
        assert!(is_error_code("Authentication_RequestFromNonPremiumTenantOrB2CTenant"));
        assert!(!is_error_code("fV0DvKp2mQ8xYtR4nWc7"));
    }

    #[test]
    fn ids_are_not_secrets() {
        for s in [
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "11111111-2222-3333-4444-555555555555",
            "OFFICE_ERROR_REST_API_NOT_ENABLED_FOR_COMPONENT_SHARED_MAILBOX",
            "MailboxNotEnabledForRESTAPIAndSomeMoreWordsInCamelCase",
            "OAuth2IdPAuthCodeRedemptionUserError",
            "Win2k16LSARollupUpdateNotInstalled",
            "Microsoft.Identity.Client.MsalUiRequiredException",
            "common/oauth2/v2.0/authorize/of/a/very/long/path",
        ] {
            assert!(!is_secret_run(s), "{s}");
        }
    }

    #[test]
    fn random_strings_are() {
        assert!(is_secret_run("q7Zk2LmX9vB4nR8sT1wY6cJ3hG5dF0pA7eU2iO9k"));
        assert!(is_secret_run("3f786850e387550fdab836ed7e6dc881de23001b"));
    }

    #[test]
    fn codes() {
        for s in [
            "50105",
            "ErrorItemNotFound",
            "invalid_grant",
            "0x80041011",
            "80041011",
            "AADSTS50105",
            "IDX14100",
            "5.7.139",
        ] {
            assert!(is_error_code(s), "{s}");
            assert!(!is_authorization_code(s), "{s}");
        }
        assert!(is_authorization_code("M.C507_BAY.2.U.11111111-2222-3333-4444-555555555555"));
    }
}
