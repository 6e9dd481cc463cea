//! One case → the aggregate.
//!
//! In: the findings of one input. Out: counts. Never: keeping an event or a fact.

use std::collections::{BTreeMap, BTreeSet};

use super::merge::keep_first;
use super::model::{Aggregate, Grouping, NAMED, NotRead, Representative, Row};
use super::text::Text;
use crate::diagnose::{Ruleset, matches};
use crate::model::{Attempt, Diagnosis, Fact, FactName, InputSummary, Kind, Lost, Outcome, Rule};
use crate::rank::code_of;
use crate::redact::Redactor;
use crate::triage::Findings;

impl Aggregate {
    /// Counts an input that could not be found or opened.
    pub fn count_unread(&mut self, lost: &Lost, redactor: &Redactor) {
        self.inputs.unread += 1;
        self.name_not_read(false, lost, redactor);
    }

    /// Counts a case.
    pub fn count(&mut self, findings: &Findings, rules: &Ruleset, redactor: &Redactor) {
        let case = Case { findings, rules, redactor };
        if !self.count_input(&case) {
            return;
        }
        let counted: Vec<&Diagnosis> =
            findings.judgement.diagnoses.iter().filter(|d| self.wanted(rules, d)).collect();
        self.count_result(findings, !counted.is_empty());
        let examples: Vec<Representative> = counted.iter().map(|d| case.representative(d)).collect();
        let mut by_attempt: BTreeMap<usize, Vec<(&Diagnosis, &Representative)>> = BTreeMap::new();
        for (diagnosis, example) in counted.iter().zip(&examples) {
            for attempt in &diagnosis.attempts {
                by_attempt.entry(*attempt).or_default().push((diagnosis, example));
            }
        }
        let mut seen: BTreeSet<Text> = BTreeSet::new();
        for (n, of_it) in by_attempt {
            let Some(attempt) = findings.attempts.get(n) else { continue };
            let found = Found::of(&case, attempt, &of_it);
            for key in case.keys(self.settings.group_by, &found) {
                let row = self.rows.entry(key.clone()).or_default();
                found.add_to(row, self.settings.group_by, &key);
                row.inputs += u64::from(seen.insert(key));
            }
        }
    }

    fn wanted(&self, rules: &Ruleset, diagnosis: &Diagnosis) -> bool {
        let s = &self.settings;
        let severity = rules.get(diagnosis.rule).severity;
        diagnosis.kind == Kind::Cause
            && diagnosis.confidence >= s.min_confidence
            && s.min_severity.is_none_or(|least| severity >= least)
    }

    /// False when nothing of the input was read.
    fn count_input(&mut self, case: &Case<'_>) -> bool {
        let members = &case.findings.inputs;
        let events: u64 = members.iter().map(|i| i.events).sum();
        let lost =
            members.iter().flat_map(|i| &i.lost).min_by_key(|l| (&l.source, &l.place, &l.what, &l.why));
        self.inputs.bytes += members.iter().map(|i| i.bytes).sum::<u64>();
        self.inputs.events += events;
        match lost {
            None if events > 0 => self.inputs.read += 1,
            Some(lost) if events > 0 => {
                self.inputs.partly += 1;
                self.name_not_read(true, lost, case.redactor);
            }
            Some(lost) => self.count_unread(lost, case.redactor),
            None => {
                let lost = Lost {
                    source: case.name().to_owned(),
                    what: "the input".to_owned(),
                    why: "it holds nothing".to_owned(),
                    place: String::new(),
                };
                self.count_unread(&lost, case.redactor);
            }
        }
        events > 0
    }

    fn count_result(&mut self, findings: &Findings, counted: bool) {
        let judged = &findings.judgement.diagnoses;
        let failed = judged.iter().any(|d| d.kind != Kind::Benign);
        let worked = findings.attempts.iter().any(|a| a.outcome == Outcome::Succeeded);
        let left_out = judged.iter().any(|d| d.kind == Kind::Cause) || findings.filtered > 0;
        let result = if counted {
            &mut self.inputs.failed
        } else if worked && !failed {
            &mut self.inputs.worked
        } else if left_out {
            &mut self.inputs.filtered
        } else {
            &mut self.inputs.nothing
        };
        *result += 1;
    }

    fn name_not_read(&mut self, partly: bool, lost: &Lost, redactor: &Redactor) {
        self.inputs.named.insert(NotRead {
            partly,
            input: redactor.name(&lost.source).into(),
            what: redactor.text(&lost.what).into(),
            why: redactor.text(&lost.why).into(),
            place: redactor.text(&lost.place).into(),
        });
        keep_first(&mut self.inputs.named, NAMED);
    }
}

/// A case while it is counted.
struct Case<'c> {
    findings: &'c Findings,
    rules: &'c Ruleset,
    redactor: &'c Redactor,
}

