//! `hartriage sweep`: many cases in one table.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use rayon::prelude::*;

use crate::Triage;
use crate::cli::args::{Filter, GroupByArg, Output, Sandbox, Sweep};
use crate::cli::seal::seal;
use crate::cli::target::Target;
use crate::cli::{canvas, options, output, progress::Progress};
use crate::model::{Lang, Lost};
use crate::redact::Redactor;
use crate::report::Format;
use crate::sweep::{Aggregate, Canvas, Grouping, Settings, render};

pub(in crate::cli) fn run(args: &Sweep, sandbox: &Sandbox) -> Result<ExitCode, String> {
    let lang = options::language(args.output.lang);
    if args.partial && args.filter.anonymize {
        return Err("a part is counted by address: give --anonymize to merge, not with --partial".to_owned());
    }
    canvas::of(&args.output, false)?;
    let target = Target::open(args.output.output.as_deref())?;
    seal(sandbox, &[&target])?.say(args.output.quiet, lang);
    let triage = options::triage(&args.filter, lang)?;
    options::threads(args.output.threads)?;
    let empty = Aggregate::new(settings(&triage, args));
    let aggregate = count(&triage, args, &empty);
    let aggregate = if args.filter.anonymize { aggregate.anonymised() } else { aggregate };
    put(&aggregate, &triage, lang, args.partial, &args.output, target)?;
    Ok(if aggregate.nothing_read() { output::unusable() } else { ExitCode::SUCCESS })
}

/// Every input as a case of its own; each is dropped as soon as it is counted.
fn count(triage: &Triage, args: &Sweep, empty: &Aggregate) -> Aggregate {
    let (found, lost) = triage.find(&args.inputs);
    let progress = Progress::new(found.len(), &args.output);
    // Pseudonyms come last: counting needs to know who is the same.
    let redactor = Redactor::new(false, &[]);
    let mut aggregate = found
        .into_par_iter()
        .fold(
            || empty.clone(),
            |mut so_far, one| {
                // A fault in reading one input must not cost the others.
                match catch_unwind(AssertUnwindSafe(|| triage.investigate_one(&one))) {
                    Ok(findings) => so_far.count(&findings, triage.rules(), &redactor),
                    Err(_) => so_far.count_unread(&fault(one.name), &redactor),
                }
                progress.one_more();
                so_far
            },
        )
        .reduce(
            || empty.clone(),
            |mut a, b| {
                a.merge(b);
                a
            },
        );
    progress.done();
    for one in &lost {
        aggregate.count_unread(one, &redactor);
    }
    aggregate
}

fn fault(source: String) -> Lost {
    let why = "hartriage itself failed on it; please report this".to_owned();
    Lost { source, what: "the input".to_owned(), why, place: String::new() }
}

fn settings(triage: &Triage, args: &Sweep) -> Settings {
    let redactor = Redactor::new(false, &[]);
    let text = |s: &str| redactor.text(s).into();
    let some = |s: &Option<String>| s.as_deref().map(text);
    let Filter { min_severity, min_confidence, since, until, tenant, account, profile, .. } = &args.filter;
    Settings {
        tool: text(env!("CARGO_PKG_VERSION")),
        rules_date: text(triage.rules().date()),
        group_by: args.group_by.into(),
        anonymize: false,
        min_severity: min_severity.map(Into::into),
        min_confidence: *min_confidence,
        tenant: some(tenant),
        account: some(account),
        profile: some(profile),
        since: some(since),
        until: some(until),
    }
}

/// Writes the aggregate as asked: as a part for a later merge, or drawn.
pub(in crate::cli) fn put(
    aggregate: &Aggregate,
    triage: &Triage,
    lang: Lang,
    partial: bool,
    out: &Output,
    target: Target,
) -> Result<(), String> {
    if partial {
        return target.finish(aggregate.to_part().as_bytes());
    }
    let canvas = canvas::of(out, false)?;
    let canvas = Canvas { width: canvas.width, ascii: canvas.ascii, excel: canvas.excel };
    let (text, closing) = render(aggregate, triage.rules(), lang, Format::from(out.format), canvas);
    target.finish(text.as_bytes())?;
    if let Some(line) = closing.filter(|_| !out.quiet) {
        output::say(&line);
    }
    Ok(())
}

impl From<GroupByArg> for Grouping {
    fn from(arg: GroupByArg) -> Grouping {
        match arg {
            GroupByArg::Cause => Grouping::Cause,
            GroupByArg::Tenant => Grouping::Tenant,
            GroupByArg::Account => Grouping::Account,
            GroupByArg::App => Grouping::App,
            GroupByArg::Input => Grouping::Input,
            GroupByArg::Code => Grouping::Code,
        }
    }
}
