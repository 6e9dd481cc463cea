use serde::Deserialize;

/// A vendor: what its app asks for and where it lives. Built in or read from a TOML file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    pub name: String,
    /// Ids of the vendor's app registrations.
    #[serde(default)]
    pub app_ids: Vec<String>,
    /// Scopes that the integration cannot work without.
    #[serde(default)]
    pub required_scopes: Vec<String>,
    /// Host names of the redirect URI.
    #[serde(default)]
    pub callback_hosts: Vec<String>,
    /// The vendor's own error codes, and the rule that each one means.
    #[serde(default)]
    pub error_codes: std::collections::BTreeMap<String, String>,
}
