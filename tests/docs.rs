//! The generated pages of `docs/` say what the code says. A plain run fails on drift; `UPDATE=1 cargo test --test docs`
//! writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use hartriage::diagnose::Ruleset;
use hartriage::model::{Condition, FACTS, Kind, Lang, Owner, Rule, RuleTexts, Severity, Stage};

#[test]
fn rules_in_english() {
    agree("rules.en.md", &rules(Lang::En));
}

#[test]
fn rules_in_japanese() {
    agree("rules.ja.md", &rules(Lang::Ja));
}

#[test]
fn facts() {
    let mut out = String::from(
        "# Facts\n\nA fact is one typed observation made from an event. Rules ask for facts by these names. \
         Generated from `src/model/fact_names.rs`.\n\n| Fact | Meaning and values |\n| --- | --- |\n",
    );
    for fact in FACTS {
        let _ = writeln!(out, "| `{}` | {} |", fact.id, fact.doc.replace('|', "\\|"));
    }
    agree("facts.md", &out);
}

#[test]
fn command_line() {
    let mut command = hartriage::cli::command().term_width(100);
    command.build();
    let mut out = String::from(
        "# Command line\n\nThe long help of every command, generated from its definition in `src/cli/args.rs`.\n",
    );
    help(&mut command, &mut out);
    agree("cli.md", &out);
}

/// The help of a command, then of its subcommands.
fn help(command: &mut clap::Command, out: &mut String) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    let text = command.render_long_help().to_string();
    let _ = write!(out, "\n## {name}\n\n```text\n");
    for line in text.trim().lines() {
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out.push_str("```\n");
    for sub in command.get_subcommands_mut() {
        help(sub, out);
    }
}

/// Compares a page with its file, or writes it when `UPDATE` is set.
fn agree(name: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, page).expect("docs can be written");
        return;
    }
    let file = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let line = file.lines().zip(page.lines()).take_while(|(a, b)| a == b).count() + 1;
    assert!(
        file == page,
        "docs/{name} differs from the code, first in line {line}; run: UPDATE=1 cargo test --test docs"
    );
}

/// Labels of the page of rules, in its language.
struct Words {
    lang: Lang,
}

impl Words {
    fn get(&self, en: &'static str, ja: &'static str) -> &'static str {
        match self.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }
}

fn texts(rule: &Rule, lang: Lang) -> &RuleTexts {
    match lang {
        Lang::En => &rule.en,
        Lang::Ja => &rule.ja,
    }
}

fn rules(lang: Lang) -> String {
    let ruleset = Ruleset::built_in().expect("the built-in rules compile");
    let w = Words { lang };
    let mut all: Vec<&Rule> = ruleset.rules().iter().collect();
    all.sort_by_key(|r| (r.stage, r.kind != Kind::Cause, r.id.clone()));
    let mut out = format!(
        "# {}\n\n{}\n",
        w.get("Rules", "ルール一覧"),
        w.get(
            "Every diagnosis that hartriage can give, by the stage of the connection at which it fails. Generated from \
             `src/rules/`. In the texts, `{account}`, `{app}`, `{tenant}` and `{scopes}` stand for what the material \
             shows; where it shows nothing, plain words stand there.",
            "hartriage が示す診断の一覧です。接続が失敗する段階ごとにまとめています。`src/rules/` から生成しています。\
             文中の `{account}`、`{app}`、`{tenant}`、`{scopes}` には資料から分かった値が入り、不明な場合は一般的な語に置き換わります。",
        ),
    );
    for stage in Stage::ALL {
        let here = || all.iter().filter(|r| r.stage == stage);
        if here().next().is_none() {
            continue;
        }
        let _ = write!(out, "\n- [{0}](#{0}){1}\n", stage.name(), w.get("", stage_ja(stage)));
        for rule in here() {
            let _ = writeln!(out, "  - [{}](#{}): {}", rule.id, rule.id, texts(rule, lang).title);
        }
    }
    for stage in Stage::ALL {
        if all.iter().all(|r| r.stage != stage) {
            continue;
        }
        let _ = write!(out, "\n## {}\n", stage.name());
        for rule in all.iter().filter(|r| r.stage == stage) {
            entry(&mut out, rule, &ruleset, &w);
        }
    }
    out
}

fn stage_ja(stage: Stage) -> &'static str {
    match stage {
        Stage::Network => " ネットワーク",
        Stage::SignIn => " サインイン",
        Stage::Consent => " 同意",
        Stage::Redirect => " リダイレクト",
        Stage::Token => " トークン",
        Stage::Mailbox => " メールボックス",
        Stage::Calendar => " 予定表",
        Stage::Sync => " 同期・送信",
    }
}

