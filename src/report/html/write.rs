//! Writing HTML: elements that always go through the escape function.
//!
//! In: text of any kind. Out: markup in which that text is only text. Never: an attribute or an element from an input.

pub(super) use super::super::escape::html as escape;
use crate::model::Lang;

/// The document as it grows.
pub(super) struct Doc {
    pub(super) out: String,
    pub(super) lang: Lang,
}

impl Doc {
    /// Markup of our own.
    pub(super) fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
        self.out.push('\n');
    }

    /// An element that holds a text. `open` is the tag's name with attributes of our own.
    pub(super) fn element(&mut self, open: &str, text: &str) {
        self.out.push_str(&element(open, text));
        self.out.push('\n');
    }

    /// An element that holds markup made by this module.
    pub(super) fn holding(&mut self, open: &str, markup: &str) {
        self.out.push_str(&holding(open, markup));
        self.out.push('\n');
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.element("p", text);
    }

    pub(super) fn list<T: AsRef<str>>(&mut self, kind: &'static str, items: impl IntoIterator<Item = T>) {
        let items: String = items.into_iter().map(|i| element("li", i.as_ref())).collect();
        self.holding(kind, &items);
    }

    /// A table whose cells are markup made by this module; the first cell of each row is its head.
    pub(super) fn table(&mut self, caption: &str, head: &[&str], rows: &[Vec<String>]) {
        let heads: String = head.iter().map(|h| element("th scope=\"col\"", h)).collect();
        self.raw(&format!("{}<table>", scroll(caption)));
        self.raw(&format!("<thead><tr>{heads}</tr></thead><tbody>"));
        for row in rows {
            let cells: String = row
                .iter()
                .enumerate()
                .map(|(n, cell)| match head.get(n) {
                    _ if n == 0 => holding("th scope=\"row\"", cell),
                    // On a narrow screen a row is a card, and each cell says what it is.
                    Some(label) => holding(&format!("td data-label=\"{}\"", escape(label)), cell),
                    None => holding("td", cell),
                })
                .collect();
            self.raw(&format!("<tr>{cells}</tr>"));
        }
        self.raw("</tbody></table></div>");
    }
}

/// The start of a part that scrolls sideways on a narrow screen, with a name for those who cannot see it.
pub(crate) fn scroll(name: &str) -> String {
    format!("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">", escape(name))
}

/// `<open>text</name>` with the text escaped.
pub(crate) fn element(open: &str, text: &str) -> String {
    holding(open, &escape(text))
}

/// `<open>markup</name>`.
pub(crate) fn holding(open: &str, markup: &str) -> String {
    let name = open.split(' ').next().unwrap_or(open);
    format!("<{open}>{markup}</{name}>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(element("p class=\"x\"", "a<b"), "<p class=\"x\">a&lt;b</p>");
    }
}
