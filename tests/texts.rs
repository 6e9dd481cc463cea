//! Every text of every rule, read as a machine can: terms of the glossary, length, who acts, what a customer may be sent.

use hartriage::diagnose::Ruleset;
use hartriage::model::{Kind, Lang, Owner, Rule};
use hartriage::report::lost;

/// One text with where it stands.
struct Text {
    rule: String,
    key: &'static str,
    lang: Lang,
    text: String,
}

const EN_ACTORS: [&str; 9] = [
    "The user ",
    "The user,",
    "The vendor",
    "The support engineer",
    "The Entra administrator",
    "The Exchange administrator",
    "The Microsoft 365 administrator",
    "The network administrator",
    "The domain administrator",
];
const EN_TEAM: &str = "The identity team of the customer";
const JA_ACTORS: [&str; 9] = [
    "ユーザー",
    "ベンダー",
    "サポート担当者",
    "Entra 管理者",
    "Exchange 管理者",
    "Microsoft 365 管理者",
    "ネットワーク管理者",
    "ドメイン管理者",
    "ID 基盤の担当者",
];

/// Words that are not used, and what is used instead; see `docs/glossary.md`.
const EN_TERMS: [(&str, &str); 24] = [
    ("Azure AD", "Microsoft Entra"),
    ("Azure portal", "Microsoft Entra admin center"),
    ("Enterprise applications", "Enterprise apps"),
    ("Microsoft Entra admin center > Enterprise", "Microsoft Entra admin center > Entra ID > Enterprise"),
    ("Microsoft Entra admin center > Users", "Microsoft Entra admin center > Entra ID > Users"),
    ("Microsoft Entra admin center > Sign-in", "… > Entra ID > Monitoring & health > Sign-in logs"),
    ("the Microsoft Entra admin center >", "Microsoft Entra admin center >"),
    ("the Exchange admin center >", "Exchange admin center >"),
    ("the Microsoft 365 admin center >", "Microsoft 365 admin center >"),
    ("app vendor", "vendor"),
    ("app's developer", "vendor"),
    ("vendor's support", "support engineer"),
    ("correlation id", "correlation ID"),
    ("tenant id", "tenant ID"),
    ("conditional access", "Conditional Access"),
    ("e-mail", "mail"),
    ("email address", "mail address"),
    ("multi-factor", "multifactor"),
    ("private browser window", "private window"),
    ("incognito window", "private window"),
    ("reply URL", "redirect URI"),
    ("return address", "redirect URI"),
    ("log in ", "sign in"),
    ("Thank you", "no greeting, no thanks"),
];
const JA_TERMS: [(&str, &str); 30] = [
    ("Azure AD", "Microsoft Entra"),
    ("エンタープライズ アプリケーション", "エンタープライズ アプリ"),
    ("Microsoft Entra 管理センター > エンタ", "Microsoft Entra 管理センター > Entra ID > エンタ"),
    ("Microsoft Entra 管理センター > ユーザー", "Microsoft Entra 管理センター > Entra ID > ユーザー"),
    ("Microsoft Entra 管理センター > サインイン", "… > Entra ID > 監視と正常性 > サインイン ログ"),
    ("利用者", "ユーザー"),
    ("アプリの提供元", "ベンダー"),
    ("アプリの開発元", "ベンダー"),
    ("当社", "弊社"),
    ("貴組織", "貴社"),
    ("相関 ID", "関連付け ID"),
    ("管理者同意", "管理者の同意"),
    ("応答 URL", "リダイレクト URI"),
    ("リダイレクトURI", "リダイレクト URI"),
    ("クライアントシークレット", "クライアント シークレット"),
    ("アクセストークン", "アクセス トークン"),
    ("リフレッシュ", "更新トークン"),
    ("承認コード", "認可コード"),
    ("メール ボックス", "メールボックス"),
    ("メールアドレス", "メール アドレス"),
    ("メールサーバー", "メール サーバー"),
    ("カレンダー", "予定表"),
    ("主アドレス", "プライマリ アドレス"),
    ("ログイン", "サインイン"),
    ("シークレットモード", "プライベート ウィンドウ"),
    ("端末", "デバイス"),
    ("？", "。 (and ? only inside the name of a button)"),
    ("：", "half-width colon"),
    ("ご利用者", "ユーザー"),
    ("ありがとうございます", "no greeting, no thanks"),
];

fn rules() -> Vec<Rule> {
    Ruleset::built_in().expect("the built-in rules compile").rules().to_vec()
}

