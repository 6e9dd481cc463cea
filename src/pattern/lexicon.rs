//! The words of all patterns, to be found in a text in one pass.
//!
//! In: what every pattern needs, as it is first asked for; then texts in lower case. Out: which words stand in a text, and
//! where ([`Standing`]). Built when enough texts were asked one word after the other to be worth it, and again when many
//! patterns have come since. Never: a word that is missed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::summary::Summary;
use super::words::{Heads, Need, SHORTEST_HEAD, Word};

/// Texts, or questions of patterns that are not in it, after which the lexicon is built.
const ENOUGH: usize = if cfg!(debug_assertions) { 8 } else { 512 };
/// Flags for groups of three letters, and lists of the words that have them.
const FLAGS: usize = 1 << 16;
const LISTS: usize = 1 << 12;

/// What is asked of texts.
#[derive(Clone)]
enum Asked {
    Pattern { need: Arc<Need>, heads: Option<Arc<[String]>> },
    Words(Arc<[Word]>),
}

/// All that was asked so far, and what came of it.
struct Shelf {
    asked: Vec<Asked>,
    built: Option<Arc<Lexicon>>,
}

static SHELF: Mutex<Shelf> = Mutex::new(Shelf { asked: Vec::new(), built: None });
/// Counts the lexicons; 0: none yet.
static EDITION: AtomicUsize = AtomicUsize::new(0);
/// Questions that would have been answered faster with another lexicon.
static WANTED: AtomicUsize = AtomicUsize::new(0);

fn put(asked: Asked) -> usize {
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    shelf.asked.push(asked);
    shelf.asked.len() - 1
}

/// The number under which a lexicon knows the pattern.
pub(super) fn enter(need: Arc<Need>, heads: Heads) -> usize {
    put(Asked::Pattern { need, heads: heads.map(Arc::from) })
}

/// The number under which a lexicon knows the words.
pub(super) fn enter_words(words: Arc<[Word]>) -> usize {
    put(Asked::Words(words))
}

/// Brings a thread's copy up to date; true where it is another one now.
pub(super) fn renew(held: &mut Option<Arc<Lexicon>>) -> bool {
    let edition = EDITION.load(Ordering::Acquire);
    if held.as_ref().map_or(0, |lexicon| lexicon.edition) == edition {
        return false;
    }
    held.clone_from(&SHELF.lock().unwrap_or_else(PoisonError::into_inner).built);
    true
}

/// A question was answered the slow way.
pub(super) fn want() {
    // Every edition takes twice as much asking as the one before, so that they are few.
    let enough = ENOUGH << EDITION.load(Ordering::Relaxed).min(16);
    if WANTED.fetch_add(1, Ordering::Relaxed) + 1 < enough {
        return;
    }
    let Ok(mut shelf) = SHELF.try_lock() else { return };
    if WANTED.swap(0, Ordering::Relaxed) >= enough {
        let edition = EDITION.load(Ordering::Relaxed) + 1;
        shelf.built = Some(Arc::new(Lexicon::build(&shelf.asked, edition)));
        EDITION.store(edition, Ordering::Release);
    }
}

/// A set of words by number: of 64 neighbours those that are in it, where there is one.
struct Set(Vec<(usize, u64)>);

/// What a text must hold; see [`Need`].
enum Term {
    Word(usize),
    /// Too short to be in the table, and to be missing from many texts.
    Short,
    Beyond,
    All(Vec<Term>),
    Any(Set, Vec<Term>),
}

/// A word; its first eight letters to be compared at once.
#[derive(Clone, Default)]
struct Letters {
    first: u64,
    mask: u64,
    all: Box<[u8]>,
}

impl Letters {
    fn of(word: &[u8]) -> Letters {
        let mut first = [0; EIGHT];
        first.iter_mut().zip(word).for_each(|(to, from)| *to = *from);
        let missing = EIGHT.saturating_sub(word.len());
        Letters { first: u64::from_le_bytes(first), mask: u64::MAX >> (8 * missing), all: word.into() }
    }

    /// Whether a text, with [`EIGHT`] bytes behind its end, has the word there.
    fn stand_at(&self, start: usize, padded: &[u8]) -> bool {
        let Some(bytes) = padded.get(start..).and_then(|rest| rest.first_chunk::<EIGHT>()) else {
            return false;
        };
        u64::from_le_bytes(*bytes) & self.mask == self.first
            && (self.all.len() <= EIGHT
                || padded.get(start + EIGHT..).is_some_and(|rest| rest.starts_with(&self.all[EIGHT..])))
    }
}

/// Bytes that stand behind the text that is read.
pub(super) const EIGHT: usize = 8;

/// A word that has these three letters at this offset, and the next such word.
struct Link {
    group: u32,
    word: u16,
    offset: u16,
    next: u16,
}

