//! A portal for one test: its own database, keys, mails and port.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use clap::Parser;
use diesel::prelude::*;
use mail_parser::MessageParser;
use portal_api_types::{
    AcceptInvitation, AccountId, ConfirmRegistration, Email, Employee, EmployeeId, EmployeeRole,
    InviteEmployee, InviteFirm, NewPassword, Password, Registration, Secret, SignIn,
};
use portal_client::{InAccount, InFirm, ListQuery, Operator, Portal, SignedIn};
use portal_server::app::App;
use portal_server::clock::Clock;
use portal_server::config::Config;
use portal_server::domain::operator::keys;

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

struct Database {
    url: String,
    admin_url: Option<String>,
}

#[expect(clippy::disallowed_methods, reason = "how the test runner says which database to use")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Database {
    fn create(directory: &std::path::Path) -> Self {
        match environment("PORTAL_TEST_DATABASE").as_deref() {
            Some("postgres") => {
                let admin_url =
                    environment("TEST_DATABASE_URL").expect("TEST_DATABASE_URL names a PostgreSQL server");
                let random =
                    uuid::Uuid::from_bytes(portal_server::clock::random_bytes()).simple().to_string();
                let name = format!("portal_test_{random}");
                let mut admin = PgConnection::establish(&admin_url).expect("the PostgreSQL server answers");
                diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut admin).expect("a database");
                let mut url = url::Url::parse(&admin_url).expect("a URL");
                url.set_path(&name);
                Self { url: url.to_string(), admin_url: Some(admin_url) }
            }
            _ => Self { url: format!("sqlite://{}", directory.join("portal.db").display()), admin_url: None },
        }
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

    /// How many one-time links were mailed to this address so far.
    fn links_mailed_to(&self, address: &str) -> usize {
        self.mails_to(address).iter().filter(|mail| mail.has_link()).count()
    }

    /// Somebody signs in.
    pub async fn sign_in(&self, email: &str) -> SignedIn {
        self.portal()
            .sign_in(&SignIn { email: address(email), password: Password::new(PASSWORD) })
            .await
            .expect("signed in")
    }

    /// A store owner, signed up and inside the first account.
    pub async fn owner(&self, name: &str, email: &str, account: &str) -> Owner {
        let portal = self.portal();
        let before = self.links_mailed_to(email);
        let registration = Registration {
            name: named(name),
            email: address(email),
            account_name: named(account),
            locale: None,
        };
        portal.register(&registration).await.expect("registered");
        let token = self.token_mailed_to(email, before + 1).await;
        let confirmation = ConfirmRegistration { token, password: password() };
        let me = portal.confirm_registration(&confirmation).await.expect("confirmed");
        let accounts = me.list_my_accounts(&ListQuery::default()).await.expect("accounts");
        let account_id = accounts.items[0].id.clone();
        let inside = me.enter(&account_id).await.expect("inside");
        Owner { me, inside, account_id }
    }

    /// Accepts the newest invitation mailed to this address.
    pub async fn join(&self, email: &str, count: usize) -> SignedIn {
        let token = self.token_mailed_to(email, count).await;
        self.portal().accept_invitation(&acceptance(token)).await.expect("accepted")
    }

    /// The operator, by a new key.
    pub async fn operator(&self) -> Operator {
        self.portal().operator(self.operator_key().await)
    }

    /// A new key of the operator.
    pub async fn operator_key(&self) -> String {
        let ctx = self.app.ctx(None, None, portal_api_types::Locale::default());
        let create = move |conn: &mut portal_server::db::Conn| keys::create(conn, &ctx, &named(OPERATOR));
        let (_, secret) = self.app.services.db.write(create).await.expect("a key");
        secret.reveal().to_owned()
    }

    /// A firm that this owner invited and whose first admin has joined.
    pub async fn firm(&self, owner: &Owner, name: &str, email: &str) -> FirmAdmin {
        owner.invite(name, email).await;
        let me = self.join(email, 1).await;
        let firm_id = me.read_me().await.expect("me").firms[0].firm_id.clone();
        let employee_id = me.read_me().await.expect("me").firms[0].employee_id.clone();
        let firm = me.firm(&firm_id);
        FirmAdmin { me, firm, firm_id, employee_id }
    }
}

/// A store owner in a test.
pub struct Owner {
    /// Signed in.
    pub me: SignedIn,
    /// Inside the account.
    pub inside: InAccount,
    /// The account.
    pub account_id: AccountId,
}

impl Owner {
    /// Invites an accounting company.
    pub async fn invite(&self, name: &str, email: &str) -> portal_api_types::AccountFirm {
        let invitation = InviteFirm { name: named(name), email: address(email) };
        self.inside.invite_firm(&invitation).await.expect("invited")
    }
}

/// An admin of a firm in a test.
pub struct FirmAdmin {
    /// Signed in.
    pub me: SignedIn,
    /// In the firm.
    pub firm: InFirm,
    /// The firm.
    pub firm_id: portal_api_types::FirmId,
    /// The admin's place.
    pub employee_id: EmployeeId,
}

impl FirmAdmin {
    /// Invites an employee.
    pub async fn invite(
        &self,
        name: &str,
        email: &str,
        role: EmployeeRole,
        account_ids: &[AccountId],
    ) -> Employee {
        let invitation = InviteEmployee {
            name: named(name),
            email: address(email),
            role,
            account_ids: account_ids.to_vec(),
        };
        self.firm.invite_employee(&invitation).await.expect("invited")
    }

    /// Invites an employee, who joins.
    pub async fn hire(
        &self,
        app: &TestApp,
        name: &str,
        email: &str,
        role: EmployeeRole,
        accounts: &[AccountId],
    ) -> Hired {
        let before = app.links_mailed_to(email);
        let employee = self.invite(name, email, role, accounts).await;
        let me = app.join(email, before + 1).await;
        Hired { me, id: employee.id }
    }
}

/// An employee who has joined.
pub struct Hired {
    /// Signed in.
    pub me: SignedIn,
    /// The place in the firm.
    pub id: EmployeeId,
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
