//! The look-ups behind `explain`.

use super::words;
use super::{Lead, Meaning};
use crate::diagnose::Ruleset;
use crate::knowledge;
use crate::model::{Condition, FactName, Kind, Lang, Rule};
use crate::pattern::may_match;
use crate::report::without_case;

/// Most neighbours suggested.
const MOST_NEAR: usize = 4;
/// Most diagnoses shown for one code.
const MOST_LEADS: usize = 2;

pub(super) fn meanings(asked: &str, lang: Lang) -> Vec<Meaning> {
    let mut out = Vec::new();
    out.extend(entra(asked, lang));
    out.extend(knowledge::api(asked).map(|a| Meaning {
        code: a.code.to_owned(),
        what: a.surface.to_owned(),
        name: String::new(),
        area: words::area(a.category).get(lang).to_owned(),
        who: words::who(a.fixer).get(lang).to_owned(),
        meaning: a.meaning.to_owned(),
    }));
    out.extend(knowledge::oauth(asked).map(|o| Meaning {
        code: o.value.to_owned(),
        what: format!("OAuth / OIDC: {}", o.field),
        name: String::new(),
        area: words::area(o.category).get(lang).to_owned(),
        who: words::who(o.fixer).get(lang).to_owned(),
        meaning: o.meaning.to_owned(),
    }));
    out.extend(scopes(asked, lang));
    out.extend(knowledge::well_known(asked).map(|w| Meaning {
        code: w.id.to_owned(),
        what: words::kind(w.kind).get(lang).to_owned(),
        name: w.name.to_owned(),
        area: String::new(),
        who: String::new(),
        meaning: w.role.to_owned(),
    }));
    out.extend(mail(asked, lang));
    if out.is_empty() && asked.contains('.') && asked.bytes().any(|b| b.is_ascii_alphabetic()) {
        out.extend(host(asked, lang));
    }
    out
}

fn entra(asked: &str, lang: Lang) -> Option<Meaning> {
    let upper = asked.to_ascii_uppercase();
    let digits = upper.strip_prefix("AADSTS").unwrap_or(&upper);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let e = knowledge::entra(digits)?;
    Some(Meaning {
        code: format!("AADSTS{}", e.code),
        what: words::ENTRA.get(lang).to_owned(),
        name: e.name.to_owned(),
        area: words::area(e.category).get(lang).to_owned(),
        who: words::who(e.fixer).get(lang).to_owned(),
        meaning: e.meaning.to_owned(),
    })
}

/// A scope, also with its resource prefix (`https://graph.microsoft.com/Mail.Send`).
fn scopes(asked: &str, lang: Lang) -> Vec<Meaning> {
    let name = if asked.contains("://") { asked.rsplit('/').next().unwrap_or(asked) } else { asked };
    let say = |b: words::Both| b.get(lang);
    knowledge::scope(name)
        .map(|s| Meaning {
            code: s.scope.to_owned(),
            what: format!("{} ({})", say(words::SCOPE), say(words::scope_kind(s.kind))),
            name: s.guid.to_owned(),
            area: s.resource_prefix.to_owned(),
            who: if s.admin_consent == "yes" { say(words::NEEDS_ADMIN) } else { say(words::USER_MAY) }
                .to_owned(),
            meaning: if s.satisfied_by.is_empty() {
                s.note.to_owned()
            } else {
                format!("{} {} {}", s.note, say(words::INCLUDED_IN), s.satisfied_by).trim().to_owned()
            },
        })
        .collect()
}

/// Mail protocol rows by enhanced code (`5.7.139`), or whose pattern the asked text meets.
fn mail(asked: &str, lang: Lang) -> Vec<Meaning> {
    let is_code = asked.split('.').count() == 3 && asked.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let meets = |pattern: &str| {
        let compile = || regex::RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).build();
        asked.len() >= 8 && may_match(pattern, asked) && compile().is_ok_and(|r| r.is_match(asked))
    };
    knowledge::mail_protocols()
        .filter(|m| if is_code { m.enhanced == asked } else { meets(m.pattern) })
        .map(|m| Meaning {
            code: if m.enhanced == "-" || m.enhanced.is_empty() {
                m.pattern.to_owned()
            } else {
                m.enhanced.to_owned()
            },
            what: m.protocol.to_owned(),
            name: if m.pattern == asked { String::new() } else { m.pattern.to_owned() },
            area: words::area(m.category).get(lang).to_owned(),
            who: words::who(m.fixer).get(lang).to_owned(),
            meaning: m.meaning.to_owned(),
        })
        .collect()
}

