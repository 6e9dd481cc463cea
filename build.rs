//! Lists the rule files, so that adding a diagnosis touches one file: `src/rules/<id>.toml`; and writes them as JSON,
//! which is read ten times faster at every start: the conditions together, texts and proofs apart. Orders the rows of
//! the tables for look-up.

use std::fmt::Write as _;
use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src/rules");
    let mut files: Vec<String> = fs::read_dir("src/rules")?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| name.ends_with(".toml"))
        .collect();
    files.sort();
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let mut list = String::from(
        "/// Every built-in rule: file name and text, in order of name.\npub(crate) const FILES: &[(&str, &str)] = &[\n",
    );
    for name in &files {
        let path = Path::new(&root).join("src/rules").join(name);
        writeln!(list, "    ({name:?}, include_str!({path:?})),").map_err(io::Error::other)?;
    }
    list.push_str("];\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let read = |name: &String| -> io::Result<serde_json::Value> {
        // One that is no TOML is left to the program, which says what is wrong with it.
        let text = fs::read_to_string(Path::new("src/rules").join(name))?;
        Ok(toml::from_str::<serde_json::Value>(&text).unwrap_or_default())
    };
    let mut all = files.iter().map(read).collect::<io::Result<Vec<_>>>()?;
    writeln!(list, "\n{DETAILS}").map_err(io::Error::other)?;
    for rule in &mut all {
        writeln!(list, "    {:?},", take_details(rule).to_string()).map_err(io::Error::other)?;
    }
    list.push_str("];\n");
    fs::write(Path::new(&out).join("rules.rs"), list)?;
    fs::write(Path::new(&out).join("rules.json"), serde_json::Value::Array(all).to_string())?;
    tables(Path::new(&out))
}

const DETAILS: &str =
    "/// What of every rule is read only when it is shown or proven, as JSON, in the same order.
pub(crate) const DETAILS: &[&str] = &[";

/// Takes the texts and proofs out of a rule.
fn take_details(rule: &mut serde_json::Value) -> serde_json::Value {
    let parts = rule.as_object_mut().map(|members| {
        ["text", "example", "counter"].iter().filter_map(|key| members.shift_remove_entry(*key)).collect()
    });
    serde_json::Value::Object(parts.unwrap_or_default())
}

/// Orders the rows of every table by their first cell, so that a look-up needs no table in memory.
fn tables(out: &Path) -> io::Result<()> {
    println!("cargo::rerun-if-changed=src/knowledge");
    let mut list = String::new();
    let mut names: Vec<_> = fs::read_dir("src/knowledge")?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "tsv"))
        .collect();
    names.sort();
    for path in names {
        let text = fs::read_to_string(&path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().to_uppercase();
        let rows = rows_by_key(&text);
        writeln!(list, "/// Where the rows of `{name}` begin, in order of their lower-case keys.")
            .and_then(|()| writeln!(list, "pub(super) static {name}: [u32; {}] = {rows:?};", rows.len()))
            .map_err(io::Error::other)?;
    }
    fs::write(out.join("tables.rs"), list)
}

/// Offsets of the rows (not of comments, the header or blank lines), in order of key and then of the file.
fn rows_by_key(text: &str) -> Vec<usize> {
    let mut at = 0;
    let mut rows = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.starts_with('#') && !line.trim().is_empty() {
            let key = line.split('\t').next().unwrap_or_default().trim().to_ascii_lowercase();
            rows.push((key, at));
        }
        at += line.len();
    }
    // The first line is the header.
    let mut rows: Vec<_> = rows.into_iter().skip(1).collect();
    rows.sort();
    rows.into_iter().map(|(_, at)| at).collect()
}