impl Case<'_> {
    /// The input as it was found: of an archive, not of its members.
    fn name(&self) -> &str {
        let first = self.findings.inputs.first().map_or("", |i: &InputSummary| i.name.as_str());
        first.split_once("!/").map_or(first, |(archive, _)| archive)
    }

    fn text(&self, input: &str) -> Text {
        self.redactor.text(input).into()
    }

    fn lower(&self, input: Option<&str>) -> Option<Text> {
        input.map(|s| self.text(&s.to_lowercase()))
    }

    /// The rows that an attempt belongs to.
    fn keys(&self, group_by: Grouping, found: &Found<'_>) -> BTreeSet<Text> {
        let one = |key: Option<Text>| BTreeSet::from([key.unwrap_or_default()]);
        if found.causes.is_empty() {
            return BTreeSet::new();
        }
        match group_by {
            Grouping::Cause => found.causes.iter().map(|c| c.example.cause.clone()).collect(),
            Grouping::Tenant => one(found.tenant.clone()),
            Grouping::Account => one(found.account.clone()),
            Grouping::App => one(found.app.clone()),
            Grouping::Input => one(Some(self.redactor.name(self.name()).into())),
            Grouping::Code => {
                let codes: BTreeSet<Text> = found.causes.iter().flat_map(|c| &c.codes).cloned().collect();
                if codes.is_empty() { one(None) } else { codes }
            }
        }
    }

    fn representative(&self, d: &Diagnosis) -> Representative {
        let mut out = Representative {
            cause: self.text(&self.rules.get(d.rule).id),
            confidence: d.confidence,
            input: self.redactor.name(self.name()).into(),
            ..Representative::default()
        };
        if let Some(fact) = d.evidence.first() {
            let name = self.findings.inputs.get(fact.place.source.0 as usize).map_or("", |i| i.name.as_str());
            out.input = self.redactor.name(name).into();
            out.entry = fact.place.entry;
            out.line = fact.place.line;
            out.pointer = self.text(&fact.place.pointer);
            out.span = [fact.place.span.start, fact.place.span.end];
            out.text = if fact.excerpt.is_empty() {
                self.text(&format!("{}: {}", fact.name.id(), fact.value))
            } else {
                self.text(fact.excerpt.as_str())
            };
        }
        out.time = d.first_seen.map(second);
        out
    }

    /// Codes of an attempt that the rule rests on.
    fn codes(&self, rule: &Rule, attempt: &Attempt) -> BTreeSet<Text> {
        let for_it = |fact: &Fact| {
            fact.name == FactName::VendorCode
                || rule.all.iter().chain(&rule.any).any(|c| matches(c, fact))
                || rule.weights.iter().any(|w| w.points > 0 && matches(&w.when, fact))
        };
        let facts = attempt.facts.iter().enumerate().filter(|(n, _)| !attempt.resolved.contains(n));
        facts.filter(|(_, f)| for_it(f)).filter_map(|(_, f)| Some(self.text(&code_of(f)?))).collect()
    }
}

fn second(time: jiff::Timestamp) -> i64 {
    time.round(jiff::Unit::Second).unwrap_or(time).as_second()
}

/// What one attempt adds.
struct Found<'f> {
    causes: Vec<FoundCause<'f>>,
    tenant: Option<Text>,
    account: Option<Text>,
    app: Option<Text>,
    first_seen: Option<i64>,
    last_seen: Option<i64>,
}

struct FoundCause<'f> {
    codes: BTreeSet<Text>,
    example: &'f Representative,
}

impl<'f> Found<'f> {
    fn of(case: &Case<'_>, attempt: &Attempt, diagnoses: &[(&Diagnosis, &'f Representative)]) -> Found<'f> {
        let cause = |(d, example): &(&Diagnosis, &'f Representative)| FoundCause {
            codes: case.codes(case.rules.get(d.rule), attempt),
            example,
        };
        Found {
            causes: diagnoses.iter().map(cause).collect(),
            tenant: case.lower(attempt.tenant.as_deref()),
            account: case.lower(attempt.account.as_deref()),
            app: case.lower(attempt.app.as_deref()),
            first_seen: attempt.first_seen.map(second),
            last_seen: attempt.last_seen.map(second),
        }
    }

    fn add_to(&self, row: &mut Row, group_by: Grouping, key: &Text) {
        let mut one = Row {
            attempts: 1,
            tenants: self.tenant.iter().cloned().collect(),
            accounts: self.account.iter().cloned().collect(),
            first_seen: self.first_seen,
            last_seen: self.last_seen,
            ..Row::default()
        };
        if let Some(second) = self.first_seen {
            one.trend.count(second);
        }
        for cause in &self.causes {
            let belongs = match group_by {
                Grouping::Cause => cause.example.cause == *key,
                Grouping::Code => cause.codes.contains(key) || key.is_empty(),
                _ => true,
            };
            if belongs {
                self.add_cause(&mut one, cause);
            }
        }
        row.merge(one);
    }

    fn add_cause(&self, row: &mut Row, cause: &FoundCause<'_>) {
        row.offer(cause.example.clone());
        let into = row.causes.entry(cause.example.cause.clone()).or_default();
        into.attempts = 1;
        for code in &cause.codes {
            let code = into.codes.entry(code.clone()).or_default();
            code.attempts = 1;
            code.tenants.extend(self.tenant.iter().cloned());
        }
    }
}
