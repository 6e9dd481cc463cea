//! `hartriage explain CODE…`: what a code, scope, id or host name means, offline.

use std::process::ExitCode;

use crate::cli::args::{Explain, FormatArg, Sandbox};
use crate::cli::seal::seal;
use crate::cli::{options, output};
use crate::explain::{Explained, explain};
use crate::{Options, Triage};

pub(in crate::cli) fn run(args: &Explain, sandbox: &Sandbox) -> Result<ExitCode, String> {
    let lang = options::language(args.lang);
    seal(sandbox, &[])?;
    let triage = Triage::new(Options { lang, ..Options::default() }).map_err(|e| e.to_string())?;
    let answers: Vec<(&String, Explained)> =
        args.codes.iter().map(|code| (code, explain(triage.rules(), code, lang))).collect();
    let mut text = String::new();
    for (_, answer) in &answers {
        match answer {
            Explained::Known(known) if args.format == FormatArg::Json => {
                text.push_str(&serde_json::to_string(known).map_err(|e| e.to_string())?);
                text.push('\n');
            }
            Explained::Known(known) => text.push_str(&known.to_text(lang)),
            Explained::Unknown(unknown) => output::say(&unknown.to_text(lang)),
        }
    }
    output::write(&text)?;
    let all_known = answers.iter().all(|(_, a)| matches!(a, Explained::Known(_)));
    Ok(if all_known { ExitCode::SUCCESS } else { output::unusable() })
}
