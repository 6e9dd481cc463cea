//! Lists the rule files, so that adding a diagnosis touches one file: `src/rules/<id>.toml`; and writes them as one
//! JSON text, which is read ten times faster at every start.

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
    fs::write(Path::new(&out).join("rules.rs"), list)?;
    let read = |name: &String| -> io::Result<serde_json::Value> {
        // One that is no TOML is left to the program, which says what is wrong with it.
        let text = fs::read_to_string(Path::new("src/rules").join(name))?;
        Ok(toml::from_str::<serde_json::Value>(&text).unwrap_or_default())
    };
    let all = files.iter().map(read).collect::<io::Result<Vec<_>>>()?;
    fs::write(Path::new(&out).join("rules.json"), serde_json::Value::Array(all).to_string())
}
