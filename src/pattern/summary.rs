//! Which words a short text may hold, told without searching it again for each.
//!
//! In: a text, then words. Out: false where a word does not stand in the text; true where it may. A summary is one bit
//! for every three neighbouring letters (two, or one, for shorter words), letter case aside. The patterns meet the same
//! few texts one after the other, so every thread keeps the summaries that it made last. Never: false for a word that
//! stands there.

use std::cell::RefCell;

/// Longest text that is summarised: in a longer one, most bits would be set.
pub(super) const LONGEST: usize = 6 * 1024;
/// Bits for each size of group.
const BITS: usize = 1 << 13;
/// Summaries kept by a thread.
const KEPT: usize = 64;

/// The groups of letters of a text.
pub(super) struct Summary {
    bits: [u64; BITS / 64],
    text: Vec<u8>,
    ascii: bool,
    folded: bool,
}

impl Summary {
    fn new() -> Summary {
        Summary { bits: [0; BITS / 64], text: Vec::new(), ascii: true, folded: false }
    }

    fn fill(&mut self, text: &str) {
        self.bits = [0; BITS / 64];
        self.text.clear();
        self.text.extend_from_slice(text.as_bytes());
        self.ascii = text.is_ascii();
        self.folded = super::words::has_folded(text);
        let (mut second, mut first) = (0, 0);
        for (n, byte) in text.bytes().enumerate() {
            let byte = usize::from(byte.to_ascii_lowercase());
            self.set(one(byte));
            if n > 0 {
                self.set(two(first, byte));
            }
            if n > 1 {
                self.set(three(second, first, byte));
            }
            (second, first) = (first, byte);
        }
    }

    fn set(&mut self, bit: usize) {
        self.bits[bit / 64] |= 1 << (bit % 64);
    }

    pub(super) fn may_hold(&self, groups: &[u16]) -> bool {
        groups.iter().all(|bit| {
            let bit = usize::from(*bit);
            self.bits.get(bit / 64).is_some_and(|word| word & (1 << (bit % 64)) != 0)
        })
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// The text holds letters that only Unicode takes for others without case.
    pub(super) fn is_folded(&self) -> bool {
        self.folded
    }
}

/// The bits of a word in lower case.
pub(super) fn groups(word: &[u8]) -> Box<[u16]> {
    let bits: Vec<usize> = match *word {
        [] => Vec::new(),
        [a] => vec![one(a.into())],
        [a, b] => vec![two(a.into(), b.into())],
        _ => word.windows(3).map(|w| three(w[0].into(), w[1].into(), w[2].into())).collect(),
    };
    bits.into_iter().filter_map(|bit| u16::try_from(bit).ok()).collect()
}

fn one(a: usize) -> usize {
    a
}

fn two(a: usize, b: usize) -> usize {
    (a.wrapping_mul(0x9E5) ^ b.wrapping_mul(0x2F)) % (BITS / 4) + BITS / 4
}

fn three(a: usize, b: usize, c: usize) -> usize {
    (a.wrapping_mul(0x1F35) ^ b.wrapping_mul(0x3B5) ^ c.wrapping_mul(0x67)) % (BITS / 2) + BITS / 2
}

/// Asks the summary of a text, which is made unless it is kept.
pub(super) fn ask<T>(text: &str, question: impl FnOnce(&Summary) -> T) -> T {
    thread_local! {
        static LAST: RefCell<Vec<Summary>> = const { RefCell::new(Vec::new()) };
    }
    LAST.with_borrow_mut(|kept| {
        if kept.is_empty() {
            kept.resize_with(KEPT, Summary::new);
        }
        // Where a text lies finds its summary; the summary is its own only if the text is the same.
        let place = (text.as_ptr() as usize / 8 + text.len().wrapping_mul(31)) % KEPT;
        let summary = &mut kept[place];
        if summary.text != text.as_bytes() {
            summary.fill(text);
        }
        question(summary)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_word_of_a_text_is_missed(text in "[ -~é]{0,80}", from in 0usize..80, length in 0usize..12) {
            let (from, to) = (from.min(text.len()), (from + length).min(text.len()));
            let word = text.as_bytes()[from..to].to_ascii_lowercase();
            prop_assert!(ask(&text, |summary| summary.may_hold(&groups(&word))));
        }
    }

    #[test]
    fn other_words_are_told_apart() {
        let text = "2026-03-02 ERROR GET https://graph.microsoft.com/v1.0/me/calendars failed with 404";
        for word in ["aadsts", "declined", "mailbox", "zz", "~"] {
            assert!(!ask(text, |summary| summary.may_hold(&groups(word.as_bytes()))), "{word}");
        }
        assert!(ask("", |summary| !summary.may_hold(&groups(b"a")) && summary.may_hold(&groups(b""))));
    }

    #[test]
    fn a_text_that_changed_in_place_is_summarised_again() {
        let mut text = String::from("first");
        assert!(ask(&text, |summary| summary.may_hold(&groups(b"first"))));
        text.replace_range(.., "other");
        assert!(ask(&text, |summary| !summary.may_hold(&groups(b"first"))));
    }
}
