//! What a person types. One definition feeds the parser, the help, the man page and the completions.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[derive(Debug, Parser)]
#[command(
    name = "hartriage",
    version,
    about = "Why a Microsoft 365 / Outlook mailbox or calendar would not connect",
    long_about = "Reads HAR captures, OAuth redirect URLs and server logs, offline, and prints a ranked diagnosis: what \
                  failed first, how sure, what else it could be and the question that separates them, who has to act, \
                  and what to tell them. No network. No secret in any output.",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    after_help = "Exit status: 0 analysed, 1 --fail-on met, 2 could not analyse (usage, or nothing readable)."
)]
pub(super) struct Arguments {
    #[command(flatten)]
    pub(super) diagnose: Diagnose,
    #[command(flatten)]
    pub(super) sandbox: Sandbox,
    #[command(flatten)]
    pub(super) config: ConfigArgs,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Args)]
pub(super) struct Sandbox {
    /// Do not give up sockets, programs and writes elsewhere (for kernels where that fails); said in the report
    #[arg(long, global = true, conflicts_with = "require_sandbox")]
    pub(super) no_sandbox: bool,
    /// Read nothing unless all of that could be given up
    #[arg(long, global = true)]
    pub(super) require_sandbox: bool,
}

#[derive(Debug, Args)]
pub(super) struct ConfigArgs {
    /// Read settings from this file instead of the user's and the system's (`hartriage config` prints what holds)
    #[arg(long, value_name = "FILE", global = true, conflicts_with = "no_config")]
    pub(super) config: Option<PathBuf>,
    /// Read no file of settings
    #[arg(long, global = true)]
    pub(super) no_config: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Diagnose files, folders, archives, standard input (`-`) or a pasted URL (the default command)
    Diagnose(Diagnose),
    /// Many captures or logs in one table: causes, how often, for whom, since when, one example each
    Sweep(Sweep),
    /// Join partial sweeps (`sweep --partial`) into the table that one sweep over everything would give
    Merge(Merge),
    /// Where a capture that worked and one that did not part
    Compare(Compare),
    /// Copy a file, an archive or a folder without its secrets
    Redact(Redact),
    /// Write a minimal HAR of the exchanges that prove the first diagnosis, without secrets
    Excerpt(Excerpt),
    /// Explain codes, scopes, app ids or host names: AADSTS50105, ErrorAccessDenied, 5.7.139, Mail.Send…
    Explain(Explain),
    /// Print every fact with its place, one JSON object a line
    Facts(Facts),
    /// List, show, check or test the rules
    Rules(Rules),
    /// Print each setting that holds without flags, and where it comes from
    Config {
        /// Language of the answer; else that of the locale
        #[arg(long, value_name = "en|ja")]
        lang: Option<LangArg>,
    },
    /// Print completions for a shell
    Completions { shell: clap_complete::Shell },
    /// Print the manual page (for `man -l -`)
    Man,
}

#[derive(Debug, Args)]
pub(super) struct Diagnose {
    /// Files, folders, archives, `-` for standard input, or a redirect URL; all of one call are one case
    #[arg(value_name = "INPUT")]
    pub(super) inputs: Vec<String>,
    #[command(flatten)]
    pub(super) filter: Filter,
    #[command(flatten)]
    pub(super) output: Output,
    /// Go on reading one log file (or `-`) that is still written, and report each failure as it shows; Ctrl-C ends it
    #[arg(short, long)]
    pub(super) follow: bool,
    /// Exit with 1 when a cause of this severity or worse is reported
    #[arg(long, value_name = "SEVERITY")]
    pub(super) fail_on: Option<SeverityArg>,
}

