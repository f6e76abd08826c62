//! A portal for one test: its own database, keys, mails and port.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use clap::Parser;
use diesel::prelude::*;
use mail_parser::MessageParser;
use portal_api_types::{AcceptInvitation, Email, NewPassword, Password, Secret};
use portal_client::Portal;
use portal_server::app::App;
use portal_server::clock::Clock;
use portal_server::config::Config;

pub use crate::people::{FirmAdmin, Hired, Owner};

/// The password of everybody in these tests.
pub const PASSWORD: &str = "violet-harbour-41-lamp";
/// How people see the operator.
pub const OPERATOR: &str = "Till & Shelf";
/// The URL that the links of mails start with: not the one that the server listens on.
pub const PUBLIC_URL: &str = "https://portal.test";

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    config: Config,
}

/// A running portal.
pub struct TestApp {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its time, which can be moved.
    pub clock: Clock,
    /// Its parts.
    pub app: App,
    database: Database,
    directory: tempfile::TempDir,
    server: ServerHandle,
    mail: tokio::task::AbortHandle,
    webhooks: tokio::task::AbortHandle,
}

/// A mail, as its reader sees it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Whom it went to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
}

impl Mail {
    /// Whether it carries a one-time link.
    pub fn has_link(&self) -> bool {
        self.text.contains("#token=")
    }

    /// The one-time token of its link.
    pub fn token(&self) -> Secret {
        let (_, rest) = self.text.split_once("#token=").expect("a link");
        Secret::new(rest.split_whitespace().next().expect("a token"))
    }
}

/// A database for one test.
pub struct Database {
    /// Where it is.
    pub url: String,
    admin_url: Option<String>,
}

#[expect(clippy::disallowed_methods, reason = "how the test runner says which database to use")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Whether this run's tests are on PostgreSQL.
pub fn on_postgres() -> bool {
    environment("PORTAL_TEST_DATABASE").as_deref() == Some("postgres")
}

/// Says in a test's output what could not be tried here, and why.
#[expect(clippy::print_stderr, reason = "who runs the tests is to know what they did not do")]
pub fn leave_out(what: &str) {
    eprintln!("left out: {what}");
}

/// Says in a test's output what was measured.
#[expect(clippy::print_stderr, reason = "who runs the tests may want to know how close it was")]
pub fn measured(what: &str) {
    eprintln!("measured: {what}");
}

/// The first number; the second where somebody has time: `cargo xtask test --long`.
pub fn short_or_long<T>(short: T, long: T) -> T {
    if environment("PORTAL_TEST_LONG").is_some() { long } else { short }
}

impl Database {
    /// An empty one; on SQLite in this folder.
    pub fn create(directory: &std::path::Path) -> Self {
        if !on_postgres() {
            return Self {
                url: format!("sqlite://{}", directory.join("portal.db").display()),
                admin_url: None,
            };
        }
        let admin_url =
            environment("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL server");
        let random = uuid::Uuid::from_bytes(portal_server::clock::random_bytes()).simple().to_string();
        let name = format!("portal_test_{random}");
        let mut admin = PgConnection::establish(&admin_url).expect("the PostgreSQL server answers");
        diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut admin).expect("a database");
        let mut url = url::Url::parse(&admin_url).expect("a URL");
        url.set_path(&name);
        Self { url: url.to_string(), admin_url: Some(admin_url) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(admin_url) = &self.admin_url
            && let Ok(mut admin) = PgConnection::establish(admin_url)
        {
            let name = self.url.rsplit('/').next().unwrap_or_default();
            let _ = diesel::sql_query(format!("DROP DATABASE {name} WITH (FORCE)")).execute(&mut admin);
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

impl TestApp {
    /// Starts a portal with limits that tests do not reach.
    pub fn start() -> Self {
        Self::start_with(|config| config.rate_limit_factor = 1_000)
    }

    /// Starts a portal with another configuration.
    pub fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let database = Database::create(directory.path());
        Self::start_on(directory, database, change)
    }

    /// Starts a portal on the schema as the migrations leave it, whatever the whole run is about.
    pub fn start_unexpanded() -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let database = Database::create(directory.path());
        Self::start_as(directory, database, false, |_| ())
    }

    /// Starts a portal on a database that is there, with the keys of this folder.
    pub fn start_restored(url: &str, keys: &std::path::Path) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let database = Database { url: url.to_owned(), admin_url: None };
        Self::start_on(directory, database, |config| {
            config.keys_dir = keys.to_owned();
            config.rate_limit_factor = 1_000;
        })
    }

    /// Starts a portal on this database, new or not, with keys of its own.
    pub fn start_at(url: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let database = Database { url: url.to_owned(), admin_url: None };
        Self::start_on(directory, database, |config| config.rate_limit_factor = 1_000)
    }

    /// Starts one more portal on the database, the keys and the mails of this one: whichever of them sends a mail, it is
    /// found.
    pub fn start_sharing(&self, change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder");
        let database = Database { url: self.database.url.clone(), admin_url: None };
        Self::start_on(directory, database, |config| {
            config.keys_dir.clone_from(&self.app.config.keys_dir);
            config.mail_dir.clone_from(&self.app.config.mail_dir);
            config.rate_limit_factor = self.app.config.rate_limit_factor;
            change(config);
        })
    }

