//! How far a long run is, on standard error; silent when nobody watches.

use std::io::{IsTerminal as _, stderr};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Output;

/// A bar over a known number of inputs. May be told from any thread.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(inputs: usize, args: &Output) -> Progress {
        let silent = args.no_progress || args.quiet || !stderr().is_terminal();
        let target = if silent { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(inputs as u64), target);
        let style = ProgressStyle::with_template("{bar:24} {pos}/{len} inputs, {per_sec}, {eta} left");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        Progress(bar)
    }

    pub(super) fn one_more(&self) {
        self.0.inc(1);
    }

    pub(super) fn done(&self) {
        self.0.finish_and_clear();
    }
}
