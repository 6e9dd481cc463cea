//! `hartriage merge`: partial sweeps → one table, as one sweep over everything would draw it.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::args::{Merge, Sandbox};
use crate::cli::commands::sweep;
use crate::cli::seal::seal;
use crate::cli::target::Target;
use crate::cli::{canvas, options, output};
use crate::redact;
use crate::sweep::Aggregate;

pub(in crate::cli) fn run(args: &Merge, sandbox: &Sandbox) -> Result<ExitCode, String> {
    if args.partial && args.anonymize {
        return Err("a part is counted by address: give --anonymize without --partial".to_owned());
    }
    let lang = options::language(args.output.lang);
    canvas::of(&args.output, false)?;
    let target = Target::open(args.output.output.as_deref())?;
    seal(sandbox, &[&target])?.say(args.output.quiet, lang);
    let triage = options::rules_only(args.rules.as_deref(), lang)?;
    let mut all: Option<Aggregate> = None;
    for file in &args.parts {
        let part = read(file)?;
        match &mut all {
            None => all = Some(part),
            Some(so_far) => add(so_far, part, file)?,
        }
    }
    let all = all.ok_or("no partial sweep was named")?;
    let all = if args.anonymize { all.anonymised() } else { all };
    sweep::put(&all, &triage, lang, args.partial, &args.output, target)?;
    Ok(if all.nothing_read() { output::unusable() } else { ExitCode::SUCCESS })
}

fn read(file: &Path) -> Result<Aggregate, String> {
    let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", shown(file)))?;
    Aggregate::from_part(&bytes).map_err(|e| format!("{}: {e}", shown(file)))
}

fn add(so_far: &mut Aggregate, part: Aggregate, file: &Path) -> Result<(), String> {
    if let Some(setting) = so_far.differs(&part) {
        return Err(format!("{}: counted with another {setting} than the parts before it", shown(file)));
    }
    so_far.merge(part);
    Ok(())
}

fn shown(file: &Path) -> String {
    redact::name(&file.to_string_lossy()).to_string()
}
