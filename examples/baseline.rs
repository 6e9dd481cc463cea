//! What `benches/compare` holds the product against: `baseline har|serde FILE` counts the entries of a HAR with the
//! `har` crate or with `serde_json`, `baseline gunzip FILE` counts the bytes of a gzip file.

use std::fs::File;
use std::io::{self, Read, Write as _};

#[derive(serde::Deserialize)]
struct Archive {
    log: Log,
}

#[derive(serde::Deserialize)]
struct Log {
    entries: Vec<serde::de::IgnoredAny>,
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, path] = arguments.as_slice() else { return Err(io::Error::other("har|serde|gunzip FILE")) };
    let count = match kind.as_str() {
        "har" => match har::from_path(path).map_err(io::Error::other)?.log {
            har::Spec::V1_2(log) => log.entries.len(),
            har::Spec::V1_3(log) => log.entries.len(),
        },
        "serde" => {
            let bytes = std::fs::read(path)?;
            serde_json::from_slice::<Archive>(&bytes)?.log.entries.len()
        }
        "gunzip" => {
            let mut reader =
                flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(1 << 16, File::open(path)?));
            let (mut chunk, mut count) = (vec![0; 1 << 16], 0);
            loop {
                match reader.read(&mut chunk)? {
                    0 => break count,
                    n => count += n,
                }
            }
        }
        _ => return Err(io::Error::other("har|serde|gunzip FILE")),
    };
    writeln!(io::stdout(), "{count}")
}
