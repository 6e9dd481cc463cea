//! All rules of a run: the built-in ones and those of `--rules DIR`.

use std::collections::HashMap;
use std::path::Path;

use super::author::compile_built_in;
use super::{RuleError, compile};
use crate::model::{FactName, Rule};

/// Rules in order of id, with the look-ups that evaluation needs.
#[derive(Debug)]
pub struct Ruleset {
    rules: Vec<Rule>,
    by_id: HashMap<String, usize>,
    /// Rules whose gate can be opened by a fact of that name; keeps evaluation from asking every rule every time.
    by_fact: HashMap<FactName, Vec<usize>>,
}

impl Ruleset {
    /// The built-in rules.
    pub fn built_in() -> Result<Ruleset, RuleError> {
        Ok(Ruleset::ordered(compile_built_in()?))
    }

    /// The built-in rules and those of a folder; a rule of the folder replaces a built-in one of the same id.
    pub fn with_folder(folder: &Path) -> Result<Ruleset, RuleError> {
        let mut rules = Ruleset::built_in()?.rules;
        for rule in read_folder(folder)? {
            rules.retain(|r| r.id != rule.id);
            rules.push(rule);
        }
        Ruleset::of(rules)
    }

    /// Orders and checks rules against each other.
    pub fn of(rules: Vec<Rule>) -> Result<Ruleset, RuleError> {
        let set = Ruleset::ordered(rules);
        for rule in &set.rules {
            let named = rule.rivals.iter().map(|r| &r.id).chain(&rule.explains);
            let named = named.chain(rule.counters.iter().map(|c| &c.instead).filter(|i| !i.is_empty()));
            for id in named {
                if !set.by_id.contains_key(id) {
                    let what = format!("names {id}, and there is no such rule");
                    return Err(RuleError { file: format!("{}.toml", rule.id), what });
                }
            }
        }
        Ok(set)
    }

    fn ordered(mut rules: Vec<Rule>) -> Ruleset {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let by_id: HashMap<String, usize> =
            rules.iter().enumerate().map(|(n, rule)| (rule.id.clone(), n)).collect();
        let mut by_fact: HashMap<FactName, Vec<usize>> = HashMap::new();
        for (n, rule) in rules.iter().enumerate() {
            let openers = if rule.any.is_empty() { &rule.all } else { &rule.any };
            for condition in openers {
                let list = by_fact.entry(condition.name).or_default();
                if list.last() != Some(&n) {
                    list.push(n);
                }
            }
        }
        Ruleset { rules, by_id, by_fact }
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub fn get(&self, index: usize) -> &Rule {
        &self.rules[index]
    }

    pub fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// Rules that a fact of that name may open, in order of id.
    pub fn opened_by(&self, name: FactName) -> &[usize] {
        self.by_fact.get(&name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Latest date on which a rule was checked.
    pub fn date(&self) -> &str {
        self.rules.iter().map(|r| r.checked.as_str()).max().unwrap_or_default()
    }
}

fn read_folder(folder: &Path) -> Result<Vec<Rule>, RuleError> {
    let fail = |e: std::io::Error| RuleError { file: folder.display().to_string(), what: e.to_string() };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .map_err(fail)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).map_err(fail)?;
            compile(&path.file_name().unwrap_or_default().to_string_lossy(), &text)
        })
        .collect()
}
