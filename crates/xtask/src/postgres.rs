//! A throw-away PostgreSQL server from the installed programs, gone when we are.

mod programs;

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use self::programs::{Account, Programs};
use crate::process::{Interrupts, TICK};

/// How often a start is tried: somebody may take the port between our choice and the server's.
const ATTEMPTS: u32 = 3;

/// How long a start may take; usually it is a second.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ends the server and deletes its folder as soon as the pipe on its standard input closes. The system closes
/// it in whatever way we end, by SIGKILL too, so that no server is ever left behind.
const WATCHDOG: &str = r#"
read -r _
file=$1/data/postmaster.pid
if [ -f "$file" ]; then
    read -r server < "$file"
    kill -QUIT "$server"
    turns=0
    while [ -f "$file" ] && [ $turns -lt 100 ]; do sleep 0.1; turns=$((turns + 1)); done
fi
cd / && rm -rf "$1"
"#;

/// `cargo xtask postgres`: a server for as long as the person likes.
pub(crate) fn serve(interrupts: &Interrupts) -> Result<ExitCode> {
    let mut cluster = Cluster::start(interrupts)?;
    println!("TEST_DATABASE_URL={}", cluster.url());
    println!(
        "\nFor example, in another terminal:\n    \
         PORTAL_TEST_DATABASE=postgres TEST_DATABASE_URL={} cargo nextest run -p portal-server NAME\n\
         Ctrl-C stops and deletes the server.",
        cluster.url()
    );
    while !interrupts.came() {
        if let Some(status) = cluster.server.try_wait().context("cannot watch the server")? {
            bail!("PostgreSQL ended by itself ({status}):\n{}", cluster.folder.log());
        }
        thread::sleep(TICK);
    }
    println!("Stopping PostgreSQL ...");
    Ok(ExitCode::SUCCESS)
}

/// Misses the server programs now rather than after minutes of building.
pub(crate) fn require_programs() -> Result<()> {
    Programs::find().map(drop)
}

/// A running server; dropping it stops and deletes it.
pub(crate) struct Cluster {
    url: String,
    server: Child,
    // Dropped after `drop` has run: this is what deletes the folder.
    folder: Folder,
}

/// Whether a server waits until what it has answered is on the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// No: for tests.
    None,
    /// Yes, as for real data: to be measured.
    Full,
}

impl Cluster {
    /// Makes and starts a server that accepts connections when this returns.
    pub(crate) fn start(interrupts: &Interrupts) -> Result<Self> {
        Self::start_with(Durability::None, interrupts)
    }

    /// The same, with a word on what it does about the disk.
    pub(crate) fn start_with(durability: Durability, interrupts: &Interrupts) -> Result<Self> {
        if !cfg!(unix) {
            bail!(
                "a throw-away PostgreSQL is started on Unix only; set TEST_DATABASE_URL to a server of yours"
            );
        }
        let programs = Programs::find()?;
        println!("Starting a throw-away PostgreSQL ({}) ...", programs.folder().display());
        let account = Account::unprivileged()?;
        let folder = Folder::make(&account)?;
        initialise(&programs, &account, &folder)?;
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            let mut server = spawn(&programs, &account, &folder, port, durability)?;
            if accepts_connections(&mut server, &folder, interrupts)? {
                let url = format!("postgres://portal@{}:{port}/postgres", Ipv4Addr::LOCALHOST);
                return Ok(Self { url, server, folder });
            }
        }
        bail!("PostgreSQL does not start:\n{}", folder.log());
    }

    /// Its first process, of which the others are children.
    pub(crate) fn pid(&self) -> u32 {
        self.server.id()
    }

    /// Its superuser's URL, which may create databases; no password.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.folder.delete();
        // The watchdog has ended it; if that went wrong, the hard way is left. Either way it is to be reaped.
        if !matches!(self.server.try_wait(), Ok(Some(_))) {
            let ended = self.server.kill().and_then(|()| self.server.wait());
            if let Err(error) = ended {
                eprintln!("could not stop PostgreSQL, process {}: {error}", self.server.id());
            }
        }
    }
}