enum Entry {
    Pattern {
        term: Term,
        /// The words that begin a match.
        heads: Option<Set>,
    },
    /// For every word its numbers in the list.
    Words(Vec<Vec<usize>>),
}

pub(super) struct Lexicon {
    edition: usize,
    words: Vec<Letters>,
    /// Whether some word has the group of three letters; most groups of a text are in none.
    flags: Box<[u64; FLAGS / 64]>,
    /// For every group of three letters the first link; 0 is none.
    table: Box<[u16]>,
    links: Vec<Link>,
    entries: Vec<Entry>,
    /// For every word the entries of which it is a first word: one of those has to stand in a text, and most texts lack
    /// them all.
    leads: Vec<Vec<usize>>,
    /// The entries without such words, as a set.
    unled: Vec<u64>,
}

/// The words that stand in a text.
#[derive(Default)]
pub(super) struct Standing {
    set: Vec<u64>,
    /// The entries of which a first word stands, or which have none.
    led: Vec<u64>,
    /// In the order in which they were found.
    hits: Vec<Hit>,
    /// For every word that stands, its hit that was found last.
    last: Vec<u32>,
}

struct Hit {
    word: u16,
    start: u16,
    end: u16,
    /// The hit of the same word that was found before; [`NONE`] where this is the first.
    before: u32,
}

const NONE: u32 = u32::MAX;

/// Where a pattern may match.
pub(super) enum Places {
    Nowhere,
    Anywhere,
    /// Nowhere but where one of these bytes is the first.
    At(Starts),
}

/// The first bytes of possible matches, in order.
#[derive(Clone, Copy)]
pub(super) struct Starts {
    list: [u16; Starts::MOST],
    count: usize,
}

impl Starts {
    /// With more, one search over all of the text is the faster one.
    const MOST: usize = 15;

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.list.iter().take(self.count).map(|start| usize::from(*start))
    }
}

/// Where the flag of a group of three letters stands.
fn flag_of(group: u32) -> usize {
    (group.wrapping_mul(0x9E37_79B1) >> 16) as usize
}

/// How often a byte stands in logs, roughly: digits and the letters of hexadecimal numbers fill them.
fn how_common(byte: u8) -> usize {
    const COMMONEST: &[u8] = b"0123456789 eaotinrsdclbfhupmg-/:.\"wv_kyx";
    COMMONEST.iter().rev().position(|b| *b == byte).map_or(0, |n| n + 1)
}

impl Set {
    fn of(words: impl Iterator<Item = usize>) -> Set {
        let mut set = BTreeMap::new();
        words.for_each(|word| *set.entry(word / 64).or_default() |= 1 << (word % 64));
        Set(set.into_iter().collect())
    }

    /// Those that stand in the text.
    fn in_text<'s>(&'s self, text: &'s Standing) -> impl Iterator<Item = usize> + 's {
        self.0.iter().flat_map(|(place, bits)| {
            each_bit(*place, bits & text.set.get(*place).copied().unwrap_or_default())
        })
    }

    /// True where one of them stands in the text.
    fn meets(&self, text: &Standing) -> bool {
        self.0.iter().any(|(place, bits)| text.set.get(*place).is_some_and(|standing| standing & bits != 0))
    }
}

/// The numbers that are set among 64 neighbours.
fn each_bit(place: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(place * 64 + bit)
    })
}

impl Standing {
    fn holds(&self, word: usize) -> bool {
        self.set.get(word / 64).is_some_and(|bits| bits >> (word % 64) & 1 == 1)
    }
}

impl Lexicon {
    fn build(asked: &[Asked], edition: usize) -> Lexicon {
        let mut numbers = BTreeMap::new();
        for asked in asked {
            match asked {
                Asked::Pattern { need, heads } => {
                    each_word_of(need, &mut |word| number(word, &mut numbers));
                    let heads = heads.iter().flat_map(|heads| heads.iter());
                    heads.for_each(|head| number(head.as_bytes(), &mut numbers));
                }
                Asked::Words(words) => words.iter().for_each(|word| number(word.as_bytes(), &mut numbers)),
            }
        }
        let mut words = vec![Letters::default(); numbers.len()];
        for (word, n) in &numbers {
            if let Some(place) = words.get_mut(*n) {
                *place = Letters::of(word);
            }
        }
        let entries = asked.iter().map(|asked| entry(asked, &numbers)).collect();
        let mut lexicon = Lexicon {
            edition,
            words,
            flags: Box::new([0; FLAGS / 64]),
            table: vec![0; LISTS].into(),
            links: Vec::new(),
            entries,
            leads: vec![Vec::new(); numbers.len()],
            unled: vec![0; asked.len().div_ceil(64)],
        };
        lexicon.link();
        lexicon.lead(asked, &numbers);
        lexicon
    }

