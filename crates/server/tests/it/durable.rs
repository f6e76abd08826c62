//! What is answered as done is on the disk; and a server that would not have it there can be refused.

use portal_api_types::RenameAccount;
use portal_client::InAccount;

use crate::app::{TestApp, named, on_postgres};
use crate::cluster::Cluster;
use crate::commands::{complaint, portal};
use crate::processes::Process;
use crate::strace::Strace;

/// In what strace has seen: of each answer, whether a file of the database was waited for since the answer before.
fn waits(seen: &[String]) -> Vec<bool> {
    let (mut answers, mut waited, mut unfinished) = (Vec::new(), false, std::collections::HashSet::new());
    for line in seen {
        let process = line.split_whitespace().next().unwrap_or_default();
        let of_database = line.contains("portal.db") || line.contains("/pg_wal/");
        if line.contains("HTTP/1.1 2") {
            answers.push(waited);
            waited = false;
        } else if line.contains("sync(") && of_database {
            if line.contains("<unfinished") {
                unfinished.insert(process);
            } else {
                assert!(line.ends_with("= 0"), "{line}");
                waited = true;
            }
        } else if line.contains("sync resumed") && unfinished.remove(process) {
            waited = true;
        }
    }
    answers
}

async fn rename(inside: &InAccount, times: usize) {
    for number in 0..times {
        let rename = RenameAccount { name: named(&format!("Number {number}")) };
        inside.rename_account(&rename).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn between_a_commit_and_its_answer_the_disk_is_waited_for() {
    let cluster = Cluster::start(&["max_connections=50", "synchronous_commit=off", "wal_writer_delay=10s"]);
    let app = match &cluster {
        Some(cluster) => TestApp::start_at(&cluster.url()),
        None if on_postgres() => return,
        None => TestApp::start(),
    };
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    app.pause_mail();
    let process = Process::serve(&app);
    let inside = process.portal().in_account(owner.inside.token());
    // What is sent after the first request is in statements that are prepared.
    rename(&inside, 3).await;
    let mut processes = cluster.as_ref().map(Cluster::processes).unwrap_or_default();
    processes.push(process.pid());
    let calls = ["-y", "-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg"];
    let look = || tokio::task::block_in_place(|| Strace::begin(&processes, &calls, &app.directory()));

    let Some(strace) = look() else { return };
    rename(&inside, 10).await;
    let seen = tokio::task::block_in_place(|| strace.end());
    assert_eq!(waits(&seen), [true; 10], "{}", seen.join("\n"));

    // Else it would have been something that waits anyway.
    let Some(strace) = look() else { return };
    for _ in 0..10 {
        inside.read_account().await.unwrap();
    }
    let seen = tokio::task::block_in_place(|| strace.end());
    let waits = waits(&seen);
    assert_eq!(waits.len(), 10, "{}", seen.join("\n"));
    assert!(waits.iter().filter(|waited| **waited).count() < 3, "{}", seen.join("\n"));
}

/// What `portal serve` does where only a server that keeps what it answers will do: none if it serves.
fn refusal(app: &TestApp) -> Option<String> {
    let log = app.directory().join("durable.log");
    let mut command = portal(app, &["serve"]);
    command.envs([
        ("PORTAL_REQUIRE_DURABLE", "true"),
        ("PORTAL_LISTEN", "127.0.0.1:0"),
        ("PORTAL_LOG", "info"),
    ]);
    if Process::start(&mut command, &log).is_some() {
        return None;
    }
    command.env("PORTAL_LOG", "off");
    let output = command.stderr(std::process::Stdio::piped()).output().unwrap();
    Some(complaint(&output))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_wait_for_the_disk_is_warned_of_and_refused_where_that_is_asked_for() {
    let weak = Cluster::start(&["max_connections=50", "fsync=off", "full_page_writes=off"]);
    let Some(weak) = weak else {
        if !on_postgres() {
            assert_eq!(refusal(&TestApp::start()), None, "SQLite always waits");
        }
        return;
    };
    let app = TestApp::start_at(&weak.url());
    let log = app.directory().join("process.log");
    let process = Process::serve_logging(&app, "warn,portal_server::cli=info", "text", &log);
    process.portal().check_readiness().await.unwrap();
    let said = std::fs::read_to_string(&log).unwrap();
    for setting in ["fsync", "full_page_writes"] {
        assert!(said.contains(&format!("PostgreSQL's {setting} is off")), "{said}");
    }
    let complaint = refusal(&app).expect("it is refused");
    for words in ["PORTAL_REQUIRE_DURABLE", "fsync = on", "full_page_writes = on", "pg_reload_conf"] {
        assert!(complaint.contains(words), "{complaint}");
    }
    // This one the portal switches on for itself.
    let lazy = Cluster::start(&["max_connections=50", "synchronous_commit=off"]).unwrap();
    assert_eq!(refusal(&TestApp::start_at(&lazy.url())), None);
}
