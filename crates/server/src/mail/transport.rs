//! How mails leave: by SMTP, or into files where there is no mail server.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::header::HeaderName;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use portal_api_types::MailId;

use super::Rendered;
use crate::clock::Time;
use crate::config::Config;

/// How long it may take to reach a mail server.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long it may take to reach it in all, and how long a mail may then take: together less than the sender's claim on it lasts.
const PATIENCE: Duration = Duration::from_secs(45);

/// What is wrong with the mail settings.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The sender.
    #[error("PORTAL_MAIL_FROM is not an address: {0}")]
    From(AddressError),
    /// The mail server. The reason may not show the URL, which has a password in it.
    #[error(
        "PORTAL_SMTP_URL is not of the form smtp://USER:PASSWORD@HOST:PORT or smtps://..., with ?tls=required, opportunistic or none"
    )]
    Url,
    /// The root certificate.
    #[error("PORTAL_SMTP_CA_FILE: {0}")]
    Certificate(String),
    /// The folder for mails.
    #[error("PORTAL_MAIL_DIR {path}: {error}", path = .path.display())]
    Directory {
        /// Where.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It never will be: the address or the mail is refused for good.
    #[error("{0}")]
    Permanent(String),
    /// It may be later.
    #[error("{0}")]
    Transient(String),
}

enum Way {
    Smtp(Box<Server>),
    Files(PathBuf),
}

/// A mail server. Its pool of connections needs a runtime around it, which is not there yet when the portal is put together,
/// and never for a command that sends nothing: the pool is made by the first mail.
struct Server {
    settings: AsyncSmtpTransportBuilder,
    pool: Mutex<Option<AsyncSmtpTransport<Tokio1Executor>>>,
    patience: Duration,
}

impl Server {
    fn new(settings: AsyncSmtpTransportBuilder, patience: Duration) -> Self {
        Self { settings, pool: Mutex::default(), patience }
    }

    fn pool(&self) -> AsyncSmtpTransport<Tokio1Executor> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.get_or_insert_with(|| self.settings.clone().build()).clone()
    }

    /// What a conversation comes to. Whoever takes the connection and then says nothing must not be waited for for ever, and what
    /// was begun with them is not gone on with.
    async fn in_time<T>(
        &self,
        conversation: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
    ) -> Result<T, SendError> {
        match tokio::time::timeout(self.patience, conversation).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) if error.is_permanent() => Err(SendError::Permanent(error.to_string())),
            Ok(Err(error)) => Err(SendError::Transient(error.to_string())),
            Err(_) => {
                *self.pool.lock().unwrap_or_else(PoisonError::into_inner) = None;
                let seconds = self.patience.as_secs();
                Err(SendError::Transient(format!("the mail server has said nothing for {seconds} seconds")))
            }
        }
    }
}

/// The way that mails leave by.
pub struct Transport {
    way: Way,
    from: Mailbox,
}