fn texts(rule: &Rule) -> Vec<Text> {
    let mut out = Vec::new();
    let mut add = |key, lang, text: &str| {
        out.push(Text { rule: rule.id.clone(), key, lang, text: text.to_owned() });
    };
    for (lang, t) in [(Lang::En, &rule.en), (Lang::Ja, &rule.ja)] {
        add("title", lang, &t.title);
        add("meaning", lang, &t.meaning);
        add("customer", lang, &t.customer);
        add("admin", lang, &t.admin);
        for step in &t.fix {
            add("fix", lang, step);
        }
    }
    add("question", Lang::En, &rule.question_en);
    add("question", Lang::Ja, &rule.question_ja);
    for rival in &rule.rivals {
        add("question", Lang::En, &rival.question_en);
        add("question", Lang::Ja, &rival.question_ja);
    }
    out
}

/// Every text that a check finds wrong, with what is wrong.
fn wrong(check: impl Fn(&Text) -> Option<String>) -> Vec<String> {
    let all = rules();
    let texts: Vec<Text> = all.iter().flat_map(texts).collect();
    assert!(texts.len() > 20 * all.len(), "only {} texts", texts.len());
    texts
        .iter()
        .filter_map(|t| Some(format!("{} {} {:?}: {}: {}", t.rule, t.key, t.lang, check(t)?, t.text)))
        .collect()
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn terms_of_the_glossary() {
    none(&wrong(|t| {
        let terms: &[(&str, &str)] = if t.lang == Lang::En { &EN_TERMS } else { &JA_TERMS };
        terms.iter().find(|(no, _)| t.text.contains(no)).map(|(no, yes)| format!("{no:?}, say {yes:?}"))
    }));
}

#[test]
fn no_links_and_no_markup() {
    none(&wrong(|t| {
        ["http://", "https://", "](", "<", "`", "**"]
            .into_iter()
            .find(|m| t.text.contains(m))
            .map(|m| format!("holds {m:?}"))
    }));
}

#[test]
fn placeholders_that_read_well_without_a_value() {
    none(&wrong(|t| {
        let names = t.text.split('{').skip(1).map(|s| s.split('}').next().unwrap_or_default());
        let allowed: &[&str] = match t.key {
            "title" | "customer" => &[],
            _ => &["account", "app", "tenant", "scopes"],
        };
        names.into_iter().find(|n| !allowed.contains(n)).map(|n| format!("{{{n}}} does not belong here"))
    }));
    // A list of permissions has a label before it, for which the plain words were made.
    none(&wrong(|t| {
        let label =
            if t.lang == Lang::En { "Permissions: {scopes}." } else { "アクセス許可: {scopes}。" };
        (t.text.contains("{scopes}") && !t.text.ends_with(label)).then(|| format!("must end with {label:?}"))
    }));
}

#[test]
fn steps_begin_with_who_acts() {
    none(&wrong(|t| {
        let named = match t.lang {
            Lang::En => EN_ACTORS.iter().chain([&EN_TEAM]).any(|a| t.text.starts_with(a)),
            Lang::Ja => JA_ACTORS
                .iter()
                .any(|a| t.text.strip_prefix(a).is_some_and(|rest| rest.starts_with(['が', 'は', '（']))),
        };
        (t.key == "fix" && !named).then(|| "nobody acts".to_owned())
    }));
}

#[test]
fn sentences_end_and_are_short() {
    none(&wrong(|t| {
        let ends: &[char] = match (t.key, t.lang) {
            ("title", _) => return t.text.ends_with(['.', '。']).then(|| "a title has no full stop".into()),
            ("question", Lang::En) => &['?', '.'],
            (_, Lang::En) => &['.', '?'],
            (_, Lang::Ja) => &['。'],
        };
        if !t.text.ends_with(ends) || t.text.contains("  ") || t.text.contains("。。") {
            return Some("full stop or blank".to_owned());
        }
        let limit = match (t.key, t.lang) {
            ("fix", Lang::En) => 240,
            ("fix", Lang::Ja) => 150,
            (_, Lang::En) => 330,
            (_, Lang::Ja) => 190,
        };
        sentences(&t.text)
            .map(|s| s.chars().count())
            .find(|n| *n > limit)
            .map(|n| format!("a sentence of {n} characters"))
    }));
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('。').flat_map(|s| s.split(". ")).map(str::trim).filter(|s| !s.is_empty())
}

#[test]
fn titles_are_short_and_alike() {
    none(&wrong(|t| {
        if t.key != "title" {
            return None;
        }
        let (limit, polite) = match t.lang {
            Lang::En => (60, true),
            Lang::Ja => (30, ["ます", "です", "した", "せん"].iter().any(|e| t.text.ends_with(e))),
        };
        (t.text.chars().count() > limit || !polite).then(|| "too long, or not a polite sentence".to_owned())
    }));
}

#[test]
fn customer_texts_say_enough_and_not_too_much() {
    let mut found = wrong(|t| {
        let count = sentences(&t.text).count();
        (t.key == "customer" && !(2..=5).contains(&count)).then(|| format!("{count} sentences"))
    });
    found.extend(wrong(|t| {
        let jargon = [
            "AADSTS",
            "refresh token",
            "access token",
            "endpoint",
            "scope",
            "更新トークン",
            "アクセス トークン",
        ];
        let word = jargon.into_iter().find(|w| t.text.contains(w));
        word.filter(|_| t.key == "customer").map(|w| format!("jargon {w:?}"))
    }));
    none(&found);
}

#[test]
fn a_fault_of_ours_is_said_to_be_ours() {
    let missing: Vec<String> = rules()
        .iter()
        .filter(|r| r.owner == Owner::AppVendor && r.kind == Kind::Cause)
        .filter(|r| {
            let ours = ["our app", "our side", "Our app", "ours"];
            !ours.iter().any(|w| r.en.customer.contains(w)) || !r.ja.customer.contains("弊社")
        })
        .map(|r| r.id.clone())
        .collect();
    none(&missing);
}

/// The product's words outside the rules keep to the glossary too.
#[test]
fn words_outside_the_rules() {
    let files = [
        "report/words.rs",
        "report/adequacy.rs",
        "report/flow.rs",
        "report/lost.rs",
        "explain/words.rs",
        "sweep/words.rs",
    ];
    let mut found = Vec::new();
    for file in files {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        let text = std::fs::read_to_string(&path).expect("the file is there");
        for (no, yes) in EN_TERMS.iter().chain(&JA_TERMS) {
            if text.lines().any(|l| !l.trim_start().starts_with("//") && l.contains(no)) {
                found.push(format!("{file}: {no:?}, say {yes:?}"));
            }
        }
    }
    none(&found);
}

/// Phrases in the readers that say no loss: names inside files, patterns of stack traces, labels.
const NO_LOSS: [&str; 15] = [
    "byte {}",
    "Traceback (",
    "date (utc)",
    "Date (UTC)",
    "request id",
    "column {}",
    "Caused by",
    "created by ",
    "During handling",
    "The above exception",
    "End of ",
    "{}!/member {}",
    "{}!/part {}",
    "(read as embedded-{})",
    "SQLite format 3",
];

/// What a reader says of a loss is in the catalogue, so that it is said in both languages. Every phrase of the readers is
/// looked at: one that says no loss is in the list above.
#[test]
fn losses_are_in_the_catalogue() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<std::path::PathBuf> = vec![root.join("triage.rs"), root.join("sweep/fold.rs")];
    for folder in ["source", "decode", "decode/har"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder");
        files.extend(entries.map(|e| e.expect("an entry").path()));
    }
    files.retain(|f| f.extension().is_some_and(|e| e == "rs") && !f.to_string_lossy().ends_with("tests.rs"));
    let literal = regex::Regex::new(r#""((?:[^"\\\n]|\\.)*)""#).expect("a pattern");
    let phrase = regex::Regex::new(r"[a-z]{2,} [a-z{(]").expect("a pattern");
    let hole = regex::Regex::new(r"\{[a-z_]*\}").expect("a pattern");
    let known: Vec<&str> = lost::WHY.iter().chain(&lost::WHAT).map(|said| said.en).collect();
    let (mut seen, mut missing) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a source");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
            for said in literal.captures_iter(line).filter_map(|c| c.get(1)).map(|m| m.as_str()) {
                let said = hole.replace_all(said, "{}");
                let foreign = said.contains("b'")
                    || said.contains("joined by")
                    || NO_LOSS.iter().any(|n| said.starts_with(n));
                if !phrase.is_match(&said) || foreign {
                    continue;
                }
                seen += 1;
                if !known.contains(&said.as_ref()) {
                    missing.push(format!("{}: {said}", file.display()));
                }
            }
        }
    }
    assert!(seen > 80, "only {seen} phrases were found");
    assert!(missing.is_empty(), "not in src/report/lost.rs:\n{}", missing.join("\n"));
    for said in lost::WHY.iter().chain(&lost::WHAT) {
        assert!(!said.ja.is_ascii(), "{} has no Japanese", said.en);
    }
}
