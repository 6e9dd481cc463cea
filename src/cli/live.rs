//! A log that is still being written: reported as it goes.
//!
//! In: something that comes bit by bit. Out: a block or a JSON line for each failure as soon as it is settled, and the
//! report at the end. Never: a stream that ends at once treated otherwise than a file.

use std::time::{Duration, Instant};

use super::come::{Came, Comes, Pipe, Tail};
use super::output;
use super::target::{self, Target};
use crate::Triage;
use crate::live::{Likeness, Live};
use crate::report::{Canvas, Format, Report, live_ends, render, render_live};

/// A stream that has been quiet for so long, or has been coming for so long, is one that goes on.
const QUIET: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(10);
/// So much of a stream is held before it is read: what ends within that is read as a whole.
const HELD: usize = 1 << 20;

/// How to say it.
pub(super) struct Manner<'a> {
    pub(super) format: Format,
    pub(super) canvas: &'a Canvas,
    pub(super) quiet: bool,
    /// Report as it goes from the start.
    pub(super) follow: bool,
    /// Words on an incomplete sandbox, for the report at the end.
    pub(super) sandbox: String,
}

/// Standard input.
pub(super) fn pipe(triage: &Triage, manner: &Manner<'_>, target: Target) -> Result<Report, String> {
    let mut pipe = Pipe::open();
    let mut held = Vec::new();
    let (mut began, mut came) = (None, Instant::now());
    let mut live = Live::new(triage, "-");
    let mut ended = false;
    while !ended && held.len() < HELD {
        match pipe.next().map_err(|e| format!("standard input: {e}"))? {
            Came::Bytes(bytes) => {
                came = Instant::now();
                began.get_or_insert(came);
                live.push(&bytes, came);
                held.extend_from_slice(&bytes);
            }
            Came::End => ended = true,
            Came::Nothing | Came::Again(_) => {}
        }
        let goes_on = began.is_some_and(|b| b.elapsed() >= LONG || came.elapsed() >= QUIET);
        match live.likeness() {
            Likeness::Other => break,
            Likeness::Log if !ended && (goes_on || manner.follow) => break,
            _ if target::is_interrupted() => break,
            _ => {}
        }
    }
    if ended || live.likeness() != Likeness::Log {
        drop(live);
        target::end_on_interrupt();
        let observations = if ended || target::is_interrupted() {
            triage.observe_reader("-", held.as_slice())
        } else {
            triage.observe_reader("-", pipe.after(held))
        };
        let report = triage.report(&triage.judge(observations));
        return finish(report, manner, target, true);
    }
    drop(held);
    let reports = manner.follow || began.is_some_and(|b| b.elapsed() >= LONG || came.elapsed() >= QUIET);
    Session { live, manner, target, began: began.unwrap_or(came), came, reports, told: false }.run(&mut pipe)
}

/// A file that grows.
pub(super) fn file(
    triage: &Triage,
    name: &str,
    manner: &Manner<'_>,
    target: Target,
) -> Result<Report, String> {
    let mut tail = Tail::open(name.as_ref()).map_err(|e| format!("--follow: {}", why(&e)))?;
    let mut live = Live::new(triage, name);
    let now = Instant::now();
    while live.likeness() == Likeness::Unclear && !target::is_interrupted() {
        match tail.next().map_err(|e| format!("--follow: {}", why(&e)))? {
            Came::Bytes(bytes) => live.push(&bytes, Instant::now()),
            Came::Again(why) => live.again(why, Instant::now()),
            Came::Nothing | Came::End => {}
        }
    }
    if live.likeness() == Likeness::Other {
        return Err("--follow: this is no log of lines; read it without --follow".to_owned());
    }
    Session { live, manner, target, began: now, came: now, reports: true, told: false }.run(&mut tail)
}

fn why(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file",
        std::io::ErrorKind::PermissionDenied => "no permission to read it",
        std::io::ErrorKind::InvalidInput => "not a regular file",
        _ => "the system could not read it",
    }
}

struct Session<'t, 'm> {
    live: Live<'t>,
    manner: &'m Manner<'m>,
    target: Target,
    began: Instant,
    came: Instant,
    /// It reports as it goes: the stream goes on. Until that is known, it may as well end and be one report.
    reports: bool,
    /// Something was told.
    told: bool,
}

impl Session<'_, '_> {
    fn run(mut self, input: &mut dyn Comes) -> Result<Report, String> {
        if self.reports {
            self.announce();
        }
        let mut heard = true;
        while heard && !target::is_interrupted() {
            let now = Instant::now();
            match input.next() {
                Ok(Came::Bytes(bytes)) => {
                    self.came = now;
                    self.live.push(&bytes, now);
                }
                Ok(Came::Nothing) => {}
                Ok(Came::Again(why)) => {
                    self.say(why);
                    self.live.again(why, now);
                }
                Ok(Came::End) => break,
                Err(_) => {
                    self.live.again("the system could not read on; what came before was read", now);
                    break;
                }
            }
            let goes_on =
                self.began.elapsed() >= LONG || self.came.elapsed() >= QUIET || !self.live.holds_all();
            if !self.reports && goes_on {
                self.reports = true;
                self.announce();
            }
            heard = !self.reports || self.tell(false)?;
        }
        if self.reports && heard {
            self.tell(true)?;
        }
        let all = !self.reports || self.manner.format != Format::Ndjson;
        let report = self.live.finish();
        if self.told && self.manner.format == Format::Table {
            self.target.add(live_ends(&report, self.manner.canvas).as_bytes())?;
        }
        finish(report, self.manner, self.target, all)
    }

    /// Tells what is settled; false when nobody listens.
    fn tell(&mut self, ended: bool) -> Result<bool, String> {
        // A table in a file is the one at the end.
        let aside = self.manner.format == Format::Table && !matches!(self.target, Target::Stdout);
        for report in self.live.due(Instant::now(), ended) {
            let text = render_live(&report, self.manner.format, self.manner.canvas);
            if aside || text.is_empty() {
                continue;
            }
            self.told = true;
            if !self.target.add(text.as_bytes())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn announce(&self) {
        self.say("reading on as it is written; Ctrl-C ends it with the report");
    }

    fn say(&self, what: &str) {
        if !self.manner.quiet {
            output::say(&format!("hartriage: {what}"));
        }
    }
}

/// The report at the end, where it was not told already.
fn finish(mut report: Report, manner: &Manner<'_>, target: Target, all: bool) -> Result<Report, String> {
    report.extra.sandbox.clone_from(&manner.sandbox);
    let text = if all { render(&report, manner.format, manner.canvas) } else { String::new() };
    target.finish(text.as_bytes())?;
    Ok(report)
}