    /// Puts every word under the rarest three letters that it has.
    fn link(&mut self) {
        self.links.push(Link { group: 0, word: 0, offset: 0, next: 0 });
        for (n, word) in self.words.iter().enumerate() {
            let cost = |group: &[u8]| group.iter().map(|byte| how_common(*byte)).sum::<usize>();
            let Some((offset, group)) = word.all.windows(3).enumerate().min_by_key(|(_, group)| cost(group))
            else {
                continue;
            };
            let group = u32::from_be_bytes([0, group[0], group[1], group[2]]);
            let flag = flag_of(group);
            self.flags[flag / 64] |= 1 << (flag % 64);
            let first = &mut self.table[flag % LISTS];
            // A few thousand words: their numbers fit.
            let small = |n: usize| u16::try_from(n).unwrap_or_default();
            let link = Link { group, word: small(n), offset: small(offset), next: *first };
            *first = small(self.links.len());
            self.links.push(link);
        }
    }

    fn lead(&mut self, asked: &[Asked], numbers: &BTreeMap<&[u8], usize>) {
        for (n, asked) in asked.iter().enumerate() {
            let Asked::Pattern { need, .. } = asked else { continue };
            let first = first_of(need).and_then(|first| {
                first.into_iter().map(|word| numbers.get(word).copied()).collect::<Option<Vec<usize>>>()
            });
            match first {
                Some(first) => first.into_iter().for_each(|word| self.leads[word].push(n)),
                None => self.unled[n / 64] |= 1 << (n % 64),
            }
        }
    }

    fn note(&self, number: u16, start: u16, end: u16, standing: &mut Standing) {
        let word = usize::from(number);
        let (Some(place), Some(last)) = (standing.set.get_mut(word / 64), standing.last.get_mut(word)) else {
            return;
        };
        let mut before = *last;
        *last = u32::try_from(standing.hits.len()).unwrap_or(NONE);
        if *place >> (word % 64) & 1 == 0 {
            *place |= 1 << (word % 64);
            let leads = self.leads.get(word).map(Vec::as_slice).unwrap_or_default();
            leads.iter().for_each(|entry| standing.led[entry / 64] |= 1 << (entry % 64));
            before = NONE;
        }
        standing.hits.push(Hit { word: number, start, end, before });
    }

    fn clear(&self, standing: &mut Standing) {
        standing.hits.clear();
        standing.set.clear();
        standing.set.resize(self.words.len().div_ceil(64), 0);
        standing.led.clone_from(&self.unled);
        // Only the numbers of words that stand are read.
        standing.last.resize(self.words.len(), NONE);
    }

    pub(super) fn knows(&self, entry: usize) -> bool {
        entry < self.entries.len()
    }

    /// Finds the words of a text in lower case, with [`EIGHT`] bytes of no word behind its end.
    pub(super) fn read(&self, padded: &[u8], standing: &mut Standing) {
        self.clear(standing);
        let mut group = 0;
        for (end, byte) in padded.iter().enumerate() {
            group = (group << 8 | u32::from(*byte)) & 0xFF_FFFF;
            let flag = flag_of(group);
            if self.flags[flag / 64] >> (flag % 64) & 1 == 1 {
                self.look_up(group, end, padded, standing);
            }
        }
    }

    /// As [`Lexicon::read`], for a stretch of a text that was read.
    pub(super) fn derive(&self, from: &Standing, start: usize, end: usize, standing: &mut Standing) {
        self.clear(standing);
        let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        let (start, end) = (small(start), small(end));
        for hit in from.hits.iter().filter(|hit| hit.start >= start && hit.end <= end) {
            self.note(hit.word, hit.start - start, hit.end - start, standing);
        }
    }

    /// Looks for the words that have the group which ends at this byte.
    fn look_up(&self, group: u32, end: usize, padded: &[u8], standing: &mut Standing) {
        let mut next = self.table[flag_of(group) % LISTS];
        while next != 0
            && let Some(link) = self.links.get(usize::from(next))
        {
            next = link.next;
            let word = usize::from(link.word);
            if link.group != group {
                continue;
            }
            let Some(start) = (end + 1).checked_sub(3 + usize::from(link.offset)) else { continue };
            let Some(letters) = self.words.get(word) else { continue };
            if letters.stand_at(start, padded) {
                let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
                self.note(link.word, small(start), small(start + letters.all.len()), standing);
            }
        }
    }

    /// False where the pattern of that number cannot match in the text.
    pub(super) fn may_match(&self, entry: usize, text: &Summary, standing: &Standing) -> bool {
        let is_led = standing.led.get(entry / 64).is_some_and(|bits| bits >> (entry % 64) & 1 == 1);
        match self.entries.get(entry) {
            Some(Entry::Pattern { term, .. }) => is_led && holds_term(term, text, standing),
            _ => true,
        }
    }

