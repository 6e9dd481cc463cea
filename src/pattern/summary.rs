//! Which words a short text may hold, told without searching it again for each.
//!
//! In: a text, then words. Out: false where a word does not stand in the text; true where it may. A summary is one flag
//! for every three neighbouring letters, and one for every two and every single one as soon as a word is asked for that
//! is no longer; letter case aside. Where there is a lexicon of all words ([`super::lexicon`]), the text is read with it in
//! their place. The patterns meet the same few texts one after the other, so every thread keeps what it made last.
//! Never: false for a word that stands there.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use super::lexicon::{self, EIGHT, Lexicon, Places, Standing};

/// Longest text that is summarised: in a longer one, most bits would be set.
pub(super) const LONGEST: usize = 6 * 1024;
/// Flags for groups of three letters. Bytes, not bits: to set one need not wait for the one before.
const LONG: usize = 1 << 12;
/// Flags for groups of one or two.
const SHORT: usize = 1 << 11;
/// Summaries kept by a thread.
const KEPT: usize = 64;
/// Texts of which others are taken for stretches.
const ROOTS: usize = 4;
/// A shorter text is read as fast as it is looked for.
const SHORTEST_COPY: usize = 48;
/// Places where it is looked for.
const MOST_LOOKS: usize = 64;

/// The groups of letters of a text.
pub(super) struct Summary {
    /// Filled when it is asked for.
    long: Box<[bool; LONG]>,
    is_long_filled: bool,
    short: OnceCell<[bool; SHORT]>,
    text: Vec<u8>,
    /// The text in lower case, and room behind it for a lexicon.
    lower: Vec<u8>,
    ascii: bool,
    folded: bool,
    standing: Standing,
    /// The text was read with the lexicon that the thread holds.
    is_read: bool,
    /// Where it lay.
    address: usize,
}

/// What a thread keeps.
struct Kept {
    texts: Vec<Summary>,
    lexicon: Option<Arc<Lexicon>>,
    /// The texts that were read last, by their place in `texts`.
    read: [usize; ROOTS],
}

impl Summary {
    fn new() -> Summary {
        Summary {
            long: Box::new([false; LONG]),
            is_long_filled: false,
            short: OnceCell::new(),
            text: Vec::new(),
            lower: Vec::new(),
            ascii: true,
            folded: false,
            standing: Standing::default(),
            is_read: false,
            address: 0,
        }
    }

    fn fill(&mut self, text: &str) {
        self.text.clear();
        self.text.extend_from_slice(text.as_bytes());
        self.lower.clear();
        self.lower.extend_from_slice(text.as_bytes());
        self.lower.make_ascii_lowercase();
        self.lower.extend_from_slice(&[0; EIGHT]);
        self.ascii = text.is_ascii();
        self.folded = super::words::has_folded(text);
        self.short = OnceCell::new();
        self.is_long_filled = false;
        self.is_read = false;
        self.address = text.as_ptr() as usize;
    }

    fn fill_long(&mut self) {
        if std::mem::replace(&mut self.is_long_filled, true) {
            return;
        }
        *self.long = [false; LONG];
        let lower = self.lower.get(..self.text.len()).unwrap_or_default();
        for group in lower.windows(3) {
            self.long[three(group[0], group[1], group[2])] = true;
        }
    }

    /// Where in the other text this one stands, by where they lie and what they say.
    fn stretch_of(&self, other: &Summary) -> Option<usize> {
        if !other.is_read || self.text.len() < SHORTEST_COPY {
            return None;
        }
        let stands_at = |start: &usize| other.text.get(*start..start + self.text.len()) == Some(&self.text);
        let start = self.address.checked_sub(other.address).filter(stands_at);
        start.or_else(|| {
            // A copy, such as a member of what is logged: to look for it takes less than to read it.
            let room = other.text.len().checked_sub(self.text.len())?;
            let firsts = memchr::memchr_iter(*self.text.first()?, other.text.get(..=room)?);
            firsts.take(MOST_LOOKS).find(stands_at)
        })
    }

    pub(super) fn lower(&self) -> &[u8] {
        self.lower.get(..self.text.len()).unwrap_or_default()
    }

    fn short(&self) -> &[bool; SHORT] {
        self.short.get_or_init(|| {
            let mut bits = [false; SHORT];
            self.lower().iter().for_each(|a| bits[one(*a)] = true);
            self.lower().windows(2).for_each(|group| bits[two(group[0], group[1])] = true);
            bits
        })
    }

    pub(super) fn may_hold(&self, groups: &Groups) -> bool {
        let held = |bits: &[bool], bit: &u16| bits.get(usize::from(*bit)).is_some_and(|held| *held);
        match groups {
            Groups::Long(all) => all.iter().all(|bit| held(&*self.long, bit)),
            Groups::Short(bit) => held(self.short(), bit),
            Groups::None => true,
        }
    }

    pub(super) fn is_ascii(&self) -> bool {
        self.ascii
    }

    /// The text holds letters that only Unicode takes for others without case.
    pub(super) fn is_folded(&self) -> bool {
        self.folded
    }
}

/// The bits of a word.
#[derive(Debug)]
pub(super) enum Groups {
    Long(Box<[u16]>),
    Short(u16),
    None,
}

