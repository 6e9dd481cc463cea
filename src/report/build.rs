//! Findings → report: the place where facts become words.
//!
//! In: [`Findings`] and the rules' texts. Out: an owned [`Report`]. Never: a string of an input that did not pass
//! `redact`.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::adequacy;
use super::flow;
use super::lost;
use super::model::*;
use super::said::said;
use super::texts::{Fill, Reader, fill, request};
use super::timeline::timeline;
use super::words;
use crate::correlate::ledger;
use crate::diagnose::Ruleset;
use crate::knowledge;
use crate::model::{self, Fact, FactName, Lang, Observed, Place, Rule, RuleTexts, Safe};
use crate::rank::code_of;
use crate::redact::Redactor;
use crate::triage::{Findings, Options, skews};

/// Name of the JSON schema.
pub const SCHEMA: &str = "hartriage.report/1";

/// Inputs or attempts that are not worth another core.
const FEW: usize = 128;

/// Below this confidence every text says that it may be so, not that it is.
pub(super) const WEAK: u8 = 50;

/// Words the findings in the language of the options and applies their filters.
pub fn build(rules: &Ruleset, findings: &Findings, options: &Options) -> Report {
    build_with(rules, findings, options, &Redactor::new(options.anonymize, &findings.observed))
}

/// As [`build`], with the pseudonyms of reports before it.
pub fn build_with(rules: &Ruleset, findings: &Findings, options: &Options, redactor: &Redactor) -> Report {
    let maker = Maker { rules, findings, options, redactor };
    let all = maker.diagnoses();
    let (kept, dropped): (Vec<_>, Vec<_>) = all.into_iter().partition(|d| {
        d.confidence >= options.min_confidence && options.min_severity.is_none_or(|s| d.severity >= s)
    });
    let mut diagnoses = kept;
    for (n, d) in diagnoses.iter_mut().enumerate() {
        d.rank = u32::try_from(n + 1).unwrap_or(u32::MAX);
    }
    let kept_ids: BTreeSet<&str> = diagnoses.iter().map(|d| d.id.as_str()).collect();
    let mut report = Report {
        schema: SCHEMA,
        tool: Tool { version: env!("CARGO_PKG_VERSION"), rules_date: rules.date().to_owned() },
        inputs: maker.inputs(),
        adequacy: adequacy::adequacy(findings, options.lang),
        attempts: maker.attempts(&kept_ids),
        identities: maker.identities(),
        scopes: maker.scopes(),
        not_evaluated: maker.not_evaluated(),
        unknown_codes: maker.unknown_codes(),
        extra: maker.extra(dropped.len() as u64, diagnoses.first()),
        diagnoses,
    };
    if report.extra.all_worked {
        report.extra.checked = flow::checked(findings, options.lang);
    }
    report
}

struct Maker<'r> {
    rules: &'r Ruleset,
    findings: &'r Findings,
    options: &'r Options,
    redactor: &'r Redactor,
}

fn time(t: Option<jiff::Timestamp>) -> Option<String> {
    t.map(|t| t.round(jiff::Unit::Second).unwrap_or(t).to_string())
}

