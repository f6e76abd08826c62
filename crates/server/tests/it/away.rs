//! A database that is away, or cannot write: 503 in time, never an allow, nothing half done, and back by itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use portal_api_types::{EmployeeRole, InviteEmployee, Registration, RenameAccount};
use portal_client::Error;

use crate::app::{FirmAdmin, Hired, Owner, TestApp, address, leave_out, named, on_postgres};
use crate::cluster::{Cluster, Stop};
use crate::fleet::{Outcome, PATIENCE, outcome};
use crate::link::Link;

/// Two seconds are what is promised; what is above them is for a machine that has more to do.
const SOON: Duration = Duration::from_millis(2_700);

/// A portal with one of each, and one who was put out.
struct Scene {
    app: TestApp,
    owner: Owner,
    firm: FirmAdmin,
    ben: Hired,
    /// A token that was good until its bookkeeper was put out.
    revoked: String,
}

impl Scene {
    async fn on(app: TestApp) -> Self {
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
    async fn assert_back(&self, what: &str) {
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

/// A file system of its own, as large as given; gone with the test.
struct Disk(tempfile::TempDir);

impl Disk {
    /// None where this process may not mount, which it says.
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={size},mode=0777"), "tmpfs"]).arg(folder.path());
        let mounted = mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if !mounted {
            leave_out("a full disk: a file system cannot be mounted here");
        }
        mounted.then(|| Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let filler = self.path().join("filler");
        let mut file = std::fs::File::create(&filler).unwrap();
        let piece = [0; 4_096];
        while std::io::Write::write_all(&mut file, &piece).is_ok() {}
        filler
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Invites people until the database has no room for one more; who was refused, and who was answered.
async fn invite_until_full(scene: &Scene, begin: usize) -> (Vec<String>, String) {
    let mut invited = Vec::new();
    for number in begin.. {
        let email = format!("new{number}@apple.example");
        let wish = InviteEmployee {
            name: named("N"),
            email: address(&email),
            role: EmployeeRole::Bookkeeper,
            account_ids: Vec::new(),
        };
        let answer = scene.firm.firm.invite_employee(&wish).await;
        let outcome = outcome(&answer);
        assert_ne!(outcome, Outcome::Open, "a full disk is no riddle: {answer:?}");
        if outcome == Outcome::NotDone {
            return (invited, email);
        }
        invited.push(email);
        assert!(invited.len() < 5_000, "the disk is full");
    }
    (invited, String::new())
}

async fn employees(scene: &Scene) -> Vec<String> {
    let read = scene.app.app.services.db.read(|conn| {
        use portal_server::schema::employees;
        Ok(employees::table.filter(employees::email.like("new%")).select(employees::email).load(conn)?)
    });
    read.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_nothing_is_half_done_and_room_is_all_it_takes() {
    let Some(disk) = Disk::mount(if on_postgres() { "160m" } else { "6m" }) else { return };
    let cluster = Cluster::start_in(Some(disk.path()), &["max_connections=24", "max_wal_size=32MB"]);
    let url = match &cluster {
        Some(cluster) => cluster.url(),
        None if on_postgres() => return,
        None => format!("sqlite://{}/portal.db", disk.path().display()),
    };
    let scene = Scene::on(TestApp::start_at(&url)).await;
    scene.app.pause_mail();
    let (mut all, mut begin) = (Vec::new(), 0);
    for _ in 0..2 {
        let filler = disk.fill();
        let (invited, refused) = invite_until_full(&scene, begin).await;
        begin += invited.len() + 1;
        let account = scene.owner.inside.read_account().await.expect("reading needs no room");
        assert_eq!(account.name.as_str(), "Bakery");
        assert!(!employees(&scene).await.contains(&refused), "nothing of it is there");
        all.extend(invited);
        std::fs::remove_file(filler).unwrap();
        scene.assert_back("full").await;
    }
    let there = employees(&scene).await;
    assert_eq!(there.len(), all.len());
    assert!(all.iter().all(|email| there.contains(email)), "what was answered is there");
    drop(scene);
    drop(cluster);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_is_503_until_it_works_again() {
    if on_postgres() {
        return;
    }
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    // The system refuses every write beyond so many bytes of a file, as a broken disk or a quota does.
    let log = app.directory().join("limited.log");
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_portal")]);
    command.env_clear().envs(crate::processes::surroundings(&app)).current_dir(app.directory());
    let process = crate::processes::Process::start(&mut command, &log).expect("it starts");
    let limit = |bytes: &str| {
        let mut prlimit = Command::new("prlimit");
        prlimit.args(["--pid", &process.pid().to_string()]).arg(format!("--fsize={bytes}"));
        prlimit.status().is_ok_and(|status| status.success())
    };
    let there = process.portal().in_account(owner.inside.token());
    let rename = |name: &str| RenameAccount { name: named(name) };
    there.rename_account(&rename("Before")).await.unwrap();
    if limit("4096:unlimited") {
        let answer = there.rename_account(&rename("Lost")).await;
        let error = answer.expect_err("it cannot be written");
        assert_eq!((error.status(), error.retry_after().is_some()), (Some(503), true), "{error:?}");
        assert_eq!(there.read_account().await.unwrap().name.as_str(), "Before");
        assert!(limit("unlimited:unlimited"));
        there.rename_account(&rename("After")).await.expect("by itself");
        assert_eq!(owner.inside.read_account().await.unwrap().name.as_str(), "After");
    } else {
        leave_out("a disk that fails: there is no prlimit");
    }
    drop(process);
}
