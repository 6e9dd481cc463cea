//! What one record told, to be told again of others of its shape.
//!
//! In: a record with the facts that were found in it; then another record of the same shape. Out: what looking into that one
//! would find. Never: a guess: where a fact rests on what is different, in another way than by saying it, there is no
//! template, and a template is not used before it was held against what was found.

use std::ops::Range;

use super::shape::Shape;
use crate::model::{Event, EventKind, FactName, Observed};
use crate::redact::Deferred;

/// The facts of a record, and which of its bytes they say.
pub(crate) struct Template {
    observed: Observed,
    deferred: Deferred,
    /// Facts whose value is what stands in a blank.
    said: Vec<(usize, Range<usize>)>,
    /// The texts of the excerpts.
    texts: Vec<Shown>,
    start: u64,
}

impl Template {
    /// `None` where a fact rests on a blank, or may.
    pub(crate) fn of(
        event: &Event<'_>,
        shape: &Shape,
        observed: &Observed,
        deferred: &Deferred,
    ) -> Option<Template> {
        let text = text_of(event)?;
        let rests = |value: &str| shape.blanks.iter().any(|blank| rests_on(value, text, blank));
        let mut said = Vec::new();
        for (n, fact) in observed.facts.iter().enumerate() {
            if is_hash(fact.name) || !fact.excerpt.is_empty() {
                return None;
            }
            if fact.name.is_of_one_call() {
                let says =
                    |blank: &&Range<usize>| value(fact.name, text, blank).as_deref() == Some(&fact.value);
                said.push((n, shape.blanks.iter().find(says)?.clone()));
            } else if rests(&fact.value) {
                return None;
            }
        }
        let texts: Vec<Shown> = deferred.texts().map(|shown| Shown::of(shown, text)).collect();
        if texts.iter().any(|shown| rests(&shown.after)) {
            return None;
        }
        let (observed, deferred) = (observed.clone(), deferred.clone());
        Some(Template { observed, deferred, said, texts, start: event.place.span.start })
    }

    /// What a record of the same shape tells.
    pub(crate) fn tell(&self, event: &Event<'_>, index: u64) -> Option<(Observed, Deferred)> {
        let text = text_of(event)?;
        let mut observed = self.observed.clone();
        observed.meta.index = index;
        observed.meta.time = event.time;
        observed.meta.place = event.place.clone();
        for fact in &mut observed.facts {
            let place = &mut fact.place;
            place.source = event.place.source;
            place.line = event.place.line;
            place.span.start = place.span.start.checked_sub(self.start)? + event.place.span.start;
            place.span.end = place.span.end.checked_sub(self.start)? + event.place.span.start;
        }
        for (n, blank) in &self.said {
            let fact = observed.facts.get_mut(*n)?;
            fact.value = value(fact.name, text, blank)?;
        }
        let texts: Option<Vec<String>> = self.texts.iter().map(|shown| shown.in_text(text)).collect();
        Some((observed, self.deferred.with(texts?)?))
    }
}

/// The text of an excerpt: a part of the record, and what was put behind it.
struct Shown {
    part: Range<usize>,
    after: String,
}

impl Shown {
    /// So much of the beginning tells where it stands.
    const BEGINNING: usize = 24;

    fn of(shown: &str, text: &[u8]) -> Shown {
        let beginning = shown.as_bytes().get(..Self::BEGINNING).unwrap_or(shown.as_bytes());
        let at =
            memchr::memmem::find(text, shown.as_bytes()).or_else(|| memchr::memmem::find(text, beginning));
        let stands = text.get(at.unwrap_or(text.len())..).unwrap_or_default();
        let alike = shown.bytes().zip(stands).take_while(|(a, b)| a == *b).count();
        let alike = (0..=alike).rev().find(|n| shown.is_char_boundary(*n)).unwrap_or(0);
        let at = at.unwrap_or(0);
        Shown { part: at..at + alike, after: shown.get(alike..).unwrap_or_default().to_owned() }
    }

    /// As another record of the same shape has it.
    fn in_text(&self, text: &[u8]) -> Option<String> {
        Some(std::str::from_utf8(text.get(self.part.clone())?).ok()?.to_owned() + &self.after)
    }
}