impl Maker<'_> {
    fn safe(&self, text: &str) -> Safe {
        self.redactor.text(text)
    }

    fn safes(&self, list: &[String]) -> Vec<Safe> {
        list.iter().map(|s| self.safe(s)).collect()
    }

    fn lang(&self) -> Lang {
        self.options.lang
    }

    fn texts<'a>(&self, rule: &'a Rule) -> &'a RuleTexts {
        match self.lang() {
            Lang::En => &rule.en,
            Lang::Ja => &rule.ja,
        }
    }

    fn source_name(&self, place: &Place) -> Safe {
        let input = self.findings.inputs.get(place.source.0 as usize);
        input.map(|i| self.redactor.name(&i.name)).unwrap_or_default()
    }

    fn inputs(&self) -> Vec<Input> {
        let lost = |l: &model::Lost| Lost {
            what: self.safe(&lost::what(&l.what, self.lang())),
            why: self.safe(&lost::why(&l.why, self.lang())),
            place: self.safe(&lost::place(&l.place, self.lang())),
        };
        self.each(&self.findings.inputs, |(_, i)| Input {
            name: self.redactor.name(&i.name),
            kind: i.kind.clone(),
            bytes: i.bytes,
            events: i.events,
            lost: i.lost.iter().map(lost).collect(),
        })
    }

    /// One of each, in their order. Pseudonyms are given in that order, too, so that they are for one core.
    fn each<T: Sync, R: Send>(&self, list: &[T], make: impl Fn((usize, &T)) -> R + Sync + Send) -> Vec<R> {
        if self.redactor.anonymiser.is_some() {
            return list.iter().enumerate().map(make).collect();
        }
        list.par_iter().enumerate().with_min_len(FEW).map(make).collect()
    }

    fn attempts(&self, kept: &BTreeSet<&str>) -> Vec<Attempt> {
        let judged = self.judged();
        self.each(&self.findings.attempts, |(n, a)| Attempt {
            id: a.id.clone(),
            outcome: a.outcome,
            stage: a.stage.name(),
            tenant: a.tenant.as_deref().map(|t| self.safe(t)),
            app: a.app.as_deref().map(|t| self.safe(t)),
            account: a.account.as_deref().map(|t| self.safe(t)),
            first_seen: time(a.first_seen),
            last_seen: time(a.last_seen),
            diagnoses: self.ids(judged.get(n).map_or(&[], Vec::as_slice), kept),
        })
    }

    /// The diagnoses of every attempt, by their numbers.
    fn judged(&self) -> Vec<Vec<usize>> {
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); self.findings.attempts.len()];
        for (number, diagnosis) in self.findings.judgement.diagnoses.iter().enumerate() {
            for attempt in &diagnosis.attempts {
                match of.get_mut(*attempt) {
                    Some(numbers) if numbers.last() != Some(&number) => numbers.push(number),
                    _ => {}
                }
            }
        }
        of
    }

    /// The ids of these diagnoses, as far as they are kept.
    fn ids(&self, diagnoses: &[usize], kept: &BTreeSet<&str>) -> Vec<String> {
        let all = diagnoses.iter().filter_map(|n| self.findings.judgement.diagnoses.get(*n));
        let ids = all.map(|d| &self.rules.get(d.rule).id);
        ids.filter(|id| kept.contains(id.as_str())).cloned().collect()
    }

    fn diagnoses(&self) -> Vec<Diagnosis> {
        self.findings.judgement.diagnoses.iter().map(|d| self.diagnosis(d)).collect()
    }

    fn diagnosis(&self, d: &model::Diagnosis) -> Diagnosis {
        let rule = self.rules.get(d.rule);
        let texts = self.texts(rule);
        let values = self.fill(d);
        let filled = |text: &str| self.redactor.text(&fill(text, &values, Reader::Vendor, self.lang()));
        let actor = if rule.owner == model::Owner::AppVendor { Reader::Vendor } else { Reader::Customer };
        let evidence = self.evidence(d);
        // Where somebody only describes it, nothing of it has been seen.
        let only_told = d.evidence.iter().all(|fact| fact.name == FactName::Told) && !d.evidence.is_empty();
        let may = |text: String, reader: words::Both| match d.kind {
            model::Kind::Benign => text,
            _ if d.confidence >= WEAK && !only_told || text.is_empty() => text,
            _ => format!("{}{text}", reader.get(self.lang())),
        };
        let block = |text: String| self.redactor.block(&text);
        let rivals: Vec<Rival> = d.rivals.iter().map(|r| self.rival(rule, r, &values)).collect();
        let question = rivals.first().map(|r| r.question.clone()).filter(|q| !q.is_empty());
        let question = question.unwrap_or_else(|| filled(self.pick(&rule.question_en, &rule.question_ja)));
        let mut out = Diagnosis {
            rank: 0,
            id: rule.id.clone(),
            kind: d.kind,
            title: filled(&texts.title),
            severity: rule.severity,
            confidence: d.confidence,
            owner: rule.owner,
            count: d.count,
            codes: self.safes(&d.codes),
            first_seen: time(d.first_seen),
            last_seen: time(d.last_seen),
            tenants: self.safes(&d.tenants),
            accounts: self.safes(&d.accounts),
            meaning: self.redactor.text(&may(filled(&texts.meaning).to_string(), words::MAY)),
            fix: texts.fix.iter().map(|s| filled(s)).collect(),
            rivals,
            explains: d.explains.clone(),
            evidence,
            texts: Texts {
                customer: block(may(
                    fill(&texts.customer, &values, Reader::Customer, self.lang()),
                    words::MAY_CUSTOMER,
                )),
                admin: block(may(request(&texts.admin, &values, actor, self.lang()), words::MAY_ADMIN)),
                ticket: Safe::default(),
            },
            question,
            stage: rule.stage.name(),
        };
        out.texts.ticket = self.redactor.block(&super::texts::ticket(&out, self.lang()));
        out
    }

    fn pick<'a>(&self, en: &'a str, ja: &'a str) -> &'a str {
        match self.lang() {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    /// The question that separates the two: the one that either of them names for the other.
    fn rival(&self, rule: &Rule, rival: &model::RivalVerdict, values: &Fill) -> Rival {
        let other = self.rules.get(rival.rule);
        let own = rule.rivals.iter().find(|r| r.id == other.id);
        let theirs = other.rivals.iter().find(|r| r.id == rule.id);
        let question = match own.or(theirs) {
            Some(r) => self.pick(&r.question_en, &r.question_ja),
            None => self.pick(&rule.question_en, &rule.question_ja),
        };
        Rival {
            id: other.id.clone(),
            confidence: rival.confidence,
            question: self.safe(&fill(question, values, Reader::Vendor, self.lang())),
            title: self.safe(&fill(&self.texts(other).title, values, Reader::Vendor, self.lang())),
        }
    }

    fn fill(&self, d: &model::Diagnosis) -> Fill {
        let facts = || d.attempts.iter().flat_map(|n| &self.findings.attempts[*n].facts);
        let first = |name: FactName| facts().find(|f| f.name == name).map(|f| f.value.clone());
        let mut scopes: Vec<String> = Vec::new();
        for fact in facts().filter(|f| f.name == FactName::ScopeMissing) {
            if !scopes.contains(&fact.value) {
                scopes.push(fact.value.clone());
            }
        }
        let of = |pick: fn(&model::Attempt) -> Option<&String>| {
            d.attempts.iter().find_map(|n| pick(&self.findings.attempts[*n])).cloned()
        };
        let known =
            of(|a| a.app.as_ref()).map(|id| knowledge::well_known(&id).map_or(id, |w| w.name.to_owned()));
        let app = of(|a| a.app_name.as_ref()).or(known);
        // Who looks the failure up in Microsoft's logs needs the id and the time of that very answer.
        let proof = d.evidence.first().map(|fact| self.evidence_line(d, Role::Primary, fact));
        let (proof_id, proof_time) = proof.map_or((None, None), |e| (e.correlation_id, e.time));
        let proof_id = proof_id.map(|id| id.as_str().to_owned());
        Fill {
            account: d.accounts.first().cloned(),
            app: self.findings.profile.as_ref().map(|p| p.name.clone()).or(app),
            tenant: d.tenants.first().cloned(),
            codes: (!d.codes.is_empty()).then(|| d.codes.join(", ")),
            scopes: (!scopes.is_empty()).then(|| scopes.join(", ")),
            correlation_id: proof_id
                .or_else(|| first(FactName::CorrelationId))
                .or_else(|| first(FactName::RequestId)),
            time: proof_time.or_else(|| time(d.first_seen)).or_else(|| first(FactName::ErrorTime)),
        }
    }

    fn evidence(&self, d: &model::Diagnosis) -> Vec<Evidence> {
        let mut out: Vec<Evidence> = Vec::new();
        let roles = d
            .evidence
            .iter()
            .enumerate()
            .map(|(n, f)| (if n == 0 { Role::Primary } else { Role::Supporting }, f));
        for (role, fact) in roles.chain(d.against.iter().map(|f| (Role::Against, f))) {
            let line = self.evidence_line(d, role, fact);
            let known = |e: &Evidence| (&e.source, e.span, &e.text) == (&line.source, line.span, &line.text);
            if !out.iter().any(known) {
                out.push(line);
            }
        }
        out
    }

    fn evidence_line(&self, d: &model::Diagnosis, role: Role, fact: &Fact) -> Evidence {
        let event = self.event_of(d, &fact.place);
        let id = |name: FactName| {
            let own = event.and_then(|e| e.facts.iter().find(|f| f.name == name));
            own.map(|f| self.safe(&f.value))
        };
        let text = if fact.excerpt.is_empty() {
            self.safe(&said(fact, self.facts_of(d, &fact.place), self.lang()))
        } else {
            self.safe(fact.excerpt.as_str())
        };
        let event_time = event.and_then(|e| e.meta.time);
        let said = event
            .and_then(|e| e.facts.iter().find(|f| f.name == FactName::ErrorTime))
            .map(|f| f.value.clone());
        Evidence {
            role,
            source: self.source_name(&fact.place),
            entry: fact.place.entry,
            line: fact.place.line,
            pointer: (!fact.place.pointer.is_empty()).then(|| self.safe(&fact.place.pointer)),
            span: [fact.place.span.start, fact.place.span.end],
            time: time(event_time).or(said),
            text,
            correlation_id: id(FactName::CorrelationId).or_else(|| id(FactName::ClientRequestId)),
            request_id: id(FactName::RequestId),
            trace_id: id(FactName::TraceId),
            mark: if fact.excerpt.is_empty() {
                Safe::default()
            } else {
                self.safe(&code_of(fact).unwrap_or_else(|| fact.value.clone()))
            },
        }
    }

    /// Facts of the attempt that holds something at that place.
    fn facts_of(&self, d: &model::Diagnosis, place: &Place) -> &[Fact] {
        let attempts = d.attempts.iter().map(|n| &self.findings.attempts[*n]);
        attempts.into_iter().find(|a| a.facts.iter().any(|f| f.place == *place)).map_or(&[], |a| &a.facts)
    }

    /// The event in which a place lies.
    fn event_of(&self, d: &model::Diagnosis, place: &Place) -> Option<&Observed> {
        let events = d.attempts.iter().flat_map(|n| &self.findings.attempts[*n].events);
        events.map(|n| &self.findings.observed[*n]).find(|e| {
            let p = &e.meta.place;
            p.source == place.source && p.entry == place.entry && p.line == place.line
        })
    }

    fn identities(&self) -> Vec<Identity> {
        let mut out: Vec<Identity> = Vec::new();
        let attempts = &self.findings.attempts;
        let all: Vec<&Fact> =
            attempts.iter().flat_map(|a| &a.facts).filter(|f| f.name == FactName::IdIntended).collect();
        for attempt in attempts {
            let account_type = attempt.facts.iter().find(|f| f.name == FactName::AccountType);
            for fact in &attempt.facts {
                let Some(role) = role_of(fact.name) else { continue };
                let address = self.safe(&fact.value);
                if out.iter().any(|i| i.address == address && i.role == role) {
                    continue;
                }
                // Of many captures, each has its own intended address.
                let own = attempt.facts.iter().filter(|f| f.name == FactName::IdIntended);
                let here = all.iter().copied().filter(|f| f.place.source == fact.place.source);
                let mut intended = own.chain(here).peekable();
                let known = intended.peek().is_some();
                let agrees = intended.any(|i| i.value.eq_ignore_ascii_case(&fact.value));
                out.push(Identity {
                    address,
                    role,
                    account_type: account_type.map_or("unknown", |f| f.value.as_str()).to_owned(),
                    tenant: attempt.tenant.as_deref().map(|t| self.safe(t)),
                    agrees_with_intended: known.then_some(agrees),
                    evidence: Some(IdentityEvidence {
                        source: self.source_name(&fact.place),
                        entry: fact.place.entry,
                        line: fact.place.line,
                        span: [fact.place.span.start, fact.place.span.end],
                    }),
                });
            }
        }
        out
    }

    fn scopes(&self) -> Scopes {
        let ledger = ledger(&self.findings.attempts);
        Scopes {
            required: self.safes(&ledger.required),
            requested: self.safes(&ledger.requested),
            granted: self.safes(&ledger.granted),
            missing: self.safes(&ledger.missing),
        }
    }

    fn not_evaluated(&self) -> Vec<NotEvaluated> {
        let list = self.findings.judgement.not_evaluated.iter();
        list.map(|(rule, missing)| NotEvaluated {
            id: self.rules.get(*rule).id.clone(),
            missing: Safe::own(words::lacking(missing).get(self.lang())),
        })
        .collect()
    }

    fn unknown_codes(&self) -> Vec<Safe> {
        let mut seen = BTreeSet::new();
        let facts =
            self.findings.attempts.iter().flat_map(|a| &a.facts).filter(|f| f.name == FactName::UnknownCode);
        facts.filter_map(code_of).filter(|c| seen.insert(c.clone())).map(|c| self.safe(&c)).collect()
    }

    /// `first` is the first diagnosis that is shown: the flow is that of its attempt.
    fn extra(&self, suppressed: u64, first: Option<&Diagnosis>) -> Extra {
        let judged = &self.findings.judgement.diagnoses;
        let failed = judged.iter().any(|d| d.kind != model::Kind::Benign);
        let worked = self.findings.attempts.iter().any(|a| a.outcome == model::Outcome::Succeeded);
        let first = judged.iter().find(|d| first.is_none_or(|f| self.rules.get(d.rule).id == f.id));
        let shown = first.and_then(|d| d.attempts.first().copied());
        let proof = first.and_then(|d| d.evidence.first()).map(|fact| &fact.place);
        let (timeline, timeline_more) = timeline(self.findings, shown, proof, self.redactor);
        Extra {
            lang: self.lang(),
            flow: flow::flow(self.findings, shown, self.redactor),
            timeline,
            timeline_more,
            all_worked: !failed && worked,
            checked: Vec::new(),
            rules: self.rule_notes(),
            suppressed: suppressed + self.findings.filtered,
            sandbox: String::new(),
            skew: skews(self.findings)
                .iter()
                .map(|s| {
                    let name = self.findings.inputs.get(s.source.0 as usize).map_or("", |i| i.name.as_str());
                    self.safe(&format!("{name}: {} s ({})", s.seconds, s.samples))
                })
                .collect(),
        }
    }

    /// The rules that hold in this case, in words that fit any case.
    fn rule_notes(&self) -> Vec<RuleNote> {
        let judged = self.findings.judgement.diagnoses.iter().map(|d| d.rule);
        let rules: BTreeSet<usize> = judged.collect();
        let mut notes: Vec<RuleNote> = rules
            .into_iter()
            .map(|n| {
                let rule = self.rules.get(n);
                let texts = self.texts(rule);
                let plain = |text: &str| self.safe(&super::texts::without_case(text, self.lang()));
                RuleNote {
                    id: rule.id.clone(),
                    title: plain(&texts.title),
                    meaning: plain(&texts.meaning),
                    fix: texts.fix.iter().map(|s| plain(s)).collect(),
                    severity: rule.severity,
                    kind: rule.kind,
                }
            })
            .collect();
        notes.sort_by(|a, b| a.id.cmp(&b.id));
        notes
    }
}

fn role_of(name: FactName) -> Option<&'static str> {
    use FactName::*;
    Some(match name {
        IdIntended => "intended",
        IdHint => "hint",
        IdTyped => "typed",
        IdPicked => "picked",
        IdToken => "token",
        IdTokenMail => "token-mail",
        IdUpn => "upn",
        IdMailbox => "mailbox",
        IdProxy => "proxy",
        IdError => "error",
        OutlookAlias => "alias",
        _ => return None,
    })
}
