//! Keeps the folders of the machine that builds out of the app: they are nobody's business, and two machines build the
//! same.

use std::ffi::OsString;
use std::fs;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::sizes::files_in;
use super::standard;
use crate::tools::{home, root, variable};

/// What `.cargo/config.toml` says for the app, which the variable below is taken instead of.
const ALWAYS: &str = "--cfg=erase_components";

/// For the variable `CARGO_ENCODED_RUSTFLAGS`: what is sound in it may have spaces.
pub(super) fn flags() -> Result<OsString> {
    let mut flags = OsString::from(ALWAYS);
    for flag in standard::FLAGS {
        flags.push("\x1f");
        flags.push(flag);
    }
    for folder in folders()? {
        flags.push("\x1f--remap-path-prefix=");
        flags.push(with_separator(&folder));
        flags.push("=");
    }
    Ok(flags)
}

/// Fails when a file of the app names one of the folders.
pub(super) fn check(dist: &Path) -> Result<()> {
    let folders = folders()?;
    for file in files_in(dist)? {
        let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if let Some(folder) = named(&content, &folders) {
            bail!("{} names a folder of this machine: {}", file.display(), folder.display());
        }
    }
    Ok(())
}

fn named<'a>(content: &[u8], folders: &'a [PathBuf]) -> Option<&'a PathBuf> {
    folders.iter().find(|folder| {
        let folder = with_separator(folder);
        let wanted = folder.as_encoded_bytes();
        content.windows(wanted.len()).any(|window| window == wanted)
    })
}

/// The later goes before the earlier, for the compiler.
fn folders() -> Result<Vec<PathBuf>> {
    let home = home();
    let cargo = variable("CARGO_HOME").map(PathBuf::from).or_else(|| Some(home.clone()?.join(".cargo")));
    let mut folders: Vec<PathBuf> = home.into_iter().chain(cargo.clone()).collect();
    // One for each registry, named after its host.
    if let Some(registries) = cargo.and_then(|cargo| fs::read_dir(cargo.join("registry/src")).ok()) {
        for registry in registries {
            folders.push(registry.context("cannot list the registries")?.path());
        }
    }
    folders.push(standard::source()?);
    folders.push(root().to_owned());
    // Everything is in the root folder, for who has that as a home.
    folders.retain(|folder| folder.parent().is_some());
    Ok(folders)
}

fn with_separator(folder: &Path) -> OsString {
    let mut folder = folder.as_os_str().to_owned();
    folder.push(MAIN_SEPARATOR_STR);
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_names_the_clone_is_found() {
        let folders = folders().expect("folders");
        assert_eq!(named(b"\0frontend/src/main.rs\0https://portal.example/root\0", &folders), None);
        let path = root().join("frontend/src/main.rs");
        assert!(named(path.as_os_str().as_encoded_bytes(), &folders).is_some());
    }

    #[test]
    fn the_compiler_is_told_of_the_clone() {
        let flags = flags().expect("flags").into_string().expect("a path in Unicode");
        let last = flags.rsplit('\x1f').next();
        let expected = format!("--remap-path-prefix={}{MAIN_SEPARATOR_STR}=", root().display());
        assert_eq!(last, Some(expected.as_str()));
        let config = fs::read_to_string(root().join(".cargo/config.toml")).expect("cargo's settings");
        assert!(config.contains(r#"rustflags = ["--cfg", "erase_components"]"#), "{config}");
    }
}
