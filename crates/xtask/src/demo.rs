//! `cargo xtask demo`: the portal with a story in it, from one command.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use anyhow::{Context, Result, bail};

use crate::node::Node;
use crate::process::{self, Interrupted, Interrupts, TICK};
use crate::tools::{self, Libpq, build_folder};
use crate::{app, portal};

/// How long the portal may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// Builds the portal with its browser app and starts it on this machine, with the people and accounts of an example, on an embedded
/// database. Ctrl-C stops it; the next start goes on with the same data.
#[derive(clap::Args)]
pub(crate) struct Demo {
    /// Delete the demo's data first, and start over.
    #[arg(long)]
    reset: bool,
    /// The port of 127.0.0.1 to serve on.
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Leave the browser app out, which saves building it: the API, Swagger UI and the mails are there.
    #[arg(long)]
    no_app: bool,
}

impl Demo {
    pub(crate) fn run(self, interrupts: &Interrupts) -> Result<ExitCode> {
        let outcome = self.play(interrupts);
        // Ctrl-C is how a demo ends, not a failure.
        match outcome {
            Err(error) if error.is::<Interrupted>() => Ok(ExitCode::SUCCESS),
            outcome => outcome,
        }
    }

    fn play(&self, interrupts: &Interrupts) -> Result<ExitCode> {
        self.require_free_port()?;
        tools::require_c_compiler()?;
        let node = self.node();
        let portal = portal::build(Libpq::find(), interrupts)?;
        let app = node.map(|node| app::built(node, interrupts)).transpose()?;
        let data = Data::prepare(self.reset)?;

        println!("Filling the database in {} ...", data.folder.display());
        let people = process::answer(self.portal(&portal, &data).arg("demo-data"), interrupts)?;

        println!("Starting the portal ...");
        let mut serve = self.portal(&portal, &data);
        if let Some(app) = &app {
            serve.env("PORTAL_FRONTEND_DIR", app);
        }
        let mut child = serve.arg("serve").spawn().context("cannot start the portal")?;
        let answers = self.wait_for_answer(&mut child, interrupts);
        match answers {
            Ok(()) => self.introduce(&data, &people, app.is_some()),
            Err(_) => process::terminate(&mut child),
        }
        let status = process::wait(&mut child, interrupts)?;
        answers?;
        interrupts.check()?;
        bail!("the portal ended by itself ({status})");
    }

    /// What the app is built with. A demo without the app is better than none.
    fn node(&self) -> Option<Node> {
        if self.no_app {
            return None;
        }
        Node::find().inspect_err(|error| println!("This demo will be without the browser app: {error}")).ok()
    }

    /// Asked before minutes are spent on building.
    fn require_free_port(&self) -> Result<()> {
        let Self { port, .. } = self;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, *port)) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
                "port {port} is taken by another program; choose another: cargo xtask demo --port {}",
                port.checked_add(1).unwrap_or(8080)
            ),
            Err(error) => Err(error).with_context(|| format!("cannot listen on port {port}")),
        }
    }

    /// The portal with the demo's settings only: those of another portal in this shell, above all its mail
    /// server, have no business here.
    fn portal(&self, program: &Path, data: &Data) -> Command {
        let mut portal = Command::new(program);
        for (name, _) in env::vars_os() {
            let foreign = name
                .to_str()
                .is_some_and(|name| name.starts_with("PORTAL_") && !name.starts_with("PORTAL_LOG"));
            if foreign {
                portal.env_remove(name);
            }
        }
        let Self { port, .. } = self;
        portal
            .current_dir(&data.folder)
            .env("DATABASE_URL", format!("sqlite://{}", data.folder.join("portal.db").display()))
            .env("PORTAL_KEYS_DIR", data.folder.join("keys"))
            .env("PORTAL_MAIL_DIR", data.mail())
            .env("PORTAL_LISTEN", format!("{}:{port}", Ipv4Addr::LOCALHOST))
            .env("PORTAL_PUBLIC_URL", self.url());
        portal
    }

    fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    fn wait_for_answer(&self, child: &mut Child, interrupts: &Interrupts) -> Result<()> {
        let start = Instant::now();
        loop {
            interrupts.check()?;
            // First of all: an answer does not count if it comes from another program.
            if let Some(status) = child.try_wait().context("cannot watch the portal")? {
                bail!("the portal did not start ({status})");
            }
            if is_healthy(self.port) {
                return Ok(());
            }
            if start.elapsed() > PATIENCE {
                bail!("the portal does not answer after {} s", PATIENCE.as_secs());
            }
            thread::sleep(TICK);
        }
    }

    fn introduce(&self, data: &Data, people: &str, has_app: bool) {
        let url = self.url();
        println!("\n{}\n", people.trim_end());
        println!("The portal is running. With one of these people's e-mail and password:");
        if has_app {
            println!("  Browser app:          {url}");
        }
        println!("  API, to try out:      {url}/swagger-ui/");
        println!("  Mails it has sent:    {url}/dev/mail  (files in {})", data.mail().display());
        println!("Ctrl-C stops it; `cargo xtask demo --reset` starts over.");
    }
}

/// Where the demo keeps everything; `cargo clean` takes it along.
struct Data {
    folder: PathBuf,
}

impl Data {
    fn prepare(reset: bool) -> Result<Self> {
        let build = build_folder()?;
        let folder = build.parent().context("no folder for the demo's data")?.join("demo");
        if reset {
            println!("Deleting {} ...", folder.display());
            tools::remove_folder(&folder)?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { folder })
    }

    fn mail(&self) -> PathBuf {
        self.folder.join("mail")
    }
}

fn is_healthy(port: u16) -> bool {
    status_line(port).is_ok_and(|line| line.starts_with("HTTP/1.1 200"))
}

/// The first bytes of the answer to `GET /healthz`; an HTTP client would be a lot to build for that.
fn status_line(port: u16) -> io::Result<String> {
    let timeout = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    Ok(String::from_utf8_lossy(&start).into_owned())
}
