//! `docs/OPERATIONS.md` is true: its commands are run as they are written, each on the databases that it is for.

use std::process::{Command, Stdio};

use crate::app::TestApp;
use crate::integrating::{blocks, path, programs};
use crate::processes::Process;

const DOCUMENT: &str = include_str!("../../../../docs/OPERATIONS.md");

/// The commands to run on this database: those of blocks for it alone and of blocks for both.
fn commands(database: &str) -> Vec<String> {
    let wanted = blocks(DOCUMENT).into_iter().filter_map(|(language, text)| {
        let on = language.strip_prefix("sh")?.trim();
        (on.is_empty() || on == database).then_some(text)
    });
    wanted.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operating_by_the_document_works_to_the_letter() {
    let app = TestApp::start();
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let server = Process::serve(&app);
    let mut url = app.database_url().to_owned();
    let database = if url.starts_with("sqlite") { "sqlite" } else { "postgres" };
    if database == "postgres" {
        // The commands have to do with parameters after the database's name.
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str("sslmode=prefer&application_name=portal");
    }
    let commands = commands(database);
    assert!(commands.len() > 4, "the document has commands");
    let address = server.base_url.trim_start_matches("http://").to_owned();
    let script = format!("set -eu\n{}", commands.join("\n")).replace("127.0.0.1:8081", &address);
    let folder = app.directory().join("operating");
    std::fs::create_dir(&folder).unwrap();
    let mut shell = Command::new("bash");
    shell
        .args(["-x", "-c", &script])
        .current_dir(&folder)
        .env_clear()
        .env("PATH", path(&programs()))
        .env("DATABASE_URL", url)
        .env("PORTAL_KEYS_DIR", &app.app.config.keys_dir)
        .env("PORTAL_PUBLIC_URL", &app.app.config.public_url)
        .stdin(Stdio::null());
    let ran = tokio::task::spawn_blocking(move || shell.output().expect("bash runs")).await.unwrap();
    let (said, complaint) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}\n{complaint}");
    for expected in [
        "The new signing key is",
        "The database is used with the keys in",
        "The database is up to date.",
        "portal_database_reachable 1",
    ] {
        assert!(said.contains(expected), "{expected} in {said}\n{complaint}");
    }
    app.sign_in("olivia@bakery.example").await;
    // It starts with the keys that the database is used with now.
    drop(server);
    drop(Process::serve(&app));
}
