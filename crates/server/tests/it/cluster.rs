//! A PostgreSQL server that belongs to one test, to be stopped, frozen and restarted; with the settings of a real one.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::app::{leave_out, on_postgres};

/// Ends the server and deletes its folder when the pipe on standard input closes, in whatever way this process ends.
const WATCHDOG: &str = r#"
read -r _
file=$1/data/postmaster.pid
if [ -f "$file" ]; then
    read -r server < "$file"
    kill -CONT "$server"
    kill -QUIT "$server"
    turns=0
    while [ -f "$file" ] && [ $turns -lt 100 ]; do sleep 0.1; turns=$((turns + 1)); done
fi
cd / && rm -rf "$1"
"#;

/// How a server is stopped, by the signal that says so.
#[derive(Clone, Copy)]
pub enum Stop {
    /// Transactions are rolled back and connections closed.
    Fast,
    /// As by a power cut: it recovers from its log at the next start.
    Immediate,
}

/// A PostgreSQL server.
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    settings: Vec<String>,
    server: Child,
    watchdog: Child,
}

impl Cluster {
    /// Starts one, if this run is on PostgreSQL and its server programs are here; else says why not.
    pub fn start(settings: &[&str]) -> Option<Self> {
        Self::start_in(None, settings)
    }

    /// The same, with its data in this folder, which every account can write to.
    pub fn start_in(place: Option<&Path>, settings: &[&str]) -> Option<Self> {
        if !on_postgres() {
            return None;
        }
        let Some(programs) = programs() else {
            leave_out("PostgreSQL's server programs are not installed");
            return None;
        };
        let parent = place.map_or_else(std::env::temp_dir, Path::to_owned);
        let made =
            unprivileged("mktemp").arg("-d").arg(parent.join("portal-cluster.XXXXXX")).output().unwrap();
        let folder = PathBuf::from(String::from_utf8(made.stdout).unwrap().trim());
        let mut watchdog = unprivileged("sh");
        watchdog.args(["-c", WATCHDOG, "sh"]).arg(&folder).stdin(Stdio::piped());
        let watchdog = watchdog.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let mut initdb = unprivileged(programs.join("initdb"));
        initdb.args(["--username=portal", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]);
        let made = initdb.arg("--pgdata").arg(folder.join("data")).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let server = serve(&programs, &folder, port, &settings);
        let mut cluster = Self { programs, folder, port, settings, server, watchdog };
        cluster.wait_until_ready();
        Some(cluster)
    }

    /// Its superuser's URL.
    pub fn url(&self) -> String {
        format!("postgres://portal@127.0.0.1:{}/postgres", self.port)
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its processes, the first of which starts the others.
    pub fn processes(&self) -> Vec<u32> {
        let first = self.server.id();
        [first].into_iter().chain(children(first)).collect()
    }

    /// Stops it, and returns when it has ended.
    pub fn stop(&mut self, how: Stop) {
        signal(self.server.id(), if matches!(how, Stop::Fast) { "INT" } else { "QUIT" });
        self.server.wait().expect("a child of ours");
    }

    /// Starts it again on its port and data, and returns when it takes connections.
    pub fn start_again(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            self.server = serve(&self.programs, &self.folder, self.port, &self.settings);
            // Somebody else's connection may have the port for a moment.
            if self.becomes_ready() {
                return;
            }
            assert!(Instant::now() < deadline, "it starts: {}", self.log());
        }
    }

    /// Stops every process of it where it stands; connections stay open and nobody answers.
    pub fn freeze(&self) {
        self.signal_all("STOP");
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.signal_all("CONT");
    }

    fn signal_all(&self, name: &str) {
        for process in self.processes() {
            signal(process, name);
        }
    }

    fn wait_until_ready(&mut self) {
        assert!(self.becomes_ready(), "PostgreSQL starts: {}", self.log());
    }

    /// The eighth line of this file is the server's state.
    fn becomes_ready(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            let state = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).unwrap_or_default();
            let mine = state.lines().next().is_some_and(|pid| pid.trim() == self.server.id().to_string());
            if mine && state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return true;
            }
            if self.server.try_wait().expect("a child of ours").is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.thaw();
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn serve(programs: &Path, folder: &Path, port: u16, settings: &[String]) -> Child {
    let log = std::fs::OpenOptions::new().append(true).create(true).open(folder.join("log")).unwrap();
    let mut postgres = unprivileged(programs.join("postgres"));
    postgres.arg("-D").arg(folder.join("data")).arg("-p").arg(port.to_string());
    postgres.args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
    for setting in settings {
        postgres.args(["-c", setting]);
    }
    postgres.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Sends a signal to a process.
pub fn signal(process: u32, name: &str) {
    // One that has ended meanwhile needs none.
    let _ =
        Command::new("kill").arg(format!("-{name}")).arg(process.to_string()).stderr(Stdio::null()).status();
}

fn children(parent: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").expect("a list of processes").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |id: &u32| {
        // Behind the name in brackets: the state, then the parent.
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let parent_of = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        parent_of == Some(parent.to_string().as_str())
    };
    ids.filter(is_child).collect()
}

/// The newest folder that has the server programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<u32> =
        versions.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    versions.sort_unstable();
    let newest = versions.last().map(|version| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin")));
    let on_path = std::env::split_paths(&crate::integrating::path(&[])).collect::<Vec<_>>();
    newest.into_iter().chain(on_path).find(|folder| folder.join("initdb").is_file())
}

/// A command under an account that PostgreSQL serves as, which is not root; in a group of its own, so that Ctrl-C leaves it
/// to us.
fn unprivileged(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C").current_dir("/").process_group(0);
    if id(&["-u"]) == Some(0) {
        let account = ["postgres", "nobody"].into_iter().find(|name| id(&["-u", name]).is_some());
        let account = account.expect("an account for PostgreSQL, which does not serve as root");
        command.uid(id(&["-u", account]).unwrap()).gid(id(&["-g", account]).unwrap());
    }
    command
}

fn id(arguments: &[&str]) -> Option<u32> {
    let answer = Command::new("id").args(arguments).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
}