fn entry(out: &mut String, rule: &Rule, all: &Ruleset, w: &Words) {
    let t = texts(rule, w.lang);
    let _ = write!(out, "\n### {}\n\n**{}**\n\n", rule.id, t.title);
    let _ = writeln!(
        out,
        "{}: {} · {}: {} · {}: {}\n",
        w.get("Kind", "種別"),
        kind(rule.kind, w),
        w.get("Who acts", "対応者"),
        owner(rule.owner, w),
        w.get("Severity", "重大度"),
        severity(rule.severity, w),
    );
    let _ = writeln!(out, "{}\n", t.meaning);
    for (n, step) in t.fix.iter().enumerate() {
        let _ = writeln!(out, "{}. {step}", n + 1);
    }
    let _ = write!(out, "\n{}:\n\n> {}\n", w.get("Reply to the customer", "お客様への返信"), t.customer);
    let _ = write!(out, "\n{}:\n\n> {}\n", w.get("Request to the one who acts", "対応者への依頼"), t.admin);
    let question = if w.lang == Lang::En { &rule.question_en } else { &rule.question_ja };
    let _ = write!(out, "\n{}: {question}\n", w.get("To be sure, ask", "確認する質問"));
    if !rule.rivals.is_empty() {
        let _ = write!(out, "\n{}:\n\n", w.get("What else it could be", "ほかに考えられる原因"));
    }
    for rival in &rule.rivals {
        let question = if w.lang == Lang::En { &rival.question_en } else { &rival.question_ja };
        let title =
            all.index_of(&rival.id).map(|n| texts(all.get(n), w.lang).title.as_str()).unwrap_or_default();
        let _ = writeln!(out, "- [{}](#{}) ({title}): {question}", rival.id, rival.id);
    }
    let codes = codes(rule);
    if !codes.is_empty() {
        let _ = write!(out, "\n{}: {}\n", w.get("Rests on", "根拠となるコード"), codes.join(", "));
    }
    let _ = write!(
        out,
        "\n{}: {} ({} {})\n",
        w.get("Reference", "参照"),
        rule.reference,
        w.get("checked", "確認日"),
        rule.checked
    );
}

/// The values of the gate: codes with their fact name, in order, each once.
fn codes(rule: &Rule) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let words = ["entra-text=", "entra-guess=", "api-text="];
    for condition in rule.all.iter().chain(&rule.any) {
        for code in spelled(condition) {
            if !out.contains(&code) && !words.iter().any(|w| code.starts_with(&format!("`{w}"))) {
                out.push(code);
            }
        }
    }
    out
}

fn spelled(condition: &Condition) -> Vec<String> {
    let name = condition.name.id();
    if condition.values.is_empty() {
        return vec![format!("`{name}`")];
    }
    condition
        .values
        .iter()
        .map(|v| match name {
            "entra-code" => format!("`AADSTS{v}`"),
            _ => format!("`{name}={v}`"),
        })
        .collect()
}

fn kind(kind: Kind, w: &Words) -> &'static str {
    hartriage::report::words::kind(kind).get(w.lang)
}

fn owner(owner: Owner, w: &Words) -> &'static str {
    hartriage::report::words::owner(owner).get(w.lang)
}

fn severity(severity: Severity, w: &Words) -> &'static str {
    hartriage::report::words::severity(severity).get(w.lang)
}

/// Pages that show what the program prints.
const SHOWN: [&str; 3] = ["README.md", "docs/tour.md", "docs/outputs.md"];

/// A block of `console` begins with a command; the lines below it are printed in that order. `…` leaves lines out, and
/// at the end of a line its rest.
#[test]
fn shown_output_is_what_is_printed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in SHOWN {
        let text = std::fs::read_to_string(root.join(page)).expect("a page").replace("\r\n", "\n");
        let blocks: Vec<&str> =
            text.split("```console\n").skip(1).filter_map(|b| b.split("\n```").next()).collect();
        assert!(!blocks.is_empty(), "{page} shows no output");
        for block in blocks {
            let (command, shown) = block.split_once('\n').expect("a command and what it prints");
            let arguments = command.strip_prefix("$ hartriage ").expect("a command").split(' ');
            let done = std::process::Command::new(env!("CARGO_BIN_EXE_hartriage"))
                .args(arguments)
                .args(["--lang", "en"])
                .current_dir(root)
                .output()
                .expect("the program runs");
            let printed = String::from_utf8_lossy(&done.stdout);
            let mut lines = printed.lines();
            for line in shown.lines().filter(|l| *l != "…") {
                let found = match line.strip_suffix('…') {
                    Some(start) => lines.any(|l| l.starts_with(start)),
                    None => lines.any(|l| l == line),
                };
                assert!(found, "{page}: `{command}` does not print, or not there: {line}");
            }
        }
    }
}