impl Transport {
    /// The way that the configuration names.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn open(config: &Config) -> Result<Self, TransportError> {
        let from: Mailbox = config.mail_from.parse().map_err(TransportError::From)?;
        let way = match &config.smtp_url {
            Some(url) => Way::Smtp(Box::new(Server::new(smtp(url, config)?, PATIENCE))),
            None => {
                let path = config.mail_dir.clone();
                fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(&path)
                    .map_err(|error| TransportError::Directory { path: path.clone(), error })?;
                Way::Files(path)
            }
        };
        Ok(Self { way, from })
    }

    /// Makes sure that the mail server is there and listens: the next mail is then said to it at once.
    ///
    /// # Errors
    /// Why it is not worth saying anything to it now.
    pub async fn reach(&self) -> Result<(), SendError> {
        match &self.way {
            Way::Smtp(server) => match server.in_time(server.pool().test_connection()).await {
                // It refuses us, or our password, and no mail.
                Err(SendError::Permanent(why)) => Err(SendError::Transient(why)),
                reached => reached.map(drop),
            },
            Way::Files(_) => Ok(()),
        }
    }

    /// Sends a mail. Its Message-ID is made of `id`: a mail that is sent twice can be recognised by it.
    ///
    /// # Errors
    /// Whether it is worth trying again.
    pub async fn send(&self, id: &MailId, at: Time, to: &str, mail: &Rendered) -> Result<(), SendError> {
        let permanent = |error: &dyn std::fmt::Display| SendError::Permanent(error.to_string());
        let to: Mailbox = to.parse().map_err(|error: AddressError| permanent(&error))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .date(at.and_utc().into())
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(lettre::message::header::HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .raw_header(lettre::message::header::HeaderValue::new(
                HeaderName::new_from_ascii_str("Content-Language"),
                mail.locale.to_string(),
            ))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| permanent(&error))?;
        match &self.way {
            Way::Smtp(server) => server.in_time(server.pool().send(message)).await.map(drop),
            Way::Files(directory) => {
                let name = format!("{}-{id}", at.and_utc().format("%Y%m%dT%H%M%S%6f"));
                write_whole(directory, &name, &message.formatted())
                    .map_err(|error| SendError::Transient(error.to_string()))
            }
        }
    }
}

/// A reader finds the whole file or none; and only our own user may read, since links are secrets.
fn write_whole(directory: &std::path::Path, name: &str, content: &[u8]) -> io::Result<()> {
    let draft = directory.join(format!("{name}.tmp"));
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(draft, directory.join(format!("{name}.eml")))
}

fn smtp(url: &str, config: &Config) -> Result<AsyncSmtpTransportBuilder, TransportError> {
    let url = url::Url::parse(url).map_err(|_| TransportError::Url)?;
    let host = url.host_str().ok_or(TransportError::Url)?.to_owned();
    let mut parameters = TlsParameters::builder(host.clone());
    if let Some(path) = &config.smtp_ca_file {
        let wrong = |error: &dyn std::fmt::Display| {
            TransportError::Certificate(format!("{}: {error}", path.display()))
        };
        let pem = fs::read(path).map_err(|error| wrong(&error))?;
        parameters =
            parameters.add_root_certificate(Certificate::from_pem(&pem).map_err(|error| wrong(&error))?);
    }
    let parameters = parameters.build().map_err(|_| TransportError::Url)?;
    let wish = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
    let has_password = url.password().is_some();
    let loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let (tls, port) = match (url.scheme(), wish.as_deref()) {
        ("smtps", None | Some("required")) => (Tls::Wrapper(parameters), 465),
        ("smtp", Some("required")) => (Tls::Required(parameters), 587),
        // A password does not go over the network in the clear because somebody suppressed the offer of STARTTLS.
        ("smtp", None) if has_password && !loopback => (Tls::Required(parameters), 587),
        ("smtp", None | Some("opportunistic")) => (Tls::Opportunistic(parameters), 25),
        ("smtp", Some("none")) => (Tls::None, 25),
        _ => return Err(TransportError::Url),
    };
    let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(url.port().unwrap_or(port))
        .tls(tls)
        .hello_name(ClientId::default())
        .timeout(Some(TIMEOUT));
    if let Some(password) = url.password() {
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        server = server.credentials(lettre::transport::smtp::authentication::Credentials::new(
            decode(url.username()),
            decode(password),
        ));
    }
    Ok(server)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_mail_server_that_says_nothing_is_not_waited_for_for_ever() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let settings = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
            .port(listener.local_addr().unwrap().port());
        let server = Server::new(settings, Duration::from_millis(300));
        let transport =
            Transport { way: Way::Smtp(Box::new(server)), from: "a@portal.example".parse().unwrap() };
        // The system takes connections, and nobody speaks on them.
        for _ in 0..2 {
            let began = Instant::now();
            let reached = transport.reach().await;
            assert!(
                matches!(&reached, Err(SendError::Transient(why)) if why.contains("nothing")),
                "{reached:?}"
            );
            assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        }
    }
}
