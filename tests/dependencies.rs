//! The dependency tree against `deny.toml`: licences that may be linked, crates that may not, sources that are known.
//! The same file serves `cargo deny check`; this test needs nothing but cargo.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

fn metadata() -> Value {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("cargo prints JSON")
}

fn policy() -> toml::Table {
    include_str!("../deny.toml").parse().expect("deny.toml is TOML")
}

fn strings<'v>(
    list: &'v toml::Value,
    pick: impl Fn(&'v toml::Value) -> Option<&'v str>,
) -> BTreeSet<&'v str> {
    list.as_array().expect("a list").iter().filter_map(pick).collect()
}

/// Ids of the packages that are linked into the product: no dev-dependencies, for any target.
fn linked(metadata: &Value) -> BTreeSet<&str> {
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let root = metadata["resolve"]["root"].as_str().expect("root");
    let mut queue = vec![root];
    let mut seen = BTreeSet::new();
    while let Some(id) = queue.pop() {
        if !seen.insert(id) {
            continue;
        }
        let node = nodes.iter().find(|n| n["id"] == id).expect("a node for each id");
        for dep in node["deps"].as_array().expect("deps") {
            let normal = dep["dep_kinds"].as_array().expect("kinds").iter().any(|k| k["kind"].is_null());
            if normal {
                queue.push(dep["pkg"].as_str().expect("an id"));
            }
        }
    }
    seen
}

/// True when the SPDX expression can be satisfied with allowed licences alone.
fn allowed(expression: &str, list: &BTreeSet<&str>) -> bool {
    let plain = expression.replace(['(', ')'], " ").replace('/', " OR ");
    if expression.contains('(') {
        // `(A OR B) AND C`: every factor of the conjunction must have an allowed alternative.
        return expression.split(" AND ").all(|part| allowed(part.trim_matches(|c| "() ".contains(c)), list));
    }
    plain.split(" OR ").any(|option| option.split(" AND ").all(|one| list.contains(one.trim())))
}

#[test]
fn licences_bans_and_sources() {
    let metadata = metadata();
    let policy = policy();
    let licences = strings(&policy["licenses"]["allow"], toml::Value::as_str);
    let banned = strings(&policy["bans"]["deny"], |v| v.get("crate").and_then(toml::Value::as_str));
    assert!(licences.len() > 5 && banned.len() > 5);
    let linked = linked(&metadata);
    assert!(linked.len() > 30, "the tree was not read");
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let id = package["id"].as_str().expect("an id");
        if !linked.contains(id) {
            continue;
        }
        let name = package["name"].as_str().expect("a name");
        if banned.contains(name) {
            wrong.push(format!("{name} is banned"));
        }
        let licence = package["license"].as_str().unwrap_or("none");
        if !allowed(licence, &licences) {
            wrong.push(format!("{name}: licence {licence}"));
        }
        let source = package["source"].as_str().unwrap_or("path");
        let known = source == "path" || source.starts_with("registry+");
        if !known || source == "path" && name != "hartriage" {
            wrong.push(format!("{name}: source {source}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn expressions() {
    let list = BTreeSet::from(["MIT", "Apache-2.0", "BSD-3-Clause"]);
    assert!(allowed("MIT OR Apache-2.0", &list));
    assert!(allowed("MIT/Apache-2.0", &list));
    assert!(allowed("(Apache-2.0 OR MIT) AND BSD-3-Clause", &list));
    assert!(allowed("GPL-3.0 OR MIT", &list));
    assert!(!allowed("GPL-3.0", &list));
    assert!(!allowed("(Apache-2.0 OR MIT) AND GPL-3.0", &list));
}
