//! A backup is what was true at one moment, taken while others write; restored elsewhere, the portal goes on from there.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use portal_api_types::RenameAccount;
use portal_client::ActivityQuery;

use crate::app::{TestApp, named};
use crate::commands::{answer, complaint, portal, run};

fn is_sqlite(app: &TestApp) -> bool {
    app.database_url().starts_with("sqlite://")
}

/// `portal restore`, to a database and keys below this folder.
fn restore(app: &TestApp, backup: &str, to: &Path, more: &[&str]) -> Output {
    let mut command = portal(app, &[&["restore", backup], more].concat());
    command.env("DATABASE_URL", format!("sqlite://{}", to.join("portal.db").display()));
    command.env("PORTAL_KEYS_DIR", to.join("keys"));
    command.output().expect("the program runs")
}

fn modes(folder: &Path) -> Vec<u32> {
    let mut modes = vec![std::fs::metadata(folder).unwrap().permissions().mode() & 0o777];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            modes.extend(self::modes(&path));
        } else {
            modes.push(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777);
        }
    }
    modes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_writers_is_a_moment_that_was_and_the_portal_goes_on_from_there() {
    let app = TestApp::start();
    if !is_sqlite(&app) {
        return;
    }
    let mut owners = Vec::new();
    for number in 0..4 {
        owners.push(app.owner("Olivia", &format!("olivia{number}@bakery.example"), "Number 0").await);
    }
    // A mail that waits: its link must be good after the restore.
    app.pause_mail();
    owners[0].invite("Apple", "office@apple.example").await;

    // Each writer counts up its account's name. A change and its entry in the trail are one transaction.
    let stop = Arc::new(AtomicBool::new(false));
    let answered: Vec<Arc<AtomicUsize>> = owners.iter().map(|_| Arc::default()).collect();
    let writers: Vec<_> = owners
        .iter()
        .zip(&answered)
        .map(|(owner, answered)| {
            let (inside, stop, answered) = (owner.inside.clone(), Arc::clone(&stop), Arc::clone(answered));
            tokio::spawn(async move {
                for number in 1.. {
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                    let rename = RenameAccount { name: named(&format!("Number {number}")) };
                    inside.rename_account(&rename).await.expect("renamed, as if nothing were copied");
                    answered.store(number, Ordering::SeqCst);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let seen = || answered.iter().map(|count| count.load(Ordering::SeqCst)).collect::<Vec<_>>();
    let before = seen();
    let folder = app.directory().join("backup");
    let backup = folder.to_str().unwrap().to_owned();
    let said = tokio::task::block_in_place(|| answer(&run(&app, &["backup", &backup])));
    let after = seen();
    assert!(said.contains("keep it as safe"), "{said}");
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(after.iter().sum::<usize>() > before.iter().sum::<usize>(), "the writers went on");
    assert!(modes(&folder).iter().all(|mode| mode & 0o077 == 0), "for our own eyes");

    let elsewhere = tempfile::tempdir().unwrap();
    answer(&restore(&app, &backup, elsewhere.path(), &[]));
    assert!(modes(&elsewhere.path().join("keys")).iter().all(|mode| mode & 0o077 == 0));
    let url = format!("sqlite://{}", elsewhere.path().join("portal.db").display());
    let restored = TestApp::start_restored(&url, &elsewhere.path().join("keys"));
    for (number, owner) in owners.iter().enumerate() {
        // The token of before: its session and its key are there.
        let inside = restored.portal().in_account(owner.inside.token());
        let name = inside.read_account().await.unwrap().name;
        let count: usize = name.as_str().strip_prefix("Number ").unwrap().parse().unwrap();
        assert!(
            (before[number]..=after[number] + 1).contains(&count),
            "{count} is not between {} and {}",
            before[number],
            after[number] + 1
        );
        let mut query = ActivityQuery { action: Some("account.renamed".into()), ..ActivityQuery::default() };
        let mut entries = 0;
        loop {
            let page = inside.list_account_activity(&query).await.unwrap();
            entries += page.items.len();
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(entries, count, "each change is there with its entry, and no entry without its change");
    }
    restored.sign_in("olivia0@bakery.example").await;
    restored.join("office@apple.example", 1).await;
}

#[tokio::test]
async fn a_backup_is_never_written_over_another_and_made_of_nothing() {
    let app = TestApp::start();
    if !is_sqlite(&app) {
        return;
    }
    let folder = app.directory().join("backup");
    let backup = folder.to_str().unwrap();
    let nowhere =
        portal(&app, &["backup", backup, "--database-url", "sqlite://nowhere.db"]).output().unwrap();
    assert!(complaint(&nowhere).contains("there is no database at nowhere.db"));
    assert!(!app.directory().join("nowhere.db").exists() && !folder.exists(), "nothing is left of the try");
    answer(&run(&app, &["backup", backup, "--without-keys"]));
    assert!(!folder.join("keys").exists());
    assert!(complaint(&run(&app, &["backup", backup])).contains("never written over"));
    let left: Vec<_> = std::fs::read_dir(app.directory())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_restore_takes_nothing_away_that_is_in_use_or_in_the_way() {
    let app = TestApp::start();
    if !is_sqlite(&app) {
        return;
    }
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let folder = app.directory().join("backup");
    let backup = folder.to_str().unwrap();
    answer(&run(&app, &["backup", backup]));
    for more in [&[][..], &["--replace"]] {
        let refused = complaint(&run(&app, &[&["restore", backup], more].concat()));
        assert!(refused.contains("is in use: stop every portal on it"), "{refused}");
    }
    app.owner("Zoe", "zoe@elsewhere.example", "Elsewhere").await;
    app.sign_in("olivia@bakery.example").await;

    let elsewhere = tempfile::tempdir().unwrap();
    answer(&restore(&app, backup, elsewhere.path(), &[]));
    let refused = complaint(&restore(&app, backup, elsewhere.path(), &[]));
    assert!(refused.contains("portal.db is there already: with --replace"), "{refused}");
    std::fs::write(elsewhere.path().join("keys/link.key"), [7; 32]).unwrap();
    let said = answer(&restore(&app, backup, elsewhere.path(), &["--replace"]));
    assert!(said.contains("portal.db is now") && said.contains("link.key is now"), "{said}");
    let link_key = |folder: &Path| std::fs::read(folder.join("keys/link.key")).unwrap();
    assert_eq!(link_key(elsewhere.path()), link_key(&folder));
    let names = std::fs::read_dir(elsewhere.path()).unwrap();
    let aside = names.filter(|entry| {
        entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("portal.db.replaced-")
    });
    assert_eq!(aside.count(), 1, "the old database is still there");

    // A database that is broken is what one restores over.
    std::fs::write(elsewhere.path().join("portal.db"), "this was a database").unwrap();
    std::fs::rename(elsewhere.path().join("keys"), elsewhere.path().join("lost")).unwrap();
    let said = answer(&restore(&app, backup, elsewhere.path(), &["--replace"]));
    assert!(said.contains("could not be read as a database any more"), "{said}");
    let url = format!("sqlite://{}", elsewhere.path().join("portal.db").display());
    let restored = TestApp::start_restored(&url, &elsewhere.path().join("keys"));
    restored.sign_in("olivia@bakery.example").await;
}

#[tokio::test]
async fn a_backup_that_is_damaged_foreign_or_from_the_future_is_not_restored() {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};
    let app = TestApp::start();
    if !is_sqlite(&app) {
        return;
    }
    app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let spoilt = |name: &str, spoil: &dyn Fn(&Path)| {
        let folder = app.directory().join(name);
        answer(&run(&app, &["backup", folder.to_str().unwrap()]));
        spoil(&folder.join("portal.db"));
        let elsewhere = tempfile::tempdir().unwrap();
        let refused = complaint(&restore(&app, folder.to_str().unwrap(), elsewhere.path(), &[]));
        assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "nothing is left of the try");
        refused
    };
    let execute = |statement: &'static str| {
        move |path: &Path| {
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            conn.batch_execute(statement).unwrap();
        }
    };
    let halved = |path: &Path| {
        let bytes = std::fs::read(path).unwrap();
        std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    assert!(spoilt("halved", &halved).contains("is damaged"));
    let overwritten = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8_192].fill(0x5A);
        std::fs::write(path, bytes).unwrap();
    };
    assert!(spoilt("overwritten", &overwritten).contains("is damaged"));
    let dangling = execute("PRAGMA foreign_keys = OFF; DELETE FROM users");
    assert!(spoilt("dangling", &dangling).contains("points at nothing in users"));
    let emptied = |path: &Path| std::fs::remove_file(path).unwrap();
    assert!(spoilt("emptied", &emptied).contains("is not a backup"));
    let foreign = |path: &Path| {
        std::fs::remove_file(path).unwrap();
        execute("CREATE TABLE recipes (id INTEGER)")(path);
    };
    assert!(spoilt("foreign", &foreign).contains("is not a portal's database"));
    let future = execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')");
    assert!(spoilt("future", &future).contains("newer portal (its migration 29991231000000"));
}

#[tokio::test]
async fn on_postgresql_the_commands_say_what_to_use() {
    let app = TestApp::start();
    if is_sqlite(&app) {
        return;
    }
    for (command, tool) in [("backup", "pg_dump --format=custom"), ("restore", "pg_restore")] {
        let refused = complaint(&run(&app, &[command, "somewhere"]));
        assert!(refused.contains(tool) && refused.contains("docs/OPERATIONS.md"), "{refused}");
        assert!(!refused.contains(app.database_url()), "a URL may have a password in it: {refused}");
    }
    assert!(!app.directory().join("somewhere").exists());
}
