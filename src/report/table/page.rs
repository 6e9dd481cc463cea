//! Writing downwards inside a fixed width: headings, paragraphs, steps.
//!
//! In: text of any kind. Out: lines no wider than the canvas. Never: what to say.

use super::super::Canvas;
use super::super::link::Links;
use super::super::marks::Marks;
use super::super::paint::Paint;
use super::super::plain;
use crate::model::Lang;

/// How a part of a line is painted.
pub(super) type Brush = fn(Paint, &str) -> String;

/// The page as it grows.
pub(super) struct Page {
    out: String,
    pub(super) width: usize,
    pub(super) paint: Paint,
    pub(super) lang: Lang,
    pub(super) marks: Marks,
    links: Option<Links>,
    /// Links so far: the lines of one share a number, so that a terminal shows them as one.
    linked: usize,
}

impl Page {
    pub(super) fn new(canvas: &Canvas, lang: Lang) -> Page {
        Page {
            out: String::new(),
            width: canvas.width.clamp(40, 200),
            paint: Paint(canvas.colour),
            lang,
            marks: Marks::new(canvas.ascii),
            links: canvas.links.clone(),
            linked: 0,
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// A line that fits already.
    pub(super) fn raw(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// An empty line, never two.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Room for text after an indent. Long lines are hard to read: prose stops at 100 columns.
    pub(super) fn room(&self, indent: usize) -> usize {
        self.width.saturating_sub(indent).clamp(10, 100)
    }

    /// A heading of a part of the page.
    pub(super) fn part(&mut self, text: &str) {
        self.gap();
        for line in plain::wrapped(&plain::line(text), self.room(0)) {
            let line = self.paint.head(&line);
            self.raw(&line);
        }
    }

    /// A small heading, indented.
    pub(super) fn heading(&mut self, text: &str) {
        self.gap();
        self.styled(2, text, Paint::bold);
    }

    /// A paragraph.
    pub(super) fn text(&mut self, indent: usize, text: &str) {
        self.styled(indent, text, |_, line| line.to_owned());
    }

    /// A paragraph of lesser weight.
    pub(super) fn faint(&mut self, indent: usize, text: &str) {
        self.styled(indent, text, Paint::faint);
    }

    /// A paragraph, each line painted.
    pub(super) fn styled(&mut self, indent: usize, text: &str, paint: impl Fn(Paint, &str) -> String) {
        for line in plain::wrapped(&plain::block(text), self.room(indent)) {
            let line = format!("{}{}", " ".repeat(indent), paint(self.paint, &line));
            self.raw(&line);
        }
    }

    /// A place, led by a mark; a terminal that can opens the file.
    pub(super) fn place(&mut self, indent: usize, lead: &str, place: &str, source: &str) {
        let uri = self.links.as_ref().and_then(|links| links.to(source));
        self.linked += 1;
        let hang = indent + plain::width(lead) + 1;
        for (n, line) in plain::wrapped(&plain::line(place), self.room(hang)).iter().enumerate() {
            let lead = if n == 0 { lead } else { self.marks.edge() };
            let gap = " ".repeat(hang - indent - plain::width(lead));
            let text = self.paint.faint(line);
            let text = match &uri {
                Some(uri) => format!("\u{1b}]8;id={};{uri}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\", self.linked),
                None => text,
            };
            let line = format!("{}{}{gap}{text}", " ".repeat(indent), self.paint.faint(lead));
            self.raw(&line);
        }
    }

    /// A paragraph that hangs below its first word: `1. …`, `- …`, `Ask: …`.
    pub(super) fn item(&mut self, indent: usize, label: &str, text: &str) {
        let label = format!("{} ", plain::line(label));
        let hang = indent + plain::width(&label);
        for (n, line) in plain::wrapped(&plain::block(text), self.room(hang)).iter().enumerate() {
            let lead = if n == 0 { self.paint.bold(&label) } else { " ".repeat(hang - indent) };
            let line = format!("{}{lead}{line}", " ".repeat(indent));
            self.raw(&line);
        }
    }

    /// Parts in a row with `between` between them, wrapped only there. Each part: its text, and how it is painted.
    pub(super) fn chain(&mut self, indent: usize, between: &str, parts: &[(String, Brush)]) {
        let room = self.width.saturating_sub(indent);
        let (mut line, mut used) = (" ".repeat(indent), 0);
        for (n, (text, paint)) in parts.iter().enumerate() {
            let next = if n + 1 < parts.len() { between } else { "" };
            if used > 0 && used + plain::width(text) + plain::width(next.trim_end()) > room {
                self.raw(&line);
                (line, used) = (" ".repeat(indent), 0);
            }
            if plain::width(text) > room {
                self.styled(indent, text, paint);
                (line, used) = (" ".repeat(indent), 0);
                continue;
            }
            line.push_str(&paint(self.paint, text));
            line.push_str(&self.paint.faint(next));
            used += plain::width(text) + plain::width(next);
        }
        if used > 0 {
            self.raw(&line);
        }
    }
}
