//! Vendor profiles: the built-in ones, and reading one from a file.

use std::path::Path;
use std::sync::LazyLock;

use crate::model::{Fact, FactName, Observed, Profile};

const BUILT_IN: [&str; 1] = [include_str!("profiles/hubspot.toml")];

/// Every built-in profile, in order of name.
pub fn built_in() -> &'static [Profile] {
    static PROFILES: LazyLock<Vec<Profile>> =
        LazyLock::new(|| BUILT_IN.iter().filter_map(|text| toml::from_str(text).ok()).collect());
    &PROFILES
}

/// A built-in profile by name, or one read from a TOML file. The error is one clear line.
pub fn load(name_or_file: &str) -> Result<Profile, String> {
    if let Some(profile) = built_in().iter().find(|p| p.name == name_or_file) {
        return Ok(profile.clone());
    }
    let path = Path::new(name_or_file);
    let text = std::fs::read_to_string(path).map_err(|e| {
        let names: Vec<String> = built_in().iter().map(|p| p.name.clone()).collect();
        format!(
            "profile {name_or_file}: not built in (there is: {}), and not a readable file: {e}",
            names.join(", ")
        )
    })?;
    toml::from_str(&text).map_err(|e| format!("profile {name_or_file}: {}", e.message()))
}

/// The built-in profile whose app or callback host the material shows.
pub fn detect(observed: &[Observed]) -> Option<Profile> {
    let asked =
        |f: &&Fact| matches!(f.name, FactName::ClientId | FactName::RedirectHost | FactName::VendorCode);
    let facts: Vec<&Fact> = observed.iter().flat_map(|o| &o.facts).filter(asked).collect();
    // Most cases name none: then no profile is read.
    if facts.is_empty() {
        return None;
    }
    built_in().iter().find(|profile| facts.iter().any(|fact| shows(profile, fact))).cloned()
}

fn shows(profile: &Profile, fact: &Fact) -> bool {
    match fact.name {
        FactName::ClientId => profile.app_ids.iter().any(|id| id.eq_ignore_ascii_case(&fact.value)),
        FactName::RedirectHost => {
            let host = fact.value.rsplit('/').next().unwrap_or_default();
            profile.callback_hosts.iter().any(|h| h.eq_ignore_ascii_case(host))
        }
        FactName::VendorCode => profile.error_codes.contains_key(&fact.value),
        _ => false,
    }
}
