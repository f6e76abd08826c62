//! Mail, spoken to real SMTP servers on loopback: one that takes everything, one with TLS and a password, and some that are
//! down, slow or refuse.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::prelude::*;
use mailin_embedded::{AuthMechanism, Handler, Response, Server, SslConfig, response};
use portal_api_types::Registration;
use portal_server::schema::outbox;

use crate::app::{TestApp, address, named};

/// What an SMTP server has seen, and how it behaves.
#[derive(Clone, Default)]
pub struct Mailbox {
    received: Arc<Mutex<Vec<(String, String)>>>,
    logins: Arc<Mutex<Vec<(String, String)>>>,
    refusals: Arc<Mutex<Vec<Response>>>,
    delay: Duration,
    to: String,
    data: Vec<u8>,
}

impl Handler for Mailbox {
    fn rcpt(&mut self, to: &str) -> Response {
        to.clone_into(&mut self.to);
        self.refusals.lock().unwrap().pop().unwrap_or(response::OK)
    }

    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.data.clear();
        response::OK
    }

    fn data(&mut self, buffer: &[u8]) -> std::io::Result<()> {
        self.data.extend_from_slice(buffer);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        std::thread::sleep(self.delay);
        let text = String::from_utf8_lossy(&self.data).into_owned();
        self.received.lock().unwrap().push((self.to.clone(), text));
        response::OK
    }

    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        self.logins.lock().unwrap().push((user.to_owned(), password.to_owned()));
        if password == "s3cret/word" { response::AUTH_OK } else { response::INVALID_CREDENTIALS }
    }

    fn helo(&mut self, _: IpAddr, _: &str) -> Response {
        response::OK
    }
}

impl Mailbox {
    /// A server that takes every mail until the test's process ends, and its URL.
    pub fn open() -> (Self, String) {
        let (mailbox, listener) = (Self::default(), listen(ANY));
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        serve(&mailbox, listener, None);
        (mailbox, url)
    }

    /// How many mails each address has got.
    pub fn recipients(&self) -> HashMap<String, usize> {
        let mut recipients = HashMap::new();
        for (to, _) in self.received.lock().unwrap().iter() {
            *recipients.entry(to.trim_matches(['<', '>']).to_owned()).or_default() += 1;
        }
        recipients
    }

    fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    async fn wait_for(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.count() < count {
            assert!(Instant::now() < deadline, "{} of {count} mails", self.count());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn listen(address: SocketAddr) -> TcpListener {
    TcpListener::bind(address).expect("a free port")
}

/// Serves mail until the test's process ends.
fn serve(mailbox: &Mailbox, listener: TcpListener, tls: Option<SslConfig>) {
    let mut server = Server::new(mailbox.clone());
    server.with_name("mail.test").with_tcp_listener(listener);
    if let Some(tls) = tls {
        server.with_ssl(tls).expect("a certificate").with_auth(AuthMechanism::Plain);
    }
    std::thread::spawn(move || server.serve().map_err(|error| error.to_string()));
}

/// The certificate's file in the folder that [`serve_tls`] answers.
const CERTIFICATE: &str = "cert.pem";

/// Serves mail with STARTTLS by a certificate that nobody has signed; answers the mailbox, the port and the certificate's
/// folder, which lasts as long as the test keeps it.
fn serve_tls() -> (Mailbox, u16, tempfile::TempDir) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join(CERTIFICATE), folder.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (mailbox, listener) = (Mailbox::default(), listen(ANY));
    let port = listener.local_addr().unwrap().port();
    let tls = SslConfig::SelfSigned {
        cert_path: cert.to_string_lossy().into_owned(),
        key_path: key.to_string_lossy().into_owned(),
    };
    serve(&mailbox, listener, Some(tls));
    (mailbox, port, folder)
}

const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

async fn register(app: &TestApp, email: &str) {
    let registration = Registration {
        name: named("Olivia"),
        email: address(email),
        account_name: named("Bakery"),
        locale: None,
    };
    app.portal().register(&registration).await.unwrap();
}

/// How the outbox stands: state, attempts, error and seed of each mail.
async fn outbox_rows(app: &TestApp) -> Vec<(String, i32, Option<String>, Option<String>)> {
    let rows = app.app.services.db.read(|conn| {
        Ok(outbox::table
            .order(outbox::created_at)
            .select((outbox::state, outbox::attempts, outbox::last_error, outbox::token_seed))
            .load(conn)?)
    });
    rows.await.unwrap()
}

async fn wait_for_state(app: &TestApp, state: &str) -> (String, i32, Option<String>, Option<String>) {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let rows = outbox_rows(app).await;
        if let Some(row) = rows.iter().find(|row| row.0 == state) {
            return row.clone();
        }
        assert!(Instant::now() < deadline, "{rows:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_mail_goes_out_in_text_and_html_and_its_secret_is_forgotten() {
    let (mailbox, listener) = (Mailbox::default(), listen(ANY));
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    serve(&mailbox, listener, None);
    let app = TestApp::start_with(|config| {
        config.smtp_url = Some(url);
        config.mail_from = "Portal <portal@vendor.example>".to_owned();
    });
    register(&app, "olivia@bakery.example").await;
    mailbox.wait_for(1).await;
    let (to, text) = mailbox.received.lock().unwrap()[0].clone();
    assert_eq!(to.trim_matches(['<', '>']), "olivia@bakery.example");
    for part in [
        "multipart/alternative",
        "text/plain",
        "text/html",
        "Auto-Submitted: auto-generated",
        "portal@vendor.example",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(text.contains("Message-ID: <mail_"), "{text}");
    let row = wait_for_state(&app, "sent").await;
    assert_eq!((row.1, row.3), (1, None), "sent once, and the seed is gone");
}

#[tokio::test]
async fn starttls_and_a_password_from_the_url_are_used() {
    let (mailbox, port, folder) = serve_tls();
    let cert = folder.path().join(CERTIFICATE);
    let app = TestApp::start_with(|config| {
        config.smtp_url = Some(format!("smtp://portal%40vendor:s3cret%2Fword@localhost:{port}?tls=required"));
        config.smtp_ca_file = Some(cert);
    });
    register(&app, "olivia@bakery.example").await;
    mailbox.wait_for(1).await;
    let logins = mailbox.logins.lock().unwrap().clone();
    assert_eq!(logins, [("portal@vendor".to_owned(), "s3cret/word".to_owned())]);
}

#[tokio::test]
async fn a_server_that_is_not_trusted_gets_nothing() {
    let (mailbox, port, _folder) = serve_tls();
    let app =
        TestApp::start_with(|config| config.smtp_url = Some(format!("smtp://localhost:{port}?tls=required")));
    register(&app, "olivia@bakery.example").await;
    let deadline = Instant::now() + Duration::from_secs(20);
    while outbox_rows(&app).await[0].1 == 0 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(mailbox.count(), 0);
}

#[tokio::test]
async fn a_server_that_is_down_loses_no_mail() {
    // A port that nobody listens on, until later.
    let address = listen(ANY).local_addr().unwrap();
    let app = TestApp::start_with(|config| config.smtp_url = Some(format!("smtp://{address}")));
    register(&app, "olivia@bakery.example").await;
    let deadline = Instant::now() + Duration::from_secs(20);
    while outbox_rows(&app).await[0].1 < 2 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let row = outbox_rows(&app).await.remove(0);
    assert_eq!(row.0, "pending");
    assert!(row.2.is_some() && row.3.is_some(), "the reason is noted, the link is kept");
    let mailbox = Mailbox::default();
    serve(&mailbox, listen(address), None);
    app.clock.advance(Duration::from_secs(60));
    mailbox.wait_for(1).await;
    assert!(mailbox.received.lock().unwrap()[0].1.contains("token"));
}

#[tokio::test]
async fn a_refusal_for_now_is_tried_again_and_one_for_good_is_given_up() {
    let (mailbox, listener) = (Mailbox::default(), listen(ANY));
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    mailbox
        .refusals
        .lock()
        .unwrap()
        .extend([response::NO_MAILBOX, response::Response::custom(451, "later".into())]);
    serve(&mailbox, listener, None);
    let app = TestApp::start_with(|config| {
        config.smtp_url = Some(url);
        config.rate_limit_factor = 10;
    });
    register(&app, "olivia@bakery.example").await;
    let row = wait_for_state(&app, "failed").await;
    assert_eq!((row.1, mailbox.count()), (2, 0), "first deferred, then given up");
    assert!(row.2.unwrap().contains("550"), "the reason is noted");
    register(&app, "olivia@bakery.example").await;
    mailbox.wait_for(1).await;
}

#[tokio::test]
async fn a_slow_server_holds_no_request_up_and_a_cancelled_invitation_is_not_sent() {
    let (mailbox, listener) = (Mailbox { delay: Duration::from_secs(2), ..Mailbox::default() }, listen(ANY));
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    serve(&mailbox, listener, None);
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    // From here on only the slow server's portal sends.
    let slow = app.start_sharing(|config| config.smtp_url = Some(url));
    app.pause_mail();
    let there = slow.portal().in_account(owner.inside.token());
    let started = Instant::now();
    let invite = |email: &str| portal_api_types::InviteFirm { name: named("Pear"), email: address(email) };
    there.invite_firm(&invite("first@pear.example")).await.unwrap();
    let second = there.invite_firm(&invite("second@pear.example")).await.unwrap();
    there.cancel_invitation(&second.invitation_id.unwrap()).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "nobody waits for the mail server");
    mailbox.wait_for(1).await;
    wait_for_state(&slow, "cancelled").await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let received = mailbox.received.lock().unwrap();
    assert!(received.iter().all(|(to, _)| !to.contains("second@")), "a cancelled invitation is never sent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_senders_send_each_mail_once() {
    let (mailbox, listener) = (Mailbox::default(), listen(ANY));
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    serve(&mailbox, listener, None);
    let first = TestApp::start_with(|config| {
        config.smtp_url = Some(url.clone());
        config.rate_limit_factor = 1_000;
    });
    let second = first.start_sharing(|config| config.smtp_url = Some(url));
    let registrations = (0..40).map(|index| {
        let portal = if index % 2 == 0 { first.portal() } else { second.portal() };
        let email = format!("person{index}@x.example");
        async move {
            let wish = Registration {
                name: named("P"),
                email: address(&email),
                account_name: named("A"),
                locale: None,
            };
            portal.register(&wish).await
        }
    });
    for registered in futures_util::future::join_all(registrations).await {
        registered.unwrap();
    }
    mailbox.wait_for(40).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let received = mailbox.received.lock().unwrap();
    let recipients: std::collections::HashSet<&String> = received.iter().map(|(to, _)| to).collect();
    assert_eq!((received.len(), recipients.len()), (40, 40));
}

#[tokio::test]
async fn a_sender_that_dies_while_sending_loses_no_mail() {
    // The first server takes the connection and never greets: the sender dies waiting.
    let silent = listen(ANY);
    let url = format!("smtp://{}", silent.local_addr().unwrap());
    let dying = TestApp::start_with(|config| config.smtp_url = Some(url));
    register(&dying, "olivia@bakery.example").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    dying.pause_mail();
    let (mailbox, listener) = (Mailbox::default(), listen(ANY));
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    serve(&mailbox, listener, None);
    let heir = dying.start_sharing(|config| config.smtp_url = Some(url));
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(mailbox.count(), 0, "while the claim lasts, the mail is the other sender's");
    heir.clock.advance(Duration::from_secs(121));
    mailbox.wait_for(1).await;
    assert_eq!(wait_for_state(&heir, "sent").await.3, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_program_itself_sends_by_a_mail_server_and_its_commands_run_beside_it() {
    let app = TestApp::start();
    app.pause_mail();
    let (mailbox, listener) = (Mailbox::default(), listen(ANY));
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    serve(&mailbox, listener, None);
    let listed = crate::commands::run(&app, &["operator-key", "list", "--smtp-url", &url]);
    assert!(crate::commands::answer(&listed).contains("no operator keys"));
    let log = app.directory().join("mailing.log");
    let _process = crate::processes::Process::serve_with(&app, &[("PORTAL_SMTP_URL", &url)], &log);
    register(&app, "olivia@bakery.example").await;
    mailbox.wait_for(1).await;
}