/// The text of a record without fields.
fn text_of<'e>(event: &'e Event<'_>) -> Option<&'e [u8]> {
    match &event.kind {
        EventKind::Record(record) if record.fields.is_empty() => Some(&record.text.raw),
        _ => None,
    }
}

/// Values that are made of what stands there, but do not say it.
fn is_hash(name: FactName) -> bool {
    matches!(name, FactName::StateHash | FactName::CodeHash | FactName::CodeRedeemed | FactName::SessionHash)
}

/// The value that a fact has where its words are what stands there.
fn value(name: FactName, text: &[u8], at: &Range<usize>) -> Option<String> {
    let written = std::str::from_utf8(text.get(at.clone())?).ok()?;
    match name {
        FactName::ErrorTime => super::ids::moment(written).map(|time| time.to_string()),
        _ => Some(written.to_ascii_lowercase()),
    }
}

/// Whether a value may be made of what stands there, or of its beginning or end. A few digits stand in many words; alone they
/// are made of it.
fn rests_on(value: &str, text: &[u8], at: &Range<usize>) -> bool {
    const LONG: usize = 8;
    let written = text.get(at.clone()).unwrap_or_default().to_ascii_lowercase();
    let value = value.to_ascii_lowercase();
    match (written.first_chunk::<LONG>(), written.last_chunk::<LONG>()) {
        (Some(first), Some(last)) => {
            [first, last].iter().any(|part| memchr::memmem::find(value.as_bytes(), *part).is_some())
        }
        _ => value.as_bytes() == written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::extract_for_now;
    use crate::extract::testing::record;

    const LINE: &str = r#"2026-03-02T00:00:07.123Z ERROR [worker-12] oauth.refresh - POST https://login.microsoftonline.com/common/oauth2/v2.0/token for ann@contoso.example answered 400: {"error":"invalid_grant","error_description":"AADSTS50173: The provided grant has expired. Trace ID: 0d6f1c1e-7a34-4d5b-9c1e-1f2e3d4c5b6a Correlation ID: 1d6f1c1e-7a34-4d5b-9c1e-1f2e3d4c5b6a Timestamp: 2026-03-02 00:00:07Z"}"#;

    /// What the template of one line tells of another, if it tells anything, and what a look finds.
    fn both(one: &str, other: &str) -> (Option<(Observed, Deferred)>, (Observed, Deferred)) {
        let (one, other) = (record(one), record(other));
        let shape = |event| Shape::of(text_of(event).expect("a text")).expect("a shape");
        assert_eq!(shape(&one).key(), shape(&other).key());
        let (observed, deferred) = extract_for_now(&one, 3);
        let template = Template::of(&one, &shape(&one), &observed, &deferred);
        (template.and_then(|t| t.tell(&other, 7)), extract_for_now(&other, 7))
    }

    #[test]
    fn another_record_is_told_as_a_look_finds_it() {
        let other = LINE
            .replace("0d6f", "e0a1")
            .replace("1d6f", "f0a1")
            .replace("00:00:07", "11:12:13")
            .replace("worker-12", "worker-77");
        let (told, found) = both(LINE, &other);
        let told = told.expect("a template");
        assert_eq!(told, found);
        assert!(found.0.facts.iter().any(|f| f.value.starts_with("f0a1")), "{:?}", found.0);
        let [mut one, mut two] = [told, found];
        one.1.settle(&mut one.0);
        two.1.settle(&mut two.0);
        assert_eq!(one.0, two.0);
    }

    #[test]
    fn no_template_where_a_fact_rests_on_a_blank() {
        for line in [
            "2026-03-02T00:00:07.123Z GET https://app.example/cb?error=access_denied&state=0d6f1c1e-7a34-4d5b-9c1e-1f2e3d4c5b6a",
            "2026-03-02T00:00:07.123Z AADSTS50105 in https://login.microsoftonline.com/0d6f1c1e-7a34-4d5b-9c1e-1f2e3d4c5b6a/oauth2/v2.0/token",
        ] {
            let (told, found) = both(line, &line.replace("0d6f", "e0a1"));
            assert!(told.is_none() && !found.0.facts.is_empty(), "{line}: {:?}", found.0);
        }
    }
}
