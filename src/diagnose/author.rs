//! What the author of a rule writes: the shape of a rule file, and its compilation.
//!
//! In: TOML. Out: a [`Rule`], or a [`RuleError`] that names the file and what is wrong. Never: a rule that lacks a
//! proof, a language or a step, or that asks for a fact that does not exist.

use std::fmt;

use serde::Deserialize;

use crate::model::{
    Condition, Example, FactName, Kind, Later, Owner, Rival, Rule, RuleTexts, Severity, Stage, Weight,
};
use crate::rules;

/// A rule that cannot be used: the author's fault, named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    pub file: String,
    pub what: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {}: {}", self.file, self.what)
    }
}

impl std::error::Error for RuleError {}

/// A rule file; `build.rs` sets apart the last three for those that are built in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Authored {
    id: String,
    kind: Kind,
    owner: Owner,
    severity: Severity,
    stage: Stage,
    reference: String,
    checked: String,
    #[serde(default)]
    explains: Vec<String>,
    when: AuthoredGate,
    points: Vec<AuthoredPoints>,
    question: Both,
    #[serde(default)]
    rival: Vec<AuthoredRival>,
    text: Option<AuthoredTexts>,
    #[serde(default)]
    example: Vec<AuthoredExample>,
    #[serde(default)]
    counter: Vec<AuthoredExample>,
}

