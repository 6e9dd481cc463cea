//! Where the files lie on each system.
//!
//! In: variables of the environment. Out: absolute paths. Never: one that depends on the working directory; a relative
//! `XDG_CONFIG_HOME` or `HOME` is passed over.

use std::ffi::OsString;
use std::path::PathBuf;

const FOLDER: &str = "hartriage";
const NAME: &str = "hartriage.toml";

/// The user's file, then the system's.
pub(super) fn all(variable: &dyn Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let (user, system) = if cfg!(windows) {
        (folder("APPDATA"), folder("PROGRAMDATA"))
    } else {
        let own = if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
        let user = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(own)));
        (user, Some(PathBuf::from("/etc")))
    };
    user.into_iter().chain(system).map(|folder| folder.join(FOLDER).join(NAME)).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn with(pairs: &'static [(&'static str, &'static str)]) -> Vec<PathBuf> {
        all(&|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v)))
    }

    #[test]
    fn relative_folders_are_passed_over() {
        let system = PathBuf::from("/etc/hartriage/hartriage.toml");
        assert_eq!(with(&[("XDG_CONFIG_HOME", "conf"), ("HOME", ".")]), std::slice::from_ref(&system));
        let own = PathBuf::from("/home/ann/conf/hartriage/hartriage.toml");
        assert_eq!(with(&[("XDG_CONFIG_HOME", "/home/ann/conf"), ("HOME", "/x")]), [own, system]);
    }
}
