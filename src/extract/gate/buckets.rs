//! Where in a text a fragment may begin: side by side for many positions.
//!
//! In: windows of four places, each in one of sixteen buckets; then bytes. Out: the positions at which a bucket holds what
//! stands there. Never: a window missed; other positions may come up.
//!
//! A window is told by six rows of sixteen: the low four bits of each of its bytes, and for its first two bytes and its last
//! two, what kinds of characters they are (two bits that tell letters, digits and signs apart). A table says for each value of a row
//! which buckets hold it. A vector instruction looks sixteen positions or more up in a table at once: what all tables
//! hold is a candidate. Case makes no difference to these bits.

use fearless_simd::{Level, Simd, dispatch, prelude::*, u8x16};

use super::fragment::{GRAM, Set, members};

/// Positions that are looked at together: a bit each.
pub(super) const STEP: usize = 64;
/// Bytes after the last of these positions that belong to its window.
pub(super) const OVER: usize = GRAM - 1;
/// Into so many buckets windows are put.
pub(super) const BUCKETS: usize = 16;
/// Rows of a window.
pub(super) const ROWS: usize = 6;

/// For each row the values that a window, or a bucket of them, may have: a bit each.
pub(super) type Rows = [u16; ROWS];

/// The bits of bytes that tell kinds of characters apart, of the first and of the second of two.
const KINDS: (u8, u8) = (0b0101, 0b1010);

/// The values of the rows of the bytes at one position.
pub(super) fn values(window: [u8; GRAM]) -> [u8; ROWS] {
    let [a, b, c, d] = window;
    let kinds = |one: u8, two: u8| one >> 4 & KINDS.0 | two >> 3 & KINDS.1;
    [a & 15, b & 15, c & 15, d & 15, kinds(a, b), kinds(c, d)]
}

/// All values of a window.
pub(super) fn rows(window: &[Set; GRAM]) -> Rows {
    let low = |set: Set| members(set).fold(0, |row, byte| row | 1u16 << (byte & 15));
    let kinds = |set: Set, shift: u8, of: u8| members(set).fold(0, |all, b| all | 1u16 << (b >> shift & of));
    let both = |one: Set, two: Set| {
        let (one, two) = (kinds(one, 4, KINDS.0), kinds(two, 3, KINDS.1));
        let allowed =
            |value: u16| one >> (value & u16::from(KINDS.0)) & two >> (value & u16::from(KINDS.1)) & 1;
        (0..16).fold(0, |row, value| row | allowed(value) << value)
    };
    let [a, b, c, d] = *window;
    [low(a), low(b), low(c), low(d), both(a, b), both(c, d)]
}

/// Tables of eight buckets: which of them hold a value of a row.
type Tables = [[u8; 16]; ROWS];

/// Where what these buckets hold may begin.
pub(super) struct Buckets {
    /// Of the first eight and of the others.
    halves: [Tables; 2],
}

impl Buckets {
    pub(super) fn new(buckets: &[Rows; BUCKETS]) -> Buckets {
        let holds = |bucket: usize, row: usize, value: usize| (buckets[bucket][row] >> value & 1) as u8;
        let byte =
            |half: usize, row, value| (0..8).fold(0, |all, n| all | holds(8 * half + n, row, value) << n);
        let tables = |half| std::array::from_fn(|row| std::array::from_fn(|value| byte(half, row, value)));
        Buckets { halves: [tables(0), tables(1)] }
    }

    /// Marks candidates: the positions of each [`STEP`] in one number. The text is [`OVER`] bytes longer than these steps.
    /// False where a byte in them is not ASCII.
    pub(super) fn mark(&self, text: &[u8], marks: &mut [u64]) -> bool {
        debug_assert_eq!(text.len(), marks.len() * STEP + OVER);
        dispatch!(Level::new(), simd => mark(simd, &self.halves, text, marks))
    }
}

/// Compiled for every kind of vector that the processor may turn out to have.
#[inline(always)]
fn mark<S: Simd>(simd: S, halves: &[Tables; 2], text: &[u8], marks: &mut [u64]) -> bool {
    let vector = |table: &[u8; 16]| S::u8s::block_splat(u8x16::from_slice(simd, table));
    let halves: [[S::u8s; ROWS]; 2] =
        std::array::from_fn(|half| std::array::from_fn(|row| vector(&halves[half][row])));
    let mut all = S::u8s::splat(simd, 0);
    for (block, marks) in text.windows(STEP + OVER).step_by(STEP).zip(marks) {
        *marks = 0;
        for from in (0..STEP).step_by(S::u8s::LEN) {
            let bytes = |n: usize| S::u8s::from_slice(simd, &block[from + n..from + n + S::u8s::LEN]);
            let values = vector_values(simd, [bytes(0), bytes(1), bytes(2), bytes(3)]);
            all |= bytes(0);
            let held = held::<S>(&halves[0], &values) | held::<S>(&halves[1], &values);
            *marks |= nonzero(simd, held) << from;
        }
    }
    nonzero(simd, all & 0x80) == 0
}

/// As [`values`] for many positions.
#[inline(always)]
fn vector_values<S: Simd>(simd: S, [a, b, c, d]: [S::u8s; GRAM]) -> [S::u8s; ROWS] {
    let splat = |byte| S::u8s::splat(simd, byte);
    let (low, first, second) = (splat(15), splat(KINDS.0), splat(KINDS.1));
    let kinds = |one: S::u8s, two: S::u8s| ((one >> 4) & first) | ((two >> 3) & second);
    [a & low, b & low, c & low, d & low, kinds(a, b), kinds(c, d)]
}

/// The buckets of which every table holds its value.
#[inline(always)]
fn held<S: Simd>(tables: &[S::u8s; ROWS], values: &[S::u8s; ROWS]) -> S::u8s {
    let of = |row: usize| tables[row].swizzle_dyn_within_blocks(values[row]);
    (of(0) & of(1)) & (of(2) & of(3)) & (of(4) & of(5))
}

/// A bit for each byte that is not zero.
#[inline(always)]
fn nonzero<S: Simd>(simd: S, bytes: S::u8s) -> u64 {
    let zero = bytes.simd_eq(S::u8s::splat(simd, 0)).to_bitmask();
    !zero & (u64::MAX >> (64 - S::u8s::LEN))
}
