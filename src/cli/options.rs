//! What was typed → what a run needs.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::args::{Filter, LangArg, SeverityArg};
use crate::model::{Lang, Severity};
use crate::source::Limits;
use crate::{Options, Triage};

impl From<SeverityArg> for Severity {
    fn from(arg: SeverityArg) -> Severity {
        match arg {
            SeverityArg::Info => Severity::Info,
            SeverityArg::Low => Severity::Low,
            SeverityArg::Medium => Severity::Medium,
            SeverityArg::High => Severity::High,
        }
    }
}

/// The language asked for, else that of the locale.
pub(super) fn language(arg: Option<LangArg>) -> Lang {
    match arg {
        Some(LangArg::En) => Lang::En,
        Some(LangArg::Ja) => Lang::Ja,
        None => {
            let of = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
            let locale =
                of("LC_ALL").or_else(|| of("LC_MESSAGES")).or_else(|| of("LANG")).unwrap_or_default();
            if locale.to_ascii_lowercase().starts_with("ja") { Lang::Ja } else { Lang::En }
        }
    }
}

/// A triage with those filters. The error is one clear line.
pub(super) fn triage(filter: &Filter, lang: Lang) -> Result<Triage, String> {
    let options = Options {
        lang,
        min_severity: filter.min_severity.map(Severity::from),
        min_confidence: filter.min_confidence,
        since: filter.since.as_deref().map(|t| time("--since", t, false)).transpose()?,
        until: filter.until.as_deref().map(|t| time("--until", t, true)).transpose()?,
        tenant: filter.tenant.clone(),
        account: filter.account.clone(),
        rules: filter.rules.clone(),
        profile: filter.profile.clone(),
        anonymize: filter.anonymize,
        limits: Limits { max_time: seconds(filter.time_limit), ..Limits::default() },
    };
    Triage::new(options).map_err(|e| e.to_string())
}

/// A limit of time; 0 stands for none.
fn seconds(count: u32) -> Option<Duration> {
    (count > 0).then(|| Duration::from_secs(count.into()))
}

/// A triage that only names what was found elsewhere.
pub(super) fn rules_only(rules: Option<&std::path::Path>, lang: Lang) -> Result<Triage, String> {
    let options = Options { lang, rules: rules.map(ToOwned::to_owned), ..Options::default() };
    Triage::new(options).map_err(|e| e.to_string())
}

/// A time, or a day (UTC): its start, or its end when `end`.
fn time(flag: &str, text: &str, end: bool) -> Result<Timestamp, String> {
    let day = |date: Date| {
        let clock = if end { date.at(23, 59, 59, 999_999_999) } else { date.at(0, 0, 0, 0) };
        jiff::tz::Offset::UTC.to_timestamp(clock).ok()
    };
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| text.parse::<Date>().ok().and_then(day))
        .ok_or_else(|| format!("{flag}: not a time; write 2026-11-23 or 2026-11-23T08:00:00Z"))
}

/// Sets the number of worker threads; 0 means one per core. Has no effect once workers run.
pub(super) fn threads(count: usize) -> Result<(), String> {
    if count == 0 {
        return Ok(());
    }
    rayon::ThreadPoolBuilder::new().num_threads(count).build_global().map_err(|e| format!("--threads: {e}"))
}
