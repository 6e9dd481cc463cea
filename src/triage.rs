//! The pipeline in one readable function, and the options that steer it.
//!
//! In: arguments. Out: a [`Report`]. Never: printing, exiting, or stopping because one input is bad.

mod clock;
mod held;
mod kept;
mod read;
mod windows;

use std::path::PathBuf;

use jiff::Timestamp;
use rayon::prelude::*;

use self::clock::Clock;
use self::read::{Read, Reading, number, read_source};
pub(crate) use self::windows::{Windows, format_in_windows, shift_index};
use crate::correlate::{self, correlate};
use crate::diagnose::{RuleError, Ruleset};
use crate::knowledge::profiles;
use crate::model::{
    Attempt, Fact, FactName, InputSummary, Judgement, Lang, Lost, Observed, Profile, Severity, Source,
};
use crate::rank::rank;
use crate::report::{self, Report};
use crate::source::{self, Limits};

/// So many attempts are many.
const MANY: usize = 64;

/// What a run is asked for, resolved from flags and defaults.
#[derive(Debug, Clone)]
pub struct Options {
    pub lang: Lang,
    pub min_severity: Option<Severity>,
    pub min_confidence: u8,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Keep attempts of this tenant (id or domain) only.
    pub tenant: Option<String>,
    /// Keep attempts of this account only.
    pub account: Option<String>,
    pub rules: Option<PathBuf>,
    pub profile: Option<String>,
    pub anonymize: bool,
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            lang: Lang::En,
            min_severity: None,
            min_confidence: 0,
            since: None,
            until: None,
            tenant: None,
            account: None,
            rules: None,
            profile: None,
            anonymize: false,
            limits: Limits::default(),
        }
    }
}

/// Why a run cannot start: a bad rule or profile. Bad inputs never do this; they are in the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fatal {
    Rule(RuleError),
    Profile(String),
}

impl std::fmt::Display for Fatal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fatal::Rule(e) => e.fmt(f),
            Fatal::Profile(e) => f.write_str(e),
        }
    }
}

impl std::error::Error for Fatal {}

/// What the inputs hold, before it is joined.
#[derive(Debug, Default)]
pub struct Observations {
    /// What became of each input, in the order in which they were reached.
    pub inputs: Vec<InputSummary>,
    /// Every event that holds a fact, in order of the inputs.
    pub observed: Vec<Observed>,
    /// What the frames of captures tell, as facts of whole sources.
    pub marks: Vec<Fact>,
}

/// Everything a run found, before it is worded.
#[derive(Debug, Default)]
pub struct Findings {
    pub inputs: Vec<InputSummary>,
    pub observed: Vec<Observed>,
    pub attempts: Vec<Attempt>,
    pub judgement: Judgement,
    pub profile: Option<Profile>,
    /// Attempts left out by a filter.
    pub filtered: u64,
}

/// A prepared triage: rules compiled, options resolved.
///
/// ```
/// use hartriage::{Options, Triage};
///
/// let triage = Triage::new(Options::default())?;
/// let report = triage.run(&["https://app.example/cb?error=access_denied&error_subcode=cancel&state=1".to_owned()]);
/// assert_eq!(report.diagnoses[0].id, "consent-cancelled");
/// # Ok::<(), hartriage::Fatal>(())
/// ```
#[derive(Debug)]
pub struct Triage {
    rules: Ruleset,
    profile: Option<Profile>,
    options: Options,
}

impl Triage {
    /// Compiles the rules and reads the profile.
    pub fn new(options: Options) -> Result<Triage, Fatal> {
        let rules = match &options.rules {
            Some(folder) => Ruleset::with_folder(folder),
            None => Ruleset::built_in(),
        };
        let rules = rules.map_err(Fatal::Rule)?;
        let profile = options.profile.as_deref().map(profiles::load).transpose().map_err(Fatal::Profile)?;
        Ok(Triage { rules, profile, options })
    }

    pub fn rules(&self) -> &Ruleset {
        &self.rules
    }

    /// source → decode → extract → correlate → diagnose → rank → report.
    pub fn run(&self, inputs: &[String]) -> Report {
        let findings = self.investigate(inputs);
        let report = self.report(&findings);
        if findings.attempts.len() > MANY {
            // To give that much memory back takes a while, in which this one can go on.
            rayon::spawn(move || drop(findings));
        }
        report
    }

