//! Sends the mails of the outbox.
//!
//! Several processes may do this on one database: each mail is claimed for a while by one of them. Who dies while sending
//! loses the claim after that while, and another sends the mail (perhaps a second time, never not at all). What cannot be
//! sent is tried again with growing pauses, and given up after a day.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use portal_api_types::Secret;
use tokio::sync::Notify;
use tracing::Instrument;

use crate::auth::link::LinkKey;
use crate::clock::{Clock, Time, random_bytes};
use crate::db::Db;
use crate::domain::Outcome;
use crate::mail::transport::{SendError, Transport};
use crate::mail::{Links, Mail, Rendered, Templates};
use crate::store::outbox::{self, DueMail};
use crate::telemetry::TRACE;

/// How long a claim lasts: longer than any conversation with a mail server that still ends well.
const CLAIM: TimeDelta = TimeDelta::seconds(120);
/// How long a mail is tried.
const GIVE_UP_AFTER: TimeDelta = TimeDelta::hours(24);
/// Without a wake-up: mails of other processes, and those that are due again.
const PAUSE: Duration = Duration::from_millis(500);
/// Mails that are taken at once.
const BATCH: i64 = 20;

/// The sender of mails. Cheap to clone.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    links: LinkKey,
    transport: Transport,
    public_url: String,
    wake: Notify,
}

/// How many mails wait, and since when the oldest does.
pub async fn pending(db: &Db) -> Outcome<(i64, Option<Time>)> {
    db.read(outbox::pending).await
}

impl Outbox {
    /// A sender for this outbox.
    pub fn new(db: Db, clock: Clock, links: LinkKey, transport: Transport, public_url: &str) -> Self {
        Self(Arc::new(Inner {
            db,
            clock,
            links,
            transport,
            public_url: public_url.to_owned(),
            wake: Notify::new(),
        }))
    }

    /// There may be a new mail.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Sends until the task is dropped.
    pub async fn run(self) {
        let templates = Templates::default();
        loop {
            match self.0.send_due(&templates).await {
                Ok(sent) if sent > 0 => continue,
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the outbox could not be read"),
            }
            let _ = tokio::time::timeout(PAUSE, self.0.wake.notified()).await;
        }
    }
}

impl Inner {
    /// Sends what is due, and answers how many mails were taken.
    async fn send_due(&self, templates: &Templates) -> Outcome<usize> {
        let now = self.clock.now();
        let due = self.db.read(move |conn| outbox::due(conn, now, BATCH)).await?;
        let mut taken = 0;
        for mail in due {
            let (id, now) = (mail.id.clone(), self.clock.now());
            if self.db.write(move |conn| outbox::claim(conn, &id, now, now + CLAIM)).await? {
                taken += 1;
                let span = tracing::debug_span!(target: TRACE, "mail", otel.kind = "client", mail = %mail.id);
                self.send(templates, mail).instrument(span).await?;
            }
        }
        Ok(taken)
    }

    async fn send(&self, templates: &Templates, mail: DueMail) -> Outcome<()> {
        let sent = match (self.render(templates, &mail), self.transport.reach().await) {
            (Err(error), _) => Err(SendError::Permanent(error)),
            (_, Err(error)) => Err(error),
            (Ok(rendered), Ok(())) => {
                // The mail server may have let us wait, and the link may be dead by now.
                let id = mail.id.clone();
                if !self.db.read(move |conn| outbox::is_pending(conn, &id)).await? {
                    return Ok(());
                }
                self.transport.send(&mail.id, mail.created_at, &mail.recipient, &rendered).await
            }
        };
        let now = self.clock.now();
        let id = mail.id.clone();
        match sent {
            Ok(()) => {
                metrics::counter!("portal_mails_total", "outcome" => "sent").increment(1);
                self.db.write(move |conn| outbox::mark_sent(conn, &id, now)).await
            }
            Err(SendError::Transient(error)) if now - mail.created_at < GIVE_UP_AFTER => {
                metrics::counter!("portal_mails_total", "outcome" => "deferred").increment(1);
                tracing::warn!(mail = %mail.id, attempt = mail.attempts + 1, %error, "a mail could not be sent yet");
                let next = now + back_off(mail.attempts);
                self.db.write(move |conn| outbox::mark_deferred(conn, &id, &error, next)).await
            }
            Err(SendError::Transient(error) | SendError::Permanent(error)) => {
                metrics::counter!("portal_mails_total", "outcome" => "failed").increment(1);
                tracing::error!(mail = %mail.id, %error, "a mail was given up");
                self.db.write(move |conn| outbox::mark_failed(conn, &id, &error, now)).await
            }
        }
    }

    fn render(&self, templates: &Templates, due: &DueMail) -> Result<Rendered, String> {
        let mail: Mail = serde_json::from_str(&due.mail).map_err(|error| error.to_string())?;
        let token = due.token_seed.as_deref().map(|seed| self.links.token(seed));
        let action = link(&self.public_url, &mail, token.as_ref());
        templates
            .render(&mail, due.locale(), &Links { action: &action, portal: &self.public_url })
            .map_err(|error| error.to_string())
    }
}

/// Where a mail's button leads. Only from the configured URL: what a request says of its host, anybody may have made up.
fn link(public_url: &str, mail: &Mail, token: Option<&Secret>) -> String {
    let page = match (mail, token) {
        (Mail::PasswordReset { .. }, Some(_)) => "reset",
        (_, Some(_)) => "join",
        (Mail::AlreadyRegistered { .. }, None) => "login",
        (Mail::PasswordChanged { .. }, None) => "reset",
        (_, None) => return public_url.to_owned(),
    };
    match token {
        Some(token) => token_link(public_url, page, token),
        None => format!("{public_url}/{page}"),
    }
}

/// The link that opens a page with a one-time token, which stays in the browser: a fragment is not sent to a server.
pub fn token_link(public_url: &str, page: &str, token: &Secret) -> String {
    format!("{public_url}/{page}#token={}", token.reveal())
}

/// 1, 2, 4, ... seconds up to 15 minutes, and up to a quarter more, so that not all mails come back at once.
fn back_off(attempts: i32) -> TimeDelta {
    let seconds = 1_i64 << attempts.clamp(0, 10);
    let seconds = seconds.min(900);
    let [random] = random_bytes::<1>();
    TimeDelta::milliseconds(seconds * 1_000 + seconds * 250 * i64::from(random) / 255)
}
