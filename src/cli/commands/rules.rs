//! `hartriage rules list|show|check|test`.

use std::process::ExitCode;

use crate::cli::args::{Rules, RulesAction, Sandbox};
use crate::cli::seal::seal;
use crate::cli::{options, output};
use crate::diagnose::{Ruleset, check_built_in};
use crate::model::{Condition, Lang, Rule};
use crate::report::words;
use crate::{Options, Triage, proof};

pub(in crate::cli) fn run(args: &Rules, sandbox: &Sandbox) -> Result<ExitCode, String> {
    let lang = options::language(args.lang);
    seal(sandbox, &[])?;
    let triage = Triage::new(Options { rules: args.rules.clone(), lang, ..Options::default() })
        .map_err(|e| e.to_string())?;
    // Other commands take the built-in rules as they were tested.
    let checked = check_built_in().and_then(Ruleset::of).map_err(|e| e.to_string())?;
    drop(checked);
    match &args.action {
        RulesAction::List => output::write(&list(triage.rules(), lang))?,
        RulesAction::Show { id } => {
            let index = triage.rules().index_of(id).ok_or_else(|| unknown(triage.rules(), id))?;
            output::write(&show(triage.rules().get(index), lang))?;
        }
        RulesAction::Check => {
            output::write(&format!("{} rules, all well-formed\n", triage.rules().rules().len()))?
        }
        RulesAction::Test => return test(&triage),
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(rules: &Ruleset, id: &str) -> String {
    let near = rules.rules().iter().max_by(|a, b| {
        let score = |r: &Rule| strsim::jaro_winkler(&r.id, id);
        score(a).total_cmp(&score(b))
    });
    let near = near.map(|r| format!("; did you mean {}?", r.id)).unwrap_or_default();
    format!("there is no rule {id:?}{near}")
}

fn list(rules: &Ruleset, lang: Lang) -> String {
    let mut out = String::new();
    for rule in rules.rules() {
        let title = &if lang == Lang::Ja { &rule.ja } else { &rule.en }.title;
        let kind = words::kind(rule.kind).get(lang);
        let owner = words::owner(rule.owner).get(lang);
        out.push_str(&format!("{:<32} {kind:<8} {title} — {owner}\n", rule.id));
    }
    out
}

fn show(rule: &Rule, lang: Lang) -> String {
    let texts = if lang == Lang::Ja { &rule.ja } else { &rule.en };
    let mut out = format!("{} — {}\n\n{}\n\n", rule.id, texts.title, texts.meaning);
    for (n, step) in texts.fix.iter().enumerate() {
        out.push_str(&format!("{}. {step}\n", n + 1));
    }
    let list = |conditions: &[Condition]| conditions.iter().map(condition).collect::<Vec<_>>().join(", ");
    for (name, conditions) in [("all", &rule.all), ("any", &rule.any), ("none", &rule.none)] {
        if !conditions.is_empty() {
            out.push_str(&format!("\n{name}: {}\n", list(conditions)));
        }
    }
    out.push('\n');
    for weight in &rule.weights {
        out.push_str(&format!("{:+4}  {}\n", weight.points, condition(&weight.when)));
    }
    for rival in &rule.rivals {
        let question = if lang == Lang::Ja { &rival.question_ja } else { &rival.question_en };
        out.push_str(&format!("\n≠ {}: {question}\n", rival.id));
    }
    out.push_str(&format!("\n{} ({})\n", rule.reference, rule.checked));
    out
}

fn condition(condition: &Condition) -> String {
    if condition.values.is_empty() {
        return condition.name.id().to_owned();
    }
    format!("{}={}", condition.name.id(), condition.values.join("|"))
}

fn test(triage: &Triage) -> Result<ExitCode, String> {
    let proven = proof::prove(triage);
    for failure in &proven.failures {
        output::say(failure);
    }
    output::write(&format!("{} proofs, {} failed\n", proven.run, proven.failures.len()))?;
    Ok(if proven.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