    /// The wording of what was found.
    pub fn report(&self, findings: &Findings) -> Report {
        report::build(&self.rules, findings, &self.options)
    }

    /// As [`Triage::run`], without the wording.
    pub fn investigate(&self, inputs: &[String]) -> Findings {
        self.judge(self.observe(inputs))
    }

    /// Everything that the arguments name, for those who take each thing as a case of its own; and what cannot be read.
    pub fn find(&self, inputs: &[String]) -> (Vec<source::Found>, Vec<Lost>) {
        source::find(inputs, &self.options.limits)
    }

    /// As [`Triage::investigate`], for one of the things found: a file, or an archive with its members.
    pub fn investigate_one(&self, found: &source::Found) -> Findings {
        self.judge(number(self.read_found(found)))
    }

    /// Judges a text as if it were a file of that name; for rule examples.
    pub fn investigate_text(&self, name: &str, text: &str) -> Findings {
        let source = Source::whole(name, std::sync::Arc::new(text.as_bytes().to_vec()));
        self.judge(number(vec![read_source(&source, &self.options.limits, Clock::endless())]))
    }

    /// Judges sources that are in memory, as one case.
    pub(crate) fn investigate_sources(&self, sources: &[Source]) -> Findings {
        let read = |source| read_source(source, &self.options.limits, Clock::endless());
        self.judge(number(sources.par_iter().map(read).collect()))
    }

    /// Reads the inputs: what became of each, and every event that holds a fact, in order of the inputs.
    pub fn observe(&self, inputs: &[String]) -> Observations {
        let (found, lost) = source::find(inputs, &self.options.limits);
        let read: Vec<Vec<Read>> = found.par_iter().map(|f| self.read_found(f)).collect();
        let mut read: Vec<Read> = read.into_iter().flatten().collect();
        read.extend(lost.into_iter().map(Read::unreadable));
        number(read)
    }

    fn read_found(&self, found: &source::Found) -> Vec<Read> {
        let mut reading = Reading::new(&self.options.limits);
        let lost = source::open(found, &self.options.limits, &mut reading);
        reading.finish(lost)
    }

    /// As [`Triage::observe`], for bytes that come as they come.
    pub fn observe_reader(&self, name: &str, reader: impl std::io::Read) -> Observations {
        let mut reading = Reading::new(&self.options.limits);
        let lost = source::open_reader(name, reader, &self.options.limits, &mut reading);
        number(reading.finish(lost))
    }

    /// Joins and judges what was read.
    pub fn judge(&self, observations: Observations) -> Findings {
        let Observations { inputs, observed, marks } = observations;
        let profile = self.profile_of(&observed);
        let mut attempts = correlate(&observed, &marks, profile.as_ref());
        let before = attempts.len();
        attempts.retain(|a| self.wants(a));
        let filtered = (before - attempts.len()) as u64;
        let judgement = rank(&self.rules, &attempts, profile.as_ref());
        Findings { inputs, observed, attempts, judgement, profile, filtered }
    }

    /// What the run is asked for.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// The vendor: the one asked for, else the one that the events show.
    pub(crate) fn profile_of(&self, observed: &[Observed]) -> Option<Profile> {
        self.profile.clone().or_else(|| profiles::detect(observed))
    }

    /// Whether the filters let an attempt through.
    pub(crate) fn wants(&self, attempt: &Attempt) -> bool {
        let o = &self.options;
        let named = |wanted: &Option<String>, have: &[FactName], own: &Option<String>| {
            wanted.as_ref().is_none_or(|w| {
                own.as_ref().is_some_and(|v| v.eq_ignore_ascii_case(w))
                    || attempt.facts.iter().any(|f| have.contains(&f.name) && f.value.eq_ignore_ascii_case(w))
            })
        };
        let accounts =
            [FactName::IdToken, FactName::IdUpn, FactName::IdMailbox, FactName::IdTyped, FactName::IdHint];
        o.since.is_none_or(|t| attempt.last_seen.is_none_or(|seen| seen >= t))
            && o.until.is_none_or(|t| attempt.first_seen.is_none_or(|seen| seen <= t))
            && named(
                &o.tenant,
                &[FactName::Tenant, FactName::ErrorTenant, FactName::HomeTenant],
                &attempt.tenant,
            )
            && named(&o.account, &accounts, &attempt.account)
    }
}

/// Clock differences, for the report.
pub(crate) fn skews(findings: &Findings) -> Vec<correlate::Skew> {
    correlate::skews(&findings.observed)
}