/// What was set apart: what showing and proving need.
#[derive(Deserialize)]
struct AuthoredDetails {
    text: AuthoredTexts,
    #[serde(default)]
    example: Vec<AuthoredExample>,
    #[serde(default)]
    counter: Vec<AuthoredExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthoredGate {
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthoredPoints {
    fact: String,
    points: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    en: String,
    ja: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthoredRival {
    id: String,
    en: String,
    ja: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthoredTexts {
    en: AuthoredText,
    ja: AuthoredText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthoredText {
    title: String,
    meaning: String,
    fix: Vec<String>,
    customer: String,
    admin: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthoredExample {
    name: String,
    input: String,
    #[serde(default)]
    instead: String,
}

/// Compiles one rule file; `file` is its name without folder, used in errors.
pub fn compile(file: &str, text: &str) -> Result<Rule, RuleError> {
    let fail = |what: String| RuleError { file: file.to_owned(), what };
    let mut authored: Authored = toml::from_str(text).map_err(|e| fail(one_line(&e.to_string())))?;
    let both = authored.text.take().ok_or_else(|| fail("missing field `text`".to_owned()))?;
    let details = Details {
        en: texts(both.en).into(),
        ja: texts(both.ja).into(),
        examples: examples(std::mem::take(&mut authored.example)).into(),
        counters: examples(std::mem::take(&mut authored.counter)).into(),
    };
    let rule = named(file, authored, details)?;
    check(&rule).map_err(fail)?;
    Ok(rule)
}

/// Compiles the built-in rules from what `build.rs` made of their files. Where that does not hold what a rule needs, the
/// files are compiled instead: they tell what is wrong.
pub(super) fn compile_built_in() -> Result<Vec<Rule>, RuleError> {
    match serde_json::from_str::<Vec<Authored>>(rules::AS_JSON) {
        Ok(all) if all.len() == rules::FILES.len() => {
            let parts = rules::FILES.iter().zip(rules::DETAILS).zip(all);
            parts.map(|(((file, _), details), rule)| named(file, rule, Details::later(details))).collect()
        }
        _ => check_built_in(),
    }
}

/// Compiles the built-in rules from their files, and holds each to all that a rule must have.
pub fn check_built_in() -> Result<Vec<Rule>, RuleError> {
    rules::FILES.iter().map(|(file, text)| compile(file, text)).collect()
}

fn named(file: &str, authored: Authored, details: Details) -> Result<Rule, RuleError> {
    let fail = |what: String| RuleError { file: file.to_owned(), what };
    if file.strip_suffix(".toml") != Some(&authored.id) {
        return Err(fail(format!("the file must be named {}.toml", authored.id)));
    }
    build(authored, details).map_err(fail)
}

/// The words and proofs of a rule.
struct Details {
    en: Later<RuleTexts>,
    ja: Later<RuleTexts>,
    examples: Later<Vec<Example>>,
    counters: Later<Vec<Example>>,
}

impl Details {
    /// Read from JSON when they are asked for. A built-in rule whose details cannot be read does not pass its test.
    fn later(json: &'static str) -> Details {
        fn read<T: Default>(json: &str, part: fn(AuthoredDetails) -> T) -> T {
            serde_json::from_str(json).map(part).unwrap_or_default()
        }
        Details {
            en: Later::new(json, |json| read(json, |d| texts(d.text.en))),
            ja: Later::new(json, |json| read(json, |d| texts(d.text.ja))),
            examples: Later::new(json, |json| read(json, |d| examples(d.example))),
            counters: Later::new(json, |json| read(json, |d| examples(d.counter))),
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn build(a: Authored, details: Details) -> Result<Rule, String> {
    let conditions = |list: Vec<String>| list.iter().map(|c| condition(c)).collect::<Result<Vec<_>, _>>();
    let weights = a
        .points
        .into_iter()
        .map(|p| Ok(Weight { when: condition(&p.fact)?, points: p.points }))
        .collect::<Result<Vec<_>, String>>()?;
    let rivals =
        a.rival.into_iter().map(|r| Rival { id: r.id, question_en: r.en, question_ja: r.ja }).collect();
    Ok(Rule {
        id: a.id,
        kind: a.kind,
        owner: a.owner,
        severity: a.severity,
        stage: a.stage,
        reference: a.reference,
        checked: a.checked,
        all: conditions(a.when.all)?,
        any: conditions(a.when.any)?,
        none: conditions(a.when.none)?,
        weights,
        explains: a.explains,
        rivals,
        question_en: a.question.en,
        question_ja: a.question.ja,
        en: details.en,
        ja: details.ja,
        examples: details.examples,
        counters: details.counters,
    })
}

fn texts(t: AuthoredText) -> RuleTexts {
    RuleTexts { title: t.title, meaning: t.meaning, fix: t.fix, customer: t.customer, admin: t.admin }
}

fn examples(list: Vec<AuthoredExample>) -> Vec<Example> {
    list.into_iter().map(|e| Example { name: e.name, input: e.input, instead: e.instead }).collect()
}

/// Reads `name`, `name=value`, `name=a|b`, `name=prefix*`.
fn condition(text: &str) -> Result<Condition, String> {
    let (name, values) = text.split_once('=').unwrap_or((text, ""));
    let name = FactName::from_id(name.trim()).ok_or_else(|| format!("there is no fact named {name:?}"))?;
    let values = values.split('|').map(|v| lower_case(v.trim())).filter(|v| !v.is_empty()).collect();
    Ok(Condition { name, values })
}

fn lower_case(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.to_lowercase() }
}

/// What every rule must have; see `docs/writing-rules.md`.
fn check(rule: &Rule) -> Result<(), String> {
    let need = |ok: bool, what: &str| if ok { Ok(()) } else { Err(what.to_owned()) };
    need(!rule.all.is_empty() || !rule.any.is_empty(), "the gate is empty: it would always hold")?;
    need(rule.weights.iter().any(|w| w.points > 0), "nothing earns points")?;
    need(!rule.reference.trim().is_empty(), "no reference")?;
    need(rule.checked.parse::<jiff::civil::Date>().is_ok(), "`checked` must be a date, YYYY-MM-DD")?;
    need(!rule.question_en.trim().is_empty() && !rule.question_ja.trim().is_empty(), "a question is empty")?;
    need(!rule.rivals.iter().any(|r| r.id == rule.id), "a rule cannot be its own rival")?;
    need(rule.en.fix.len() == rule.ja.fix.len(), "both languages must have the same number of steps")?;
    for (lang, t) in [("en", &*rule.en), ("ja", &*rule.ja)] {
        let full = [&t.title, &t.meaning, &t.customer, &t.admin].iter().all(|s| !s.trim().is_empty());
        need(full, &format!("text.{lang}: a text is empty"))?;
        need(
            !t.fix.is_empty() && t.fix.iter().all(|s| !s.trim().is_empty()),
            &format!("text.{lang}: no step, or an empty one"),
        )?;
        need(t.title.chars().count() <= 60, &format!("text.{lang}: the title is longer than 60 characters"))?;
    }
    need(rule.examples.len() >= 2, "needs at least two examples")?;
    need(rule.counters.len() >= 2, "needs at least two counter-examples")
}