    fn start_on(directory: tempfile::TempDir, database: Database, change: impl FnOnce(&mut Config)) -> Self {
        Self::start_as(directory, database, environment("PORTAL_TEST_EXPANDED").is_some(), change)
    }

    fn start_as(
        directory: tempfile::TempDir,
        database: Database,
        expanded: bool,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let mut config = Flags::parse_from(["test"]).config;
        config.database_url.clone_from(&database.url);
        config.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.public_url = PUBLIC_URL.to_owned();
        config.smtp_url = None;
        config.mail_dir = directory.path().join("mail");
        config.keys_dir = directory.path().join("keys");
        change(&mut config);
        let clock = Clock::default();
        let app = App::open(config, clock.clone()).expect("the configuration is good");
        if expanded {
            app.services.db.migrate().expect("the migrations run");
            crate::upgrades::expand(&app.config.database_url);
        }
        let (sender, receiver) = std::sync::mpsc::channel();
        let inside = app.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                inside.prepare().await.expect("a database that is used with these keys");
                let (server, addresses) = portal_server::app::bind(&inside).expect("a free port");
                let mail = actix_web::rt::spawn(inside.outbox.clone().run());
                let webhooks = actix_web::rt::spawn(inside.webhooks.clone().run());
                sender
                    .send((addresses[0], server.handle(), mail.abort_handle(), webhooks.abort_handle()))
                    .expect("the test waits");
                server.await.expect("the server runs");
            });
        });
        let (address, server, mail, webhooks) = receiver.recv().expect("the server starts");
        Self { address, clock, app, database, directory, server, mail, webhooks }
    }

    /// This portal sends no more mail.
    pub fn pause_mail(&self) {
        self.mail.abort();
    }

    /// This portal sends no more events to webhooks.
    pub fn pause_webhooks(&self) {
        self.webhooks.abort();
    }

    /// The database's URL, for a second process.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    /// A folder that goes with the test.
    pub fn directory(&self) -> PathBuf {
        self.directory.path().to_owned()
    }

    /// A client without a session; each has cookies of its own.
    pub fn portal(&self) -> Portal {
        Portal::new(format!("http://{}", self.address)).expect("a URL")
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All mails to this address so far, the oldest first.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        let directory = &self.app.config.mail_dir;
        let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
            .expect("a mail folder")
            .map(|entry| entry.expect("an entry").path())
            .collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        files.sort();
        let read = |path: &PathBuf| {
            let bytes = std::fs::read(path).expect("a mail");
            let mail = MessageParser::default().parse(&bytes).expect("a well-formed mail");
            Mail {
                to: mail
                    .to()
                    .and_then(|to| to.first())
                    .and_then(|to| to.address())
                    .unwrap_or_default()
                    .to_owned(),
                subject: mail.subject().unwrap_or_default().to_owned(),
                text: mail.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
                html: mail.body_html(0).unwrap_or_default().into_owned(),
            }
        };
        files.iter().map(read).filter(|mail| mail.to == address).collect()
    }

    /// Waits until there are `count` mails to this address, and answers the last of them.
    pub async fn mail(&self, address: &str, count: usize) -> Mail {
        self.wait_for_mail(address, count, |_| true).await
    }

    /// Waits until there are `count` mails with a one-time link to this address, and answers the last one's token.
    pub async fn token_mailed_to(&self, address: &str, count: usize) -> Secret {
        self.wait_for_mail(address, count, Mail::has_link).await.token()
    }

    async fn wait_for_mail(&self, address: &str, count: usize, counts: impl Fn(&Mail) -> bool) -> Mail {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let mut mails = self.mails_to(address);
            mails.retain(&counts);
            if mails.len() >= count {
                return mails[count - 1].clone();
            }
            assert!(Instant::now() < deadline, "{} of {count} mails to {address}", mails.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A name.
pub fn named(name: &str) -> portal_api_types::Name {
    name.parse().expect("a name")
}

/// An address.
pub fn address(email: &str) -> Email {
    email.parse().expect("an address")
}

/// The password of everybody, as a new one.
pub fn password() -> NewPassword {
    PASSWORD.parse().expect("a password")
}

/// Accepts with the password of everybody.
pub fn acceptance(token: Secret) -> AcceptInvitation {
    AcceptInvitation { token, password: Password::new(PASSWORD), name: None, firm_name: None, locale: None }
}

/// Compares what was generated with what is committed between the markers of this name; with `UPDATE_GENERATED=1`, commits it.
pub fn check_generated(file: &str, name: &str, generated: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(file);
    let committed = std::fs::read_to_string(&path).expect("a committed file");
    let (begin, end) = (format!("<!-- generated:{name} -->\n"), format!("<!-- /generated:{name} -->"));
    let (before, rest) = committed.split_once(&begin).expect("the first marker");
    let (between, after) = rest.split_once(&end).expect("the second marker");
    if environment("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, format!("{before}{begin}{generated}{end}{after}")).expect("written");
    } else {
        assert_eq!(between, generated, "{file} is not current: run `cargo xtask generate`");
    }
}

/// The status of a refusal.
pub fn status<T>(result: Result<T, portal_client::Error>) -> u16 {
    result.err().and_then(|error| error.status()).expect("a refusal")
}

/// The code of a refusal.
pub fn code<T>(result: Result<T, portal_client::Error>) -> portal_api_types::ErrorCode {
    result.err().and_then(|error| error.code()).expect("a problem")
}
