//! Arguments in, exit code out; no logic.

use std::process::ExitCode;

fn main() -> ExitCode {
    hartriage::cli::run()
}