#[derive(Debug, Args)]
pub(super) struct Sweep {
    /// Files, folders, archives, `-` for standard input, or redirect URLs; each is a case of its own
    #[arg(value_name = "INPUT", required = true)]
    pub(super) inputs: Vec<String>,
    /// What a row of the table stands for
    #[arg(long, value_name = "WHAT", default_value = "cause")]
    pub(super) group_by: GroupByArg,
    /// Write a partial aggregate for `merge` instead of a table
    #[arg(long)]
    pub(super) partial: bool,
    #[command(flatten)]
    pub(super) filter: Filter,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Merge {
    /// Partial aggregates that `sweep --partial` wrote
    #[arg(value_name = "PART", required = true)]
    pub(super) parts: Vec<PathBuf>,
    /// Write a partial aggregate again instead of a table
    #[arg(long)]
    pub(super) partial: bool,
    /// The rules that the parts were counted with, where these were not the built-in ones
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// Replace addresses, names and IPs by stable pseudonyms
    #[arg(long)]
    pub(super) anonymize: bool,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Compare {
    /// A capture, log or folder in which it worked
    #[arg(value_name = "GOOD")]
    pub(super) good: String,
    /// One in which it did not
    #[arg(value_name = "BAD")]
    pub(super) bad: String,
    #[command(flatten)]
    pub(super) filter: Filter,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GroupByArg {
    Cause,
    Tenant,
    Account,
    App,
    Input,
    Code,
}

#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Leave out diagnoses below this severity
    #[arg(long, value_name = "SEVERITY")]
    pub(super) min_severity: Option<SeverityArg>,
    /// Leave out diagnoses below this confidence
    #[arg(long, value_name = "0-100", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) min_confidence: u8,
    /// Only attempts that were still going on at or after this time (2026-11-23, or with time and zone)
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// Only attempts that began at or before this time
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<String>,
    /// Only attempts of this tenant (id or domain)
    #[arg(long, value_name = "TENANT")]
    pub(super) tenant: Option<String>,
    /// Only attempts of this account
    #[arg(long, value_name = "ADDRESS")]
    pub(super) account: Option<String>,
    /// Add the rules of this folder; one with the id of a built-in rule replaces it
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// The vendor: a built-in profile (hubspot) or a TOML file with app ids, required scopes, callback hosts
    #[arg(long, value_name = "NAME|FILE")]
    pub(super) profile: Option<String>,
    /// Replace addresses, names and IPs by stable pseudonyms
    #[arg(long)]
    pub(super) anonymize: bool,
    /// Stop reading an input after so many seconds, and say where; 0 for no limit. A log that is followed has none
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u32).range(0..=36_000))]
    pub(super) time_limit: u32,
}

#[derive(Debug, Args)]
pub(super) struct Output {
    /// How to print
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: FormatArg,
    /// CSV that Excel opens as it is: led by a byte order mark
    #[arg(long)]
    pub(super) excel: bool,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Language of the answer; else that of the locale
    #[arg(long, value_name = "en|ja")]
    pub(super) lang: Option<LangArg>,
    /// Threads to use; 0 means one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// Lines and marks of the table in ASCII
    #[arg(long)]
    pub(super) ascii: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub(super) color: ColorArg,
    /// No progress on standard error
    #[arg(long)]
    pub(super) no_progress: bool,
    /// Print every diagnosis in full, with the texts to send, and no list cut short
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Codes, scopes, ids or host names
    #[arg(value_name = "CODE", required = true)]
    pub(super) codes: Vec<String>,
    /// Language of the answer; else that of the locale
    #[arg(long, value_name = "en|ja")]
    pub(super) lang: Option<LangArg>,
    /// `table` (text) or `json`
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(super) format: FormatArg,
}

#[derive(Debug, Args)]
pub(super) struct Redact {
    /// A file, an archive (the copy is a zip), a folder (the copy is a folder), or `-`
    #[arg(value_name = "INPUT")]
    pub(super) input: String,
    /// Where the copy goes
    #[arg(short, long, value_name = "FILE|FOLDER")]
    pub(super) output: PathBuf,
    /// Replace addresses, names and IPs by stable pseudonyms too
    #[arg(long)]
    pub(super) anonymize: bool,
    /// Write which pseudonym stands for whom to this file, for your eyes only
    #[arg(long, value_name = "FILE", requires = "anonymize")]
    pub(super) map: Option<PathBuf>,
    /// Give up, and write nothing, after so many seconds for each file; 0 for no limit
    #[arg(long, value_name = "SECONDS", default_value_t = 900, value_parser = clap::value_parser!(u32).range(0..=36_000))]
    pub(super) time_limit: u32,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct Excerpt {
    /// Files, folders or archives; all of one call are one case
    #[arg(value_name = "INPUT", required = true)]
    pub(super) inputs: Vec<String>,
    /// Where the HAR goes
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
    #[command(flatten)]
    pub(super) filter: Filter,
    /// Language of the comments; else that of the locale
    #[arg(long, value_name = "en|ja")]
    pub(super) lang: Option<LangArg>,
    /// Threads to use; 0 means one per core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// Say nothing on standard error but errors
    #[arg(short, long)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct Facts {
    /// Files, folders, archives, `-` for standard input, or a redirect URL
    #[arg(value_name = "INPUT", required = true)]
    pub(super) inputs: Vec<String>,
    #[command(flatten)]
    pub(super) filter: Filter,
    #[command(flatten)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Rules {
    #[command(subcommand)]
    pub(super) action: RulesAction,
    /// Add the rules of this folder
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) rules: Option<PathBuf>,
    /// Language of the answer; else that of the locale
    #[arg(long, value_name = "en|ja", global = true)]
    pub(super) lang: Option<LangArg>,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesAction {
    /// Every rule: id, kind, owner, title
    List,
    /// One rule in full
    Show { id: String },
    /// Read every rule and say what is wrong
    Check,
    /// Run every rule's examples and counter-examples against all rules
    Test,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArg {
    Table,
    Json,
    Ndjson,
    Markdown,
    Html,
    Csv,
    Sarif,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LangArg {
    En,
    Ja,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorArg {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SeverityArg {
    Info,
    Low,
    Medium,
    High,
}
