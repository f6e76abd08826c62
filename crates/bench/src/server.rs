//! The servers that are measured: the real program, and the floors.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; ended when dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From the start of the process to its first answer.
    pub(crate) started_in: Duration,
}

impl Server {
    /// The portal, with this database and keys. `first` is asked for until it is answered by 200.
    pub(crate) fn portal(program: &Path, settings: &Settings<'_>, first: &Ask<'_>) -> Result<Self> {
        let address = free_address()?;
        let mut serve = Command::new(program);
        serve
            .arg("serve")
            .env("DATABASE_URL", settings.database)
            .env("PORTAL_KEYS_DIR", settings.folder.join("keys"))
            .env("PORTAL_MAIL_DIR", settings.folder.join("mail"))
            .env("PORTAL_LISTEN", address.to_string())
            .env("PORTAL_PUBLIC_URL", PUBLIC_URL)
            .env("PORTAL_RATE_LIMIT_FACTOR", "1000000")
            .env("PORTAL_LOG", "warn");
        Self::start(serve, address, &settings.folder.join("portal.log"), first)
    }

    /// The floors, with this database.
    pub(crate) fn floor(settings: &Settings<'_>, first: &Ask<'_>) -> Result<Self> {
        let address = free_address()?;
        let mut floor = Command::new(std::env::current_exe().context("cannot tell where this program is")?);
        floor.args(["floor", "--database", settings.database, "--listen", &address.to_string()]);
        Self::start(floor, address, &settings.folder.join("floor.log"), first)
    }

    fn start(mut command: Command, address: SocketAddr, log: &Path, first: &Ask<'_>) -> Result<Self> {
        let log = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command.stdout(Stdio::null()).stderr(log);
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut server = Self { child, address, started_in: Duration::ZERO };
        while begun.elapsed() < PATIENCE {
            if first.answered(address) {
                server.started_in = begun.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait().context("cannot watch the server")? {
                bail!("the server ended ({status})");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        bail!("the server does not answer {} after {} s", first.path, PATIENCE.as_secs());
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is to be reaped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The issuer of the tokens.
pub(crate) const PUBLIC_URL: &str = "http://localhost:8080";

/// What both servers need.
pub(crate) struct Settings<'a> {
    pub(crate) database: &'a str,
    pub(crate) folder: &'a Path,
}

/// A request that is answered once the server is ready.
pub(crate) struct Ask<'a> {
    pub(crate) path: String,
    pub(crate) token: Option<&'a str>,
}

impl Ask<'_> {
    fn answered(&self, address: SocketAddr) -> bool {
        self.status(address).is_some_and(|line| line.starts_with("HTTP/1.1 200"))
    }

    fn status(&self, address: SocketAddr) -> Option<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        let token = self.token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
        let request =
            format!("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{token}\r\n", self.path);
        stream.write_all(request.as_bytes()).ok()?;
        let mut start = [0; 12];
        stream.read_exact(&mut start).ok()?;
        Some(String::from_utf8_lossy(&start).into_owned())
    }
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on 127.0.0.1")?;
    listener.local_addr().context("no free port on 127.0.0.1")
}
