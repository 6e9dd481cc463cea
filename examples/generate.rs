//! Writes an input for measurements to standard output: `generate har|log|failures|hars SIZE [SEED]`.
//!
//! `har MIB` · `log LINES` · `failures LINES` · `line MIB` (all of it one line) · `hars COUNT FOLDER` (250 KB each).

#[path = "../benches/gen.rs"]
mod generator;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let kind = arguments.first().map(String::as_str).unwrap_or_default();
    let size: u64 = arguments.get(1).and_then(|n| n.parse().ok()).unwrap_or(1);
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match kind {
        "har" => generator::har(&mut out, (size * 12).max(24), size << 20, (size * 12 / 50).max(1), 7)?,
        "log" => generator::log(&mut out, size, 7)?,
        "failures" => generator::failures(&mut out, size, 7)?,
        "line" => {
            let mut log = Vec::new();
            generator::log(&mut log, size * 7_500, 7)?;
            log.iter_mut().filter(|b| **b == b'\n').for_each(|b| *b = b' ');
            out.write_all(&log)?;
        }
        "hars" => {
            let folder = arguments.get(2).map(String::as_str).unwrap_or(".");
            std::fs::create_dir_all(folder)?;
            for n in 0..size {
                let mut file = BufWriter::new(File::create(format!("{folder}/case-{n:04}.har"))?);
                generator::har(&mut file, 40, 250_000, 1, n)?;
            }
        }
        _ => {
            return Err(io::Error::other(
                "har MIB | log LINES | failures LINES | line MIB | hars COUNT FOLDER",
            ));
        }
    }
    out.flush()
}
