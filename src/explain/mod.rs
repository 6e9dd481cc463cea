//! What a code, scope, id, host name or diagnosis means, from the tables and the rules.
//!
//! In: what a person typed. Out: every meaning that the tables know, or neighbours. Never: a guess shown as knowledge.

mod lookup;
mod words;

use serde::Serialize;

use crate::diagnose::Ruleset;
use crate::model::Lang;

/// Name of the JSON schema.
pub const SCHEMA: &str = "hartriage.explain/1";

/// Answer to one code.
#[derive(Debug, Clone)]
pub enum Explained {
    Known(Known),
    Unknown(Unknown),
}

/// All that is known of a code.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// Name of the JSON schema.
    pub schema: &'static str,
    pub asked: String,
    pub meanings: Vec<Meaning>,
    /// Diagnoses that this code leads to, most telling first.
    pub diagnoses: Vec<Lead>,
}

/// One meaning of a code.
#[derive(Debug, Clone, Serialize)]
pub struct Meaning {
    /// As the table spells it: `AADSTS50105`.
    pub code: String,
    /// What sort of thing it is, in words of the language.
    pub what: String,
    /// Microsoft's symbolic name, or the name of an app; may be empty.
    pub name: String,
    /// What area it belongs to, in words of the language; may be empty.
    pub area: String,
    /// Who can act first, in words of the language; may be empty.
    pub who: String,
    /// The table's sentence, in English.
    pub meaning: String,
}

/// A diagnosis that rests on the code.
#[derive(Debug, Clone, Serialize)]
pub struct Lead {
    pub id: String,
    pub title: String,
    /// What happens, in words of the language.
    pub meaning: String,
    pub fix: Vec<String>,
}

/// A code that no table knows.
#[derive(Debug, Clone)]
pub struct Unknown {
    pub asked: String,
    pub near: Vec<String>,
}

/// Looks a code up in everything that is known.
pub fn explain(rules: &Ruleset, asked: &str, lang: Lang) -> Explained {
    let asked = asked.trim();
    let meanings = lookup::meanings(asked, lang);
    let diagnoses = lookup::leads(rules, asked, &meanings, lang);
    if meanings.is_empty() && diagnoses.is_empty() {
        return Explained::Unknown(Unknown { asked: shown(asked), near: lookup::neighbours(rules, asked) });
    }
    Explained::Known(Known { schema: SCHEMA, asked: shown(asked), meanings, diagnoses })
}

/// What was typed, made safe to print.
fn shown(asked: &str) -> String {
    crate::redact::text(&asked.chars().take(120).collect::<String>()).to_string()
}

impl Known {
    /// The answer as text, several lines with a blank line after.
    pub fn to_text(&self, lang: Lang) -> String {
        let mut out = String::new();
        for m in &self.meanings {
            out.push_str(&m.code);
            for part in [&m.name, &m.what].into_iter().filter(|p| !p.is_empty()) {
                out.push_str(" · ");
                out.push_str(part);
            }
            out.push('\n');
            // The tables speak English: in another language their sentence says so, and comes last.
            let said = words::MEANING.get(lang);
            let mut lines =
                [(said, &m.meaning), (words::AREA.get(lang), &m.area), (words::WHO.get(lang), &m.who)];
            if lang != Lang::En {
                lines.rotate_left(1);
            }
            for (label, value) in lines.into_iter().filter(|(_, v)| !v.is_empty()) {
                let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
                out.push_str(&format!("  {label}{value}\n"));
            }
        }
        for lead in &self.diagnoses {
            out.push_str(&format!("  → {} — {}\n", lead.id, lead.title));
            if lang != Lang::En {
                out.push_str(&format!("     {}\n", lead.meaning));
            }
            for (n, step) in lead.fix.iter().enumerate() {
                out.push_str(&format!("     {}. {step}\n", n + 1));
            }
        }
        out.push('\n');
        out
    }
}

impl Unknown {
    /// One line: not known, and what is near.
    pub fn to_text(&self, lang: Lang) -> String {
        let near = if self.near.is_empty() {
            String::new()
        } else {
            format!(" {} {}", words::DID_YOU_MEAN.get(lang), self.near.join(", "))
        };
        format!("hartriage: {}: {}{near}", self.asked, words::NOT_KNOWN.get(lang))
    }
}
