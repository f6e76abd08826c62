//! A disk that is full, fails or becomes read-only under a running portal: 503 with the reason in the log, reads go on, nothing
//! that was answered is lost, and it works again as soon as the disk does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use diesel::prelude::*;
use portal_api_types::{EmployeeRole, InviteEmployee, RenameAccount};
use portal_client::InAccount;

use crate::app::{TestApp, address, leave_out, named, on_postgres, short_or_long};
use crate::away::Scene;
use crate::cluster::Cluster;
use crate::fleet::{Fleet, Outcome, outcome};
use crate::killed::{assert_intact, hire, work_through};
use crate::mail::Mailbox;
use crate::processes::Process;
use crate::strace::Strace;

/// A file system of its own; gone with the test.
struct Disk(tempfile::TempDir);

impl Disk {
    /// In memory, as large as given. None where this process may not mount, which it says.
    fn in_memory(size: &str) -> Option<Self> {
        Self::mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=0777"), "tmpfs"])
    }

    /// The file system that is in a file. None where this process may not mount it, which it says.
    fn in_file(image: &Path) -> Option<Self> {
        Self::mount(&["-o", "loop,errors=remount-ro", image.to_str().unwrap()])
    }

    fn mount(what: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = runs(Command::new("mount").args(what).arg(folder.path()));
        if !mounted {
            leave_out(
                "a disk of its own: a file system cannot be mounted here; root may, where there are loop devices",
            );
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

impl Disk {
    /// The file by which the system lets one try what an error of this file system does.
    fn error_switch(&self) -> Option<PathBuf> {
        let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
        let mine = mounts.lines().find(|line| line.split(' ').nth(1) == self.path().to_str())?;
        let device = mine.split(' ').next()?.trim_start_matches("/dev/");
        Some(Path::new("/sys/fs/ext4").join(device).join("trigger_fs_error")).filter(|file| file.exists())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Runs a program of the system, and says whether it is there and succeeds.
fn runs(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
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
    let Some(disk) = Disk::in_memory(if on_postgres() { "160m" } else { "6m" }) else { return };
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

fn renamed(name: &str) -> RenameAccount {
    RenameAccount { name: named(name) }
}

/// Nothing can be written, and that is what the caller and the log say; reads go on.
async fn assert_only_read(inside: &InAccount, name: &str, log: &Path) {
    for _ in 0..3 {
        let error = inside.rename_account(&renamed("Lost")).await.expect_err("it cannot be written");
        assert_eq!((error.status(), error.retry_after().is_some()), (Some(503), true), "{error:?}");
        assert_eq!(inside.read_account().await.expect("reading needs no disk").name.as_str(), name);
    }
    let said = std::fs::read_to_string(log).unwrap();
    let causes = ["disk I/O error", "database or disk is full", "readonly"];
    let names_cause =
        |line: &str| line.contains("request_id=") && causes.iter().any(|cause| line.contains(cause));
    assert!(said.lines().filter(|line| names_cause(line)).count() >= 3, "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_is_503_until_it_works_again() {
    if on_postgres() {
        return;
    }
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    // The system refuses every write beyond so many bytes of a file, as a quota does.
    let log = app.directory().join("limited.log");
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_portal")]);
    command.env_clear().envs(crate::processes::surroundings(&app)).current_dir(app.directory());
    let process = Process::start(&mut command, &log).expect("it starts");
    let limit = |bytes: &str| {
        let mut prlimit = Command::new("prlimit");
        runs(prlimit.args(["--pid", &process.pid().to_string()]).arg(format!("--fsize={bytes}")))
    };
    let there = process.portal().in_account(owner.inside.token());
    there.rename_account(&renamed("Before")).await.unwrap();
    if limit("4096:unlimited") {
        // Its log is a file as well.
        let error = there.rename_account(&renamed("Lost")).await.expect_err("it cannot be written");
        assert_eq!((error.status(), error.retry_after().is_some()), (Some(503), true), "{error:?}");
        assert_eq!(there.read_account().await.unwrap().name.as_str(), "Before");
        assert!(limit("unlimited:unlimited"));
        there.rename_account(&renamed("After")).await.expect("by itself");
        assert_eq!(owner.inside.read_account().await.unwrap().name.as_str(), "After");
    } else {
        leave_out("a quota: prlimit is not installed: apt-get install util-linux");
    }
}

/// What the system refuses to do with the files of an SQLite database, and why: a broken disk, a broken cable, a file system that
/// was made read-only, a disk that is full.
const FAULTS: [(&str, &str); 5] = [
    ("fsync,fdatasync", "EIO"),
    ("pwrite64", "EIO"),
    ("pwrite64,fsync,fdatasync,ftruncate", "EIO"),
    ("pwrite64,fsync,fdatasync,ftruncate,fallocate", "EROFS"),
    ("pwrite64", "ENOSPC"),
];

/// From now on the system refuses these calls to a process, where they are about this database.
fn fail(process: u32, (calls, error): (&str, &str), database: &Path) -> Option<Strace> {
    let (path, folder) = (database.display(), database.parent().unwrap());
    let (file, log) = (path.to_string(), format!("{path}-wal"));
    let inject = format!("inject={calls}:error={error}");
    let arguments = ["-P", &file, "-P", &log, "-e", &format!("trace={calls}"), "-e", &inject];
    tokio::task::block_in_place(|| Strace::begin(&[process], &arguments, folder))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_the_disk_refuses_is_named_in_the_log_and_passes_by_itself() {
    if on_postgres() {
        return;
    }
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let database = app.directory().join("portal.db");
    let log = app.directory().join("failing.log");
    for (number, fault) in FAULTS.into_iter().enumerate() {
        let process = Process::serve_logging(&app, "warn,portal_server::cli=info", "text", &log);
        let inside = process.portal().in_account(owner.inside.token());
        let (before, after) = (format!("Before {number}"), format!("After {number}"));
        inside.rename_account(&renamed(&before)).await.unwrap();
        let Some(strace) = fail(process.pid(), fault, &database) else { return };
        assert_only_read(&inside, &before, &log).await;
        let refused = tokio::task::block_in_place(|| strace.end());
        assert!(refused.iter().any(|line| line.contains("(INJECTED)")), "{fault:?}: {refused:?}");
        inside.rename_account(&renamed(&after)).await.expect("by itself");
        assert_eq!(owner.inside.read_account().await.unwrap().name.as_str(), after);
    }
    assert_intact(&database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_now_and_then_among_writers_loses_and_invents_nothing() {
    if on_postgres() {
        return;
    }
    let app = TestApp::start();
    let mail = Mailbox::open();
    let workers = hire(&app, 6).await;
    let fleet = Fleet::start(&app, 1, &[("PORTAL_SMTP_URL", &mail.1)]);
    let database = app.directory().join("portal.db");
    let (mut refused, mut left_out) = (0, false);
    let trouble = async {
        for round in 0..short_or_long(FAULTS.len(), 100) {
            tokio::time::sleep(Duration::from_millis(700)).await;
            let fault = FAULTS[round % FAULTS.len()];
            let Some(strace) = fail(fleet.pid(0), fault, &database) else {
                left_out = true;
                break;
            };
            tokio::time::sleep(Duration::from_millis(900)).await;
            // Some die of it, and find what the disk has kept.
            if round % 3 == 2 {
                tokio::task::block_in_place(|| fleet.kill(0));
            }
            let seen = tokio::task::block_in_place(|| strace.end());
            refused += seen.iter().filter(|line| line.contains("(INJECTED)")).count();
            if round % 3 == 2 {
                tokio::task::block_in_place(|| fleet.revive(0));
            }
        }
        tokio::time::sleep(Duration::from_millis(700)).await;
    };
    work_through(&app, &fleet, &mail, workers, trouble).await;
    assert!(refused > 0 || left_out, "the disk did fail");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_system_that_becomes_read_only_serves_readers_and_keeps_what_was_answered() {
    if on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let image = folder.path().join("disk.img");
    std::fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
    if !runs(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image)) {
        return leave_out("a read-only disk: mkfs.ext4 is not installed: apt-get install e2fsprogs");
    }
    let Some(disk) = Disk::in_file(&image) else { return };
    let Some(switch) = disk.error_switch() else {
        return leave_out("a read-only disk: this system does not let errors of ext4 be tried");
    };
    let url = |disk: &Disk| format!("sqlite://{}/portal.db", disk.path().display());
    let app = TestApp::start_at(&url(&disk));
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let log = app.directory().join("read-only.log");
    let process = Process::serve_logging(&app, "warn,portal_server::cli=info", "text", &log);
    let inside = process.portal().in_account(owner.inside.token());
    inside.rename_account(&renamed("Before")).await.unwrap();
    // As an error does that the file system finds in itself.
    std::fs::write(switch, "1").unwrap();
    let probe = std::fs::write(disk.path().join("probe"), "").expect_err("it is read-only");
    assert_eq!(probe.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    assert_only_read(&inside, "Before", &log).await;
    process.portal().check_health().await.unwrap();

    // Such a file system is mended while nobody uses it.
    let mended = folder.path().join("mended.img");
    std::fs::copy(&image, &mended).unwrap();
    let check = Command::new("fsck.ext4").arg("-fy").arg(&mended).output().unwrap();
    assert!(check.status.code().is_some_and(|code| code < 4), "{}", String::from_utf8_lossy(&check.stdout));
    let Some(disk) = Disk::in_file(&mended) else { return };
    assert_intact(&disk.path().join("portal.db"));
    let again = TestApp::start_restored(&url(&disk), &app.app.config.keys_dir);
    let inside = again.portal().in_account(owner.inside.token());
    assert_eq!(inside.read_account().await.unwrap().name.as_str(), "Before");
    inside.rename_account(&renamed("After")).await.unwrap();
    drop(again);
}
