//! What the author of a rule writes: the shape of a rule file, and its compilation.
//!
//! In: TOML. Out: a [`Rule`], or a [`RuleError`] that names the file and what is wrong. Never: a rule that lacks a
//! proof, a language or a step, or that asks for a fact that does not exist.

use std::fmt;

use serde::Deserialize;

use crate::model::{
    Condition, Example, FactName, Kind, Owner, Rival, Rule, RuleTexts, Severity, Stage, Weight,
};

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
    finish(file, toml::from_str(text).map_err(|e| fail(one_line(&e.to_string())))?)
}

/// Compiles rule files that stand in a JSON array as well. Where that does not hold what a rule needs, the files are
/// compiled instead: they tell what is wrong.
pub(super) fn compile_all(files: &[(&str, &str)], json: &str) -> Result<Vec<Rule>, RuleError> {
    match serde_json::from_str::<Vec<Authored>>(json) {
        Ok(all) if all.len() == files.len() => {
            files.iter().zip(all).map(|((file, _), authored)| finish(file, authored)).collect()
        }
        _ => files.iter().map(|(file, text)| compile(file, text)).collect(),
    }
}

fn finish(file: &str, authored: Authored) -> Result<Rule, RuleError> {
    let fail = |what: String| RuleError { file: file.to_owned(), what };
    if file != format!("{}.toml", authored.id) {
        return Err(fail(format!("the file must be named {}.toml", authored.id)));
    }
    let rule = build(authored).map_err(fail)?;
    check(&rule).map_err(fail)?;
    Ok(rule)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn build(a: Authored) -> Result<Rule, String> {
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
        en: texts(a.text.en),
        ja: texts(a.text.ja),
        examples: a.example.into_iter().map(example).collect(),
        counters: a.counter.into_iter().map(example).collect(),
    })
}

fn texts(t: AuthoredText) -> RuleTexts {
    RuleTexts { title: t.title, meaning: t.meaning, fix: t.fix, customer: t.customer, admin: t.admin }
}

fn example(e: AuthoredExample) -> Example {
    Example { name: e.name, input: e.input, instead: e.instead }
}

/// Reads `name`, `name=value`, `name=a|b`, `name=prefix*`.
fn condition(text: &str) -> Result<Condition, String> {
    let (name, values) = text.split_once('=').unwrap_or((text, ""));
    let name = FactName::from_id(name.trim()).ok_or_else(|| format!("there is no fact named {name:?}"))?;
    let values = values.split('|').map(|v| v.trim().to_lowercase()).filter(|v| !v.is_empty()).collect();
    Ok(Condition { name, values })
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
    for (lang, t) in [("en", &rule.en), ("ja", &rule.ja)] {
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