/// The server's folder, and the watchdog that outlives us for as long as it takes to delete it.
struct Folder {
    path: PathBuf,
    watchdog: Child,
}

impl Folder {
    /// In the system's folder for such things rather than in the clone, which the server's account may not be
    /// able to reach.
    fn make(account: &Account) -> Result<Self> {
        let parent = std::env::temp_dir();
        let made = account
            .command("mktemp")
            .arg("-d")
            .arg(parent.join("accounting-portal-postgres.XXXXXX"))
            .output();
        let made = made.context("cannot run mktemp")?;
        if !made.status.success() {
            bail!(
                "cannot make a folder in {}; set TMPDIR to one that every account can write to",
                parent.display()
            );
        }
        let path = PathBuf::from(String::from_utf8(made.stdout).context("an odd path")?.trim());
        let mut watchdog = account.command("sh");
        watchdog.args(["-c", WATCHDOG, "sh"]).arg(&path).stdin(Stdio::piped());
        let watchdog = watchdog.spawn().context("cannot run sh")?;
        Ok(Self { path, watchdog })
    }

    fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// What the server said, for a message.
    fn log(&self) -> String {
        fs::read_to_string(self.path.join("log")).unwrap_or_else(|error| format!("(no log: {error})"))
    }

    fn delete(&mut self) {
        drop(self.watchdog.stdin.take());
        if let Err(error) = self.watchdog.wait() {
            eprintln!("could not wait until {} was deleted: {error}", self.path.display());
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.delete();
    }
}

fn initialise(programs: &Programs, account: &Account, folder: &Folder) -> Result<()> {
    let mut initdb = account.command(programs.initdb());
    initdb.args([
        "--username=portal",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-locale",
        "--no-sync",
        "--pgdata",
    ]);
    let output = initdb.arg(folder.data()).current_dir(&folder.path).output().context("cannot run initdb")?;
    if !output.status.success() {
        bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn spawn(
    programs: &Programs,
    account: &Account,
    folder: &Folder,
    port: u16,
    durability: Durability,
) -> Result<Child> {
    let log = File::create(folder.path.join("log")).context("cannot write the server's log")?;
    let mut postgres = account.command(programs.postgres());
    postgres.arg("-D").arg(folder.data()).arg("-p").arg(port.to_string());
    for setting in [
        // No password is asked for, so no other machine may knock; and no socket, which would need a place.
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        // Many tests at once, each with a pool.
        "max_connections=300",
    ] {
        postgres.args(["-c", setting]);
    }
    if durability == Durability::None {
        // Nothing here has to survive a power cut.
        for setting in ["fsync=off", "full_page_writes=off", "synchronous_commit=off"] {
            postgres.args(["-c", setting]);
        }
    }
    postgres.current_dir(&folder.path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    postgres.spawn().context("cannot run postgres")
}

/// Waits for the server's own word in its own folder: an answer on the port could be somebody else's. `false`
/// if it ended instead.
fn accepts_connections(server: &mut Child, folder: &Folder, interrupts: &Interrupts) -> Result<bool> {
    let start = Instant::now();
    loop {
        interrupts.check()?;
        if server.try_wait().context("cannot watch the server")?.is_some() {
            return Ok(false);
        }
        if says_ready(&folder.data()) {
            return Ok(true);
        }
        if start.elapsed() > PATIENCE {
            bail!("PostgreSQL is not ready after {} s:\n{}", PATIENCE.as_secs(), folder.log());
        }
        thread::sleep(TICK);
    }
}

/// The eighth line of this file is the server's state.
fn says_ready(data: &Path) -> bool {
    let status = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    status.lines().nth(7).is_some_and(|line| line.trim() == "ready")
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    Ok(listener.local_addr().context("no free port on 127.0.0.1")?.port())
}