fn host(asked: &str, lang: Lang) -> Option<Meaning> {
    let mx = knowledge::mx(asked)?;
    Some(Meaning {
        code: asked.to_ascii_lowercase(),
        what: format!("{}: {}", words::HOST.get(lang), mx.role),
        name: mx.provider.to_owned(),
        area: String::new(),
        who: String::new(),
        meaning: mx.meaning.to_owned(),
    })
}

/// Diagnoses that the code itself earns points for, most points first; or the diagnosis of that id.
pub(super) fn leads(rules: &Ruleset, asked: &str, meanings: &[Meaning], lang: Lang) -> Vec<Lead> {
    let mut scored: Vec<(i32, &Rule)> = Vec::new();
    for rule in rules.rules() {
        let own = rule.id.eq_ignore_ascii_case(asked).then_some(1000);
        let by_code = rule
            .weights
            .iter()
            .filter(|w| w.points > 0 && names(&w.when, asked, meanings))
            .map(|w| w.points)
            .max();
        if let Some(points) = own.or(by_code.filter(|_| rule.kind == Kind::Cause)) {
            scored.push((points, rule));
        }
    }
    scored.sort_by_key(|(points, rule)| (-points, rule.id.clone()));
    scored
        .into_iter()
        .take(MOST_LEADS)
        .map(|(_, rule)| {
            let texts = if lang == Lang::Ja { &rule.ja } else { &rule.en };
            let plain = |text: &String| without_case(text, lang);
            Lead {
                id: rule.id.clone(),
                title: plain(&texts.title),
                meaning: plain(&texts.meaning),
                fix: texts.fix.iter().map(plain).collect(),
            }
        })
        .collect()
}

fn names(condition: &Condition, asked: &str, meanings: &[Meaning]) -> bool {
    let is_code = matches!(
        condition.name,
        FactName::EntraCode
            | FactName::ApiCode
            | FactName::OauthError
            | FactName::OauthSuberror
            | FactName::SmtpCode
            | FactName::VendorCode
            | FactName::ConsumerCode
            | FactName::IdxCode
            | FactName::MsalCode
            | FactName::DiagnosticsCode
            | FactName::Throttle
            | FactName::ChallengeCode
    );
    let digits = asked.to_ascii_uppercase();
    let digits = digits.strip_prefix("AADSTS").unwrap_or(&digits);
    let same = |v: &String| {
        v.eq_ignore_ascii_case(asked)
            || condition.name == FactName::EntraCode && v == digits
            || meanings.iter().any(|m| m.code.eq_ignore_ascii_case(v))
    };
    is_code && condition.values.iter().any(same)
}

/// What the person may have meant.
pub(super) fn neighbours(rules: &Ruleset, asked: &str) -> Vec<String> {
    let wanted = asked.to_ascii_lowercase();
    let numeric = wanted.trim_start_matches("aadsts").to_owned();
    let ids = rules.rules().iter().map(|r| r.id.as_str());
    let mut scored: Vec<(usize, &str)> = knowledge::keys()
        .map(|key| key as &str)
        .chain(ids)
        .map(|key| {
            let lower = key.to_ascii_lowercase();
            let distance = match lower.strip_prefix("aadsts") {
                Some(digits) => {
                    strsim::osa_distance(digits, &numeric).min(strsim::osa_distance(&lower, &wanted))
                }
                None => strsim::osa_distance(&lower, &wanted),
            };
            (distance, key)
        })
        .collect();
    scored.sort();
    scored.dedup();
    // One slip in four characters is a slip of the hand; more is another word.
    let most = wanted.chars().count().min(24) / 4;
    let near = scored.into_iter().take_while(|(distance, _)| *distance <= most);
    near.take(MOST_NEAR).map(|(_, key)| key.to_owned()).collect()
}
