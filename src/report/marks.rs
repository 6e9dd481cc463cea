//! Lines and marks, for terminals that show every character and for those that show ASCII only.
//!
//! In: which of the two. Out: marks of the same meaning. Never: a word, or a text of an input.

use super::model::HopState;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Marks {
    ascii: bool,
}

impl Marks {
    pub(crate) const FULL: Marks = Marks { ascii: false };

    pub(crate) fn new(ascii: bool) -> Marks {
        Marks { ascii }
    }

    pub(crate) fn is_ascii(self) -> bool {
        self.ascii
    }

    fn pick(self, full: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { full }
    }

    /// Confidence as five boxes.
    pub(super) fn bar(self, confidence: u8) -> String {
        let full = usize::from((u16::from(confidence) + 10) / 20).min(5);
        format!("{}{}", self.pick("▮", "#").repeat(full), self.pick("▯", ".").repeat(5 - full))
    }

    pub(super) fn hop(self, state: HopState) -> &'static str {
        match state {
            HopState::Ok => self.pick("✓", "[ok]"),
            HopState::Failed => self.pick("✗", "[FAILED]"),
            HopState::Seen => self.pick("○", "[seen]"),
            HopState::NotSeen => self.pick("·", "[-]"),
        }
    }

    /// From one step or level to the next.
    pub(super) fn arrow(self) -> &'static str {
        self.pick(" › ", " > ")
    }

    /// Between things of the same weight.
    pub(super) fn dot(self) -> &'static str {
        self.pick(" · ", " | ")
    }

    pub(super) fn range(self) -> &'static str {
        self.pick("–", "-")
    }

    pub(super) fn times(self) -> &'static str {
        self.pick("×", "x")
    }

    pub(super) fn yes(self) -> &'static str {
        self.pick("✓", "yes")
    }

    pub(super) fn no(self) -> &'static str {
        self.pick("–", "-")
    }

    pub(super) fn lacking(self) -> &'static str {
        self.pick("✗", "NO:")
    }

    pub(super) fn rule(self) -> char {
        if self.ascii { '-' } else { '─' }
    }

    /// The edge beside quoted text.
    pub(super) fn edge(self) -> &'static str {
        self.pick("│", "|")
    }

    /// Where one piece of evidence follows on another.
    pub(super) fn joint(self, first: bool) -> &'static str {
        if first { self.pick("╭─", "+-") } else { self.pick("├─", "+-") }
    }

    pub(super) fn end(self) -> &'static str {
        self.pick("╰─", "+-")
    }

    /// Below what the evidence rests on; the second kind below what only supports it.
    pub(super) fn under(self, main: bool) -> &'static str {
        if main { self.pick("━", "^") } else { self.pick("─", "~") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars() {
        let full = Marks::FULL;
        assert_eq!(
            (full.bar(0), full.bar(55), full.bar(97)),
            ("▯▯▯▯▯".into(), "▮▮▮▯▯".into(), "▮▮▮▮▮".into())
        );
        assert_eq!(Marks::new(true).bar(55), "###..");
    }
}
