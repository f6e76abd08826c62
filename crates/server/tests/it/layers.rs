//! Data flows one way: routes, http, domain, store, db. A file that looks the other way fails here.

use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn each_layer_uses_only_what_is_below_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 80, "the sources are found");
    for file in files {
        let place = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let forbidden: &[&str] = match place.split('/').next().unwrap() {
            "store" => {
                &["crate::http", "crate::routes", "crate::app", "crate::mail", "crate::jobs", "actix_web"]
            }
            "domain" => &["crate::http", "crate::routes", "crate::app", "crate::jobs", "actix_web", "diesel"],
            "http" => &["crate::store", "crate::routes", "diesel", "crate::schema"],
            "mail" | "jobs" | "auth" => &["crate::routes", "diesel", "crate::schema"],
            "db" | "db.rs" | "schema.rs" => &["crate::http", "crate::store", "actix_web"],
            _ => &["diesel", "crate::schema"],
        };
        for word in forbidden {
            // Docs may name what code may not use.
            let used = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .any(|line| line.contains(word));
            assert!(!used, "{place} uses {word}");
        }
    }
}

#[test]
fn files_are_about_one_idea() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["api-types/src", "client/src", "example-vendor/src", "server/src", "xtask/src"] {
        sources(&root.join(folder), &mut files);
    }
    for file in files {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 410, "{} has {lines} lines", file.display());
    }
}
