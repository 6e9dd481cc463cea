//! What a mail client says of itself when it signs in with a token.
//!
//! In: a secret that was found, in base64. Out: the same, with the account still in it and only its token replaced, as
//! RFC 7628 and `XOAUTH2` write it: who signed in, and with which claims, is what a mail log tells. Never: a response
//! whose token was not recognised; that stays hidden as a whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::engine;
use super::kind::{Finding, is_mark};
use crate::decode::decode_base64;

/// Shortest response that names an account and a token.
const SHORTEST: usize = 24;

/// `raw` with marks in its token, made by `mark` from the plain response and what is secret in it; `rest` hides what
/// follows the base64. `None` where it is no such response.
pub(super) fn redacted(
    raw: &str,
    mut mark: impl FnMut(&str, Vec<Finding>) -> String,
    rest: impl FnOnce(&str) -> String,
) -> Option<String> {
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    let len = raw.bytes().take_while(|b| base64(b)).count();
    let (response, after) = raw.split_at_checked(len).filter(|_| len >= SHORTEST)?;
    let plain = String::from_utf8(decode_base64(response)?).ok()?;
    if !(plain.starts_with("user=") || plain.starts_with("n,")) || token(&plain).is_none() {
        return None;
    }
    let found = engine::findings(&plain);
    let kept = if found.is_empty() { plain } else { mark(&plain, found) };
    let hidden = token(&kept).is_some_and(is_mark);
    let mut signs = after.chars();
    let after = match signs.next() {
        Some(sign) if !signs.as_str().is_empty() && !is_mark(signs.as_str()) => {
            format!("{sign}{}", rest(signs.as_str()))
        }
        _ => after.to_owned(),
    };
    hidden.then(|| STANDARD.encode(kept) + &after)
}

/// The token of a response.
fn token(response: &str) -> Option<&str> {
    response.split('\u{1}').find_map(|part| part.strip_prefix("auth=Bearer "))
}