    /// Where the pattern of that number may match in the text.
    pub(super) fn places(&self, entry: usize, text: &Summary, standing: &Standing) -> Places {
        if !self.may_match(entry, text, standing) {
            return Places::Nowhere;
        }
        let Some(Entry::Pattern { heads: Some(heads), .. }) = self.entries.get(entry) else {
            return Places::Anywhere;
        };
        let mut starts = Starts { list: [0; Starts::MOST], count: 0 };
        for word in heads.in_text(standing) {
            let mut next = standing.last.get(word).copied().unwrap_or(NONE);
            while let Some(hit) = standing.hits.get(next as usize) {
                let Some(place) = starts.list.get_mut(starts.count) else { return Places::Anywhere };
                *place = hit.start;
                starts.count += 1;
                next = hit.before;
            }
        }
        if starts.count == 0 {
            return Places::Nowhere;
        }
        starts.list[..starts.count].sort_unstable();
        Places::At(starts)
    }

    /// Calls with the number, within the list of that number, of every word that stands in the text.
    pub(super) fn each(&self, entry: usize, standing: &Standing, mut found: impl FnMut(usize)) {
        let Some(Entry::Words(words)) = self.entries.get(entry) else { return };
        for (place, bits) in standing.set.iter().enumerate() {
            each_bit(place, *bits)
                .for_each(|word| words.get(word).into_iter().flatten().for_each(|n| found(*n)));
        }
    }
}

fn number<'w>(word: &'w [u8], numbers: &mut BTreeMap<&'w [u8], usize>) {
    let next = numbers.len();
    if word.len() >= SHORTEST_HEAD && next < usize::from(u16::MAX) {
        numbers.entry(word).or_insert(next);
    }
}

fn each_word_of<'n>(need: &'n Need, with: &mut impl FnMut(&'n [u8])) {
    match need {
        Need::Word(word) => with(word.as_bytes()),
        Need::Beyond => {}
        Need::All(list) | Need::Any(list) => list.iter().for_each(|need| each_word_of(need, with)),
    }
}

fn entry(asked: &Asked, numbers: &BTreeMap<&[u8], usize>) -> Entry {
    let number = |word: &[u8]| numbers.get(word).copied();
    match asked {
        Asked::Pattern { need, heads } => {
            let heads = heads.as_ref().and_then(|heads| {
                let words: Option<Vec<usize>> = heads.iter().map(|head| number(head.as_bytes())).collect();
                Some(Set::of(words?.into_iter()))
            });
            Entry::Pattern { term: term(need, numbers), heads }
        }
        Asked::Words(words) => {
            let mut listed = vec![Vec::new(); numbers.len()];
            for (n, word) in words.iter().enumerate() {
                if let Some(word) = number(word.as_bytes()) {
                    listed[word].push(n);
                }
            }
            Entry::Words(listed)
        }
    }
}

/// Words of which one has to stand in a text; of several such lists the one whose words are the longest.
fn first_of(need: &Need) -> Option<Vec<&[u8]>> {
    let shortest = |words: &Vec<&[u8]>| words.iter().map(|word| word.len()).min();
    match need {
        Need::Word(word) => Some(vec![word.as_bytes()]),
        Need::Beyond => None,
        Need::All(list) => list.iter().filter_map(first_of).max_by_key(shortest),
        Need::Any(list) => list.iter().map(first_of).collect::<Option<Vec<_>>>().map(|lists| lists.concat()),
    }
}

fn term(need: &Need, numbers: &BTreeMap<&[u8], usize>) -> Term {
    match need {
        Need::Word(word) => match numbers.get(word.as_bytes()) {
            Some(word) => Term::Word(*word),
            None => Term::Short,
        },
        Need::Beyond => Term::Beyond,
        Need::All(list) => Term::All(list.iter().map(|need| term(need, numbers)).collect()),
        Need::Any(list) => {
            let (mut words, mut others) = (Vec::new(), Vec::new());
            for need in list {
                match term(need, numbers) {
                    Term::Word(word) => words.push(word),
                    other => others.push(other),
                }
            }
            Term::Any(Set::of(words.into_iter()), others)
        }
    }
}

fn holds_term(term: &Term, text: &Summary, standing: &Standing) -> bool {
    let any = |terms: &[Term]| terms.iter().any(|term| holds_term(term, text, standing));
    match term {
        Term::Word(word) => standing.holds(*word),
        Term::Short => true,
        Term::Beyond => !text.is_ascii(),
        Term::All(terms) => terms.iter().all(|term| holds_term(term, text, standing)),
        Term::Any(words, others) => words.meets(standing) || any(others),
    }
}