/// The bits of a word in lower case.
pub(super) fn groups(word: &[u8]) -> Groups {
    let bit = |bit: usize| u16::try_from(bit).unwrap_or_default();
    match *word {
        [] => Groups::None,
        [a] => Groups::Short(bit(one(a))),
        [a, b] => Groups::Short(bit(two(a, b))),
        _ => Groups::Long(word.windows(3).map(|w| bit(three(w[0], w[1], w[2]))).collect()),
    }
}

fn one(a: u8) -> usize {
    usize::from(a)
}

fn two(a: u8, b: u8) -> usize {
    (usize::from(a).wrapping_mul(0x9E5) ^ usize::from(b).wrapping_mul(0x2F)) % (SHORT / 2) + SHORT / 2
}

fn three(a: u8, b: u8, c: u8) -> usize {
    let (a, b, c) = (usize::from(a), usize::from(b), usize::from(c));
    (a.wrapping_mul(0x1F35) ^ b.wrapping_mul(0x3B5) ^ c.wrapping_mul(0x67)) % LONG
}

/// Where a pattern may match in a text, and whether the text is of ASCII alone; `None` where the words have to be asked for
/// one by one.
pub(super) fn places(text: &str, entry: usize) -> Option<(Places, bool)> {
    with_lexicon(text, entry, |lexicon, summary| {
        // Other letters count as some of ASCII: no word can be missed for it.
        let places =
            if summary.folded { Places::Anywhere } else { lexicon.places(entry, summary, &summary.standing) };
        (places, summary.ascii)
    })
}

/// Leaves of what was asked for only what may match in the text, as far as that can be told of all at once.
pub(super) fn retain<T>(text: &str, asked: &mut Vec<T>, entry_of: impl Fn(&T) -> Option<usize>) {
    of(text, |kept, place| {
        let Some(lexicon) = kept.lexicon.take() else { return };
        kept.read(&lexicon, place);
        if let Some(text) = kept.texts.get(place).filter(|text| !text.folded) {
            let may = |entry| !lexicon.knows(entry) || lexicon.may_match(entry, text, &text.standing);
            asked.retain(|one| entry_of(one).is_none_or(may));
        }
        kept.lexicon = Some(lexicon);
    });
}

/// Calls with the number, within that list, of every word that stands in the text; `None` where they have to be asked for.
pub(super) fn each(text: &str, entry: usize, found: impl FnMut(usize)) -> Option<()> {
    with_lexicon(text, entry, |lexicon, summary| lexicon.each(entry, &summary.standing, found))
}

fn with_lexicon<T>(text: &str, entry: usize, question: impl FnOnce(&Lexicon, &Summary) -> T) -> Option<T> {
    let answer = of(text, |kept, place| {
        // Lent, as to count its holders makes the threads wait for one another.
        let lexicon = kept.lexicon.take()?;
        let answer = lexicon.knows(entry).then(|| {
            kept.read(&lexicon, place);
            kept.texts.get(place).map(|text| question(&lexicon, text))
        });
        kept.lexicon = Some(lexicon);
        answer.flatten()
    });
    if answer.is_none() {
        lexicon::want();
    }
    answer
}

impl Kept {
    /// Reads the text in that place, unless it is read; a stretch of another one is known from that.
    fn read(&mut self, lexicon: &Lexicon, place: usize) {
        let Some(text) = self.texts.get_mut(place).filter(|text| !text.is_read) else { return };
        let mut standing = std::mem::take(&mut text.standing);
        let Some(text) = self.texts.get(place) else { return };
        let roots = self.read.iter().filter_map(|root| self.texts.get(*root));
        let whole = roots.filter_map(|root| Some((root, text.stretch_of(root)?))).next();
        match whole {
            Some((root, start)) => {
                lexicon.derive(&root.standing, start, start + text.text.len(), &mut standing)
            }
            None => {
                lexicon.read(&text.lower, &mut standing);
                self.read.rotate_right(1);
                self.read[0] = place;
            }
        }
        if let Some(text) = self.texts.get_mut(place) {
            text.standing = standing;
            text.is_read = true;
        }
    }
}

/// Asks the summary of a text, which is made unless it is kept.
pub(super) fn ask<T>(text: &str, question: impl FnOnce(&Summary) -> T) -> T {
    of(text, |kept, place| {
        let summary = &mut kept.texts[place];
        summary.fill_long();
        question(summary)
    })
}

/// What is kept of a text, or made now, and its place there.
fn of<T>(text: &str, with: impl FnOnce(&mut Kept, usize) -> T) -> T {
    thread_local! {
        static KEPT_HERE: RefCell<Kept> =
            const { RefCell::new(Kept { texts: Vec::new(), lexicon: None, read: [0; ROOTS] }) };
    }
    KEPT_HERE.with_borrow_mut(|kept| {
        if kept.texts.is_empty() {
            kept.texts.resize_with(KEPT, Summary::new);
        }
        if lexicon::renew(&mut kept.lexicon) {
            kept.texts.iter_mut().for_each(|summary| summary.is_read = false);
        }
        // Where a text lies finds its summary; the summary is its own only if the text is the same.
        let place = (text.as_ptr() as usize / 8 + text.len().wrapping_mul(31)) % KEPT;
        let summary = &mut kept.texts[place];
        if summary.text != text.as_bytes() {
            summary.fill(text);
        }
        with(kept, place)
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
