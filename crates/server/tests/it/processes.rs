//! Two processes on one database: what one has answered, the other knows.

use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portal_api_types::EmployeeRole;
use portal_client::Portal;

use crate::app::{TestApp, short_or_long};

/// The settings of a process that is one more of this portal.
pub fn surroundings(app: &TestApp) -> Vec<(String, String)> {
    let config = &app.app.config;
    [
        ("DATABASE_URL", app.database_url().to_owned()),
        ("PORTAL_KEYS_DIR", config.keys_dir.display().to_string()),
        ("PORTAL_MAIL_DIR", config.mail_dir.display().to_string()),
        ("PORTAL_PUBLIC_URL", config.public_url.clone()),
        ("PORTAL_LISTEN", "127.0.0.1:0".to_owned()),
        ("PORTAL_RATE_LIMIT_FACTOR", "1000".to_owned()),
        ("PORTAL_WEBHOOK_ALLOW", "127.0.0.0/8".to_owned()),
        ("PORTAL_TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ("NO_COLOR", "1".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// The real program, as a second process of a test's portal.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub base_url: String,
}

impl Process {
    /// Starts `portal serve` on the same database, keys and mails.
    pub fn serve(app: &TestApp) -> Self {
        Self::serve_logging(app, "info", "text", &app.directory().join("process.log"))
    }

    /// The same, with its log in a file.
    pub fn serve_logging(app: &TestApp, filter: &str, format: &str, log: &Path) -> Self {
        Self::serve_with(app, &[("PORTAL_LOG", filter), ("PORTAL_LOG_FORMAT", format)], log)
    }

    /// The same, with these settings.
    pub fn serve_with(app: &TestApp, settings: &[(&str, &str)], log: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portal"));
        command.arg("serve").env_clear().envs(surroundings(app)).envs(settings.iter().copied());
        Self::start(command.current_dir(app.directory()), log).expect("it says where it listens")
    }

    /// Starts this command, which is to end as `portal serve`, and waits until it listens. None if it ends instead.
    pub fn start(command: &mut Command, log: &Path) -> Option<Self> {
        let said = std::fs::File::create(log).expect("a file for the log");
        let child = command.stderr(said).spawn().expect("the program starts");
        let mut process = Self { child, base_url: String::new() };
        let deadline = Instant::now() + Duration::from_secs(20);
        while process.base_url.is_empty() {
            assert!(Instant::now() < deadline, "it says where it listens");
            if process.child.try_wait().expect("a child of ours").is_some() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
            let said = std::fs::read_to_string(log).unwrap_or_default();
            let url = said.lines().find_map(|line| line.split_once("listening on http://"));
            if let Some((_, address)) = url {
                let address: String =
                    address.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
                process.base_url = format!("http://{address}");
            }
        }
        Some(process)
    }

    /// A client of this process.
    pub fn portal(&self) -> Portal {
        Portal::new(&self.base_url).expect("a URL")
    }
}

impl Process {
    /// Asks the program to stop, as a service manager does.
    pub fn terminate(&self) {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status();
        assert!(asked.expect("kill runs").success());
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends the program as a power cut would, as far as the program can tell.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child of ours");
        self.wait();
    }

    /// Waits until the program has ended.
    pub fn wait(&mut self) -> std::process::ExitStatus {
        self.child.wait().expect("the program was started")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_through_one_process_acts_on_the_next_request_to_the_other_under_load() {
    let app = TestApp::start();
    let other = Process::serve(&app);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let account = owner.account_id.clone();
    let ben = firm
        .hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, std::slice::from_ref(&account))
        .await;
    let there = other.portal().in_account(ben.me.enter(&account).await.unwrap().token());
    there.read_account().await.unwrap();

    // Eight clients hammer the other process. Epochs count up: odd while the access is revoked and the answer is in hand.
    // A request that began and ended within one odd epoch must not have succeeded.
    let (epoch, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let (late, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (there, epoch, stop) = (there.clone(), Arc::clone(&epoch), Arc::clone(&stop));
            let (late, refused) = (Arc::clone(&late), Arc::clone(&refused));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let before = epoch.load(Ordering::SeqCst);
                    let answer = there.read_account().await;
                    if before % 2 == 1 && epoch.load(Ordering::SeqCst) == before {
                        late.fetch_add(usize::from(answer.is_ok()), Ordering::SeqCst);
                        refused.fetch_add(usize::from(answer.is_err()), Ordering::SeqCst);
                    }
                }
            })
        })
        .collect();
    for _ in 0..40 {
        firm.firm.revoke_account(&ben.id, &account).await.unwrap();
        epoch.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(crate::app::status(there.read_account().await), 401);
        epoch.fetch_add(1, Ordering::SeqCst);
        firm.firm.grant_account(&ben.id, &account).await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    assert_eq!(late.load(Ordering::SeqCst), 0, "late successes");
    assert!(refused.load(Ordering::SeqCst) > 100, "the clients did look while it was revoked");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_grants_through_two_processes_make_one_assignment_and_one_entry() {
    let app = TestApp::start();
    let other = Process::serve(&app);
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, &[]).await;
    let there = crate::fleet::elsewhere(&firm.me, other.portal());
    let rounds = short_or_long(5, 1_000);
    for _ in 0..rounds {
        let grants = (0..16).map(|index| {
            let in_firm =
                if index % 2 == 0 { firm.me.firm(&firm.firm_id) } else { there.firm(&firm.firm_id) };
            let (employee, account) = (ben.id.clone(), owner.account_id.clone());
            tokio::spawn(async move { in_firm.grant_account(&employee, &account).await })
        });
        for granted in futures_util::future::join_all(grants).await {
            granted.unwrap().unwrap();
        }
        firm.firm.revoke_account(&ben.id, &owner.account_id).await.unwrap();
        assert_eq!(
            crate::app::status(ben.me.enter(&owner.account_id).await),
            404,
            "one revoke takes it away"
        );
    }
    let entries = app.app.services.db.read(|conn| {
        use diesel::prelude::*;
        use portal_server::schema::activity;
        let granted = activity::table.filter(activity::action.eq("assignment.granted"));
        Ok(granted.count().get_result::<i64>(conn)?)
    });
    assert_eq!(entries.await.unwrap(), rounds);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_was_answered_as_not_done_is_not_done_later() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    // Longer than a request waits, by a job that holds the account's row (and on SQLite the database) that long.
    let (id, db) = (owner.account_id.clone(), app.app.services.db.clone());
    let slow = tokio::spawn(async move {
        db.write(move |conn| {
            use diesel::prelude::*;
            use portal_server::schema::accounts;
            diesel::update(accounts::table.find(id.as_str())).set(accounts::name.eq("Slow")).execute(conn)?;
            std::thread::sleep(Duration::from_secs(11));
            Ok(())
        })
        .await
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let rename = portal_api_types::RenameAccount { name: crate::app::named("Renamed") };
    let started = Instant::now();
    let refused = owner.inside.rename_account(&rename).await.expect_err("it cannot be done in time");
    assert_eq!(refused.status(), Some(503), "{refused:?}");
    assert!(refused.retry_after().is_some());
    assert!(started.elapsed() < Duration::from_secs(12));
    assert!(slow.await.unwrap().is_err(), "nobody waited for it, so it was rolled back");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        owner.inside.read_account().await.unwrap().name.as_str(),
        "Bakery",
        "neither of the two was done"
    );
}
