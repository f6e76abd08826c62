//! A database that is away: 503 in time, never an allow, nothing half done, and back by itself.

use std::time::{Duration, Instant};

use diesel::prelude::*;
use portal_api_types::{EmployeeRole, Registration, RenameAccount};
use portal_client::Error;

use crate::app::{FirmAdmin, Hired, Owner, TestApp, address, measured, named, on_postgres};
use crate::cluster::{Cluster, Stop};
use crate::events::Tab;
use crate::fleet::{Outcome, PATIENCE, outcome};
use crate::link::Link;

/// Two seconds are what is promised; what is above them is for a machine that has more to do.
const SOON: Duration = Duration::from_millis(2_700);

/// A portal with one of each, and one who was put out.
pub struct Scene {
    pub app: TestApp,
    pub owner: Owner,
    pub firm: FirmAdmin,
    pub ben: Hired,
    /// A token that was good until its bookkeeper was put out.
    revoked: String,
}

impl Scene {
    pub async fn on(app: TestApp) -> Self {
        // Answers do not say what was wrong with the database.
        portal_server::telemetry::init("warn", portal_server::config::LogFormat::Text);
        let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
        let firm = app.firm(&owner, "Apple", "office@apple.example").await;
        let accounts = std::slice::from_ref(&owner.account_id);
        let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, accounts).await;
        let revoked = ben.me.enter(&owner.account_id).await.unwrap().token().to_owned();
        firm.firm.revoke_account(&ben.id, &owner.account_id).await.unwrap();
        Self { app, owner, firm, ben, revoked }
    }

    /// Everybody is told in time to come back, and nobody gets in.
    async fn assert_away(&self, what: &str) {
        let refused = |answer: Result<(), Error>, started: Instant, name: &'static str| {
            let took = started.elapsed();
            let error = answer.expect_err(name);
            assert_eq!(error.status(), Some(503), "{what}: {name}: {error:?}");
            assert!(error.retry_after().is_some(), "{what}: {name}: {error:?}");
            assert!(took < SOON, "{what}: {name}: refused after {took:?}");
        };
        let portal = self.app.portal();
        let registration = Registration {
            name: named("Marco"),
            email: address("marco@cycles.example"),
            account_name: named("Cycles"),
            locale: None,
        };
        let rename = RenameAccount { name: named("Renamed") };
        let revoked = portal.in_account(&self.revoked);
        let started = Instant::now();
        tokio::join!(
            async { refused(self.owner.inside.read_account().await.map(drop), started, "reading") },
            async { refused(self.ben.me.enter(&self.owner.account_id).await.map(drop), started, "entering") },
            async { refused(revoked.read_account().await.map(drop), started, "who was put out") },
            async { refused(portal.register(&registration).await.map(drop), started, "registering") },
            async { refused(portal.check_readiness().await.map(drop), started, "readiness") },
            async {
                let granted = self.firm.firm.grant_account(&self.ben.id, &self.owner.account_id).await;
                refused(granted.map(drop), started, "granting");
            },
            async { refused(self.owner.inside.rename_account(&rename).await.map(drop), started, "renaming") },
            async { portal.check_health().await.expect("the program itself is well") },
        );
    }

    /// It works again within two seconds, without anybody's help, and nothing of what was refused has happened.
    pub async fn assert_back(&self, what: &str) {
        let started = Instant::now();
        loop {
            let answer = self.owner.inside.read_account().await;
            if let Ok(account) = &answer {
                assert_eq!(account.name.as_str(), "Bakery", "{what}: what was refused was not done");
                break;
            }
            assert_eq!(outcome(&answer), Outcome::NotDone, "{what}");
            assert!(started.elapsed() < SOON, "{what}: not back after {:?}", started.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.app.portal().check_readiness().await.unwrap();
        let inside = self.app.portal().in_account(&self.revoked);
        assert_eq!(crate::app::status(inside.read_account().await), 401, "{what}: still out");
        self.firm.firm.grant_account(&self.ben.id, &self.owner.account_id).await.unwrap();
        inside.read_account().await.unwrap();
        self.firm.firm.revoke_account(&self.ben.id, &self.owner.account_id).await.unwrap();
        assert!(self.app.mails_to("marco@cycles.example").is_empty(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgresql_is_away_everybody_is_told_so_within_two_seconds_and_it_comes_back_by_itself() {
    let Some(mut cluster) = Cluster::start(&["max_connections=24"]) else { return };
    let scene = Scene::on(TestApp::start_at(&cluster.url())).await;
    for (how, what) in [(Stop::Fast, "stopped"), (Stop::Immediate, "stopped at once")] {
        tokio::task::block_in_place(|| cluster.stop(how));
        scene.assert_away(what).await;
        tokio::task::block_in_place(|| cluster.start_again());
        scene.assert_back(what).await;
    }
    tokio::task::block_in_place(|| {
        cluster.stop(Stop::Fast);
        cluster.start_again();
    });
    scene.assert_back("restarted").await;

    cluster.freeze();
    scene.assert_away("frozen").await;
    cluster.thaw();
    scene.assert_back("frozen").await;

    let hogs = tokio::task::block_in_place(|| take_all_connections(&cluster));
    scene.assert_away("out of connections").await;
    drop(hogs);
    scene.assert_back("out of connections").await;
}

/// Puts everybody else out, and keeps every place.
fn take_all_connections(cluster: &Cluster) -> Vec<PgConnection> {
    let (url, deadline) = (format!("{}?application_name=hog", cluster.url()), Instant::now() + PATIENCE);
    let mut hogs: Vec<PgConnection> = Vec::new();
    let others = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'hog'";
    loop {
        match PgConnection::establish(&url) {
            Ok(hog) => hogs.push(hog),
            Err(error) => {
                assert!(error.to_string().contains("too many clients"), "{error}");
                let first = hogs.first_mut().expect("one place at least");
                let query = format!("SELECT pg_terminate_backend(pid) {others}");
                if diesel::sql_query(query).execute(first).unwrap() == 0 {
                    return hogs;
                }
            }
        }
        assert!(Instant::now() < deadline, "others are quicker");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_to_postgresql_may_be_slow_silent_or_cut() {
    let Some(cluster) = Cluster::start(&["max_connections=50"]) else { return };
    let link = Link::to(cluster.port());
    let url = cluster.url().replace(&cluster.port().to_string(), &link.port().to_string());
    let scene = Scene::on(TestApp::start_at(&url)).await;

    link.slow_down(Duration::from_millis(15));
    scene.assert_back("slow").await;
    link.recover();

    link.cut();
    // Connections that broke while they were idle are no reason to refuse anybody.
    for _ in 0..20 {
        scene.owner.inside.read_account().await.expect("by a new connection");
    }
    scene.assert_back("cut").await;

    link.go_down();
    scene.assert_away("down").await;
    link.recover();
    scene.assert_back("down").await;

    link.fall_silent();
    scene.assert_away("silent").await;
    link.recover();
    scene.assert_back("silent").await;

    link.fall_silent();
    scene.assert_away("silent, then cut").await;
    link.cut();
    link.recover();
    scene.assert_back("silent, then cut").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_silent_for_ever_are_given_up_and_what_they_held_is_free() {
    let Some(cluster) = Cluster::start(&["max_connections=50"]) else { return };
    let link = Link::to(cluster.port());
    let url = cluster.url().replace(&cluster.port().to_string(), &link.port().to_string());
    let scene = Scene::on(TestApp::start_at(&url)).await;
    let stream = Tab::open("Olivia", &scene.owner.me).await;
    // In the midst of a change, which has locked the account.
    let (begun, is_begun) = std::sync::mpsc::channel();
    let (db, account) = (scene.app.app.services.db.clone(), scene.owner.account_id.to_string());
    let held = tokio::spawn(async move {
        db.write(move |conn| {
            let lock = format!("UPDATE accounts SET version = version + 1 WHERE id = '{account}'");
            diesel::sql_query(lock).execute(conn)?;
            let _ = begun.send(());
            std::thread::sleep(Duration::from_millis(500));
            Ok(diesel::sql_query("SELECT 1").execute(conn)?)
        })
        .await
    });
    tokio::task::block_in_place(|| is_begun.recv().unwrap());
    link.forget();
    let started = Instant::now();
    assert!(held.await.unwrap().is_err(), "nobody hears of it");
    // Every thread meets such a connection, and none of them for ever.
    let rename = |name: &str| RenameAccount { name: named(name) };
    loop {
        let portal = scene.app.portal();
        let looks = futures_util::future::join_all((0..24).map(|_| portal.check_readiness())).await;
        let answer = scene.owner.inside.rename_account(&rename("Released")).await;
        if looks.iter().all(Result::is_ok) && answer.is_ok() {
            break;
        }
        assert_ne!(outcome(&answer), Outcome::Open, "{answer:?}");
        assert!(started.elapsed() < PATIENCE, "it is not given up: {answer:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    measured(&format!("back after {:?}", started.elapsed()));
    scene.owner.inside.rename_account(&rename("Bakery")).await.unwrap();
    scene.assert_back("forgotten").await;
    // And what changes is heard of, also where somebody has been listening all the time.
    drop(stream);
    for number in 0.. {
        let tab = scene.owner.me.events().await.map(|events| Tab::read("Olivia", events));
        scene.owner.inside.rename_account(&rename(&format!("Number {number}"))).await.unwrap();
        let Ok(mut tab) = tab else { continue };
        if tab.hears_something(Duration::from_secs(1)).await {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "nothing is heard");
    }
    let metrics = scene.app.portal().read_metrics().await.unwrap();
    assert!(!metrics.contains("\nportal_database_given_up_total 0\n"), "it was counted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_somebody_else_locks_the_sqlite_file_reads_go_on_and_writes_are_told_to_come_back() {
    if on_postgres() {
        return;
    }
    let scene = Scene::on(TestApp::start()).await;
    let path = scene.app.database_url().trim_start_matches("sqlite://").to_owned();
    let (locked, is_locked) = std::sync::mpsc::channel();
    let other = std::thread::spawn(move || {
        let mut conn = SqliteConnection::establish(&path).unwrap();
        diesel::sql_query("PRAGMA busy_timeout = 5000").execute(&mut conn).unwrap();
        diesel::sql_query("BEGIN IMMEDIATE").execute(&mut conn).unwrap();
        locked.send(()).unwrap();
        std::thread::sleep(Duration::from_secs(10));
        diesel::sql_query("ROLLBACK").execute(&mut conn).unwrap();
    });
    tokio::task::block_in_place(|| is_locked.recv().unwrap());
    let rename = RenameAccount { name: named("Renamed") };
    let writing = async {
        let started = Instant::now();
        let answer = scene.owner.inside.rename_account(&rename).await;
        assert_eq!(outcome(&answer), Outcome::NotDone, "{answer:?}");
        assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    };
    let reading = async {
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            let started = Instant::now();
            let account = scene.owner.inside.read_account().await.expect("readers wait for no writer");
            assert_eq!(account.name.as_str(), "Bakery");
            assert!(started.elapsed() < Duration::from_secs(2));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::join!(writing, reading);
    other.join().unwrap();
    scene.assert_back("locked").await;
    scene.owner.inside.rename_account(&rename).await.unwrap();
}
