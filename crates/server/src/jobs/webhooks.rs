//! Sends what webhooks are told.
//!
//! Several processes may do this on one database: each delivery is claimed for a while by one of them; who dies while sending
//! loses the claim after that while, and another sends it (perhaps a second time, under the same id; never not at all). What
//! is of one webhook and one account goes out one after the other; the rest goes side by side, within the shares of `room.rs`, so
//! that receivers that are slow hold up nobody but their own account.

mod room;

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use portal_api_types::{Locale, WebhookAttempt};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tracing::Instrument;

use self::room::{Begun, Busy};
use crate::auth::link::LinkKey;
use crate::auth::signature::sign;
use crate::clock::{Clock, Time};
use crate::db::Db;
use crate::domain::webhook::place_of;
use crate::domain::webhook::settle::{Verdict, settle};
use crate::domain::{Ctx, Outcome};
use crate::outbound::Poster;
use crate::store::deliveries::{self, Claimed, Due};
use crate::store::webhooks::{self, WebhookRecord};
use crate::telemetry::TRACE;

/// How long a claim lasts: longer than any request that still ends well.
const CLAIM: TimeDelta = TimeDelta::seconds(60);
/// Without a wake-up: what is new, also by other processes, and what is due again.
const PAUSE: Duration = Duration::from_millis(500);
/// Deliveries that are looked up at once, in all and of one account, or of one of the operator's webhooks: those that find
/// no room wait for it here.
const DUE_AT_ONCE: usize = 512;
const DUE_OF_ONE: usize = 64;
/// What is sent of one lane before another has its turn.
const IN_A_ROW: usize = 100;

/// The sender of webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    links: LinkKey,
    poster: Poster,
    wake: Notify,
    stop: watch::Sender<bool>,
}

/// How many deliveries wait, and since when the oldest does.
pub async fn pending(db: &Db) -> Outcome<(i64, Option<Time>)> {
    db.read(deliveries::pending).await
}

impl Webhooks {
    /// A sender for this database.
    pub fn new(db: Db, clock: Clock, links: LinkKey, poster: Poster) -> Self {
        let (stop, _) = watch::channel(false);
        Self(Arc::new(Inner { db, clock, links, poster, wake: Notify::new(), stop }))
    }

    /// There may be something new.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }

    /// Begins nothing more; [`Webhooks::run`] ends when what is under way has ended, which takes as long as one request.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
        self.0.wake.notify_one();
    }

    /// Sends until it is stopped.
    pub async fn run(self) {
        let mut under_way: JoinSet<Due> = JoinSet::new();
        let mut busy = Busy::default();
        let mut waiting: Vec<Due> = Vec::new();
        let mut looks_again = Instant::now();
        while !self.0.is_stopping() {
            if waiting.is_empty() || looks_again <= Instant::now() {
                waiting = self.0.due().await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "the webhooks that are due could not be read");
                    Vec::new()
                });
                looks_again = Instant::now() + PAUSE;
            }
            let mut began = false;
            waiting.retain(|due| match busy.begin(due) {
                Begun::Now => {
                    under_way.spawn(Arc::clone(&self.0).work(due.clone()));
                    began = true;
                    false
                }
                Begun::Already => false,
                Begun::NoRoom => true,
            });
            // There may be more than was asked for at once.
            if began && waiting.is_empty() {
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep_until(looks_again.into()) => {}
                () = self.0.wake.notified() => looks_again = Instant::now(),
                Some(done) = under_way.join_next() => {
                    busy.end(done);
                    while let Some(done) = under_way.try_join_next() {
                        busy.end(done);
                    }
                }
            }
        }
        while under_way.join_next().await.is_some() {}
    }
}

impl Inner {
    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    async fn due(&self) -> Outcome<Vec<Due>> {
        let now = self.clock.now();
        self.db.read(move |conn| deliveries::due(conn, now, DUE_OF_ONE, DUE_AT_ONCE)).await
    }

    /// Sends a delivery, and while they are taken, what comes behind it in its lane.
    async fn work(self: Arc<Self>, first: Due) -> Due {
        let mut next = Some(first.clone());
        let mut sent = 0;
        while let Some(due) = next.take() {
            sent += 1;
            match self.send(&due).await {
                Ok(Some(Verdict::Delivered))
                    if !due.is_by_hand() && sent < IN_A_ROW && !self.is_stopping() =>
                {
                    let found = self.db.read(move |conn| deliveries::next_in_lane(conn, &due)).await;
                    next = found.unwrap_or_default();
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(delivery = %due.id, %error, "a webhook could not be served"),
            }
        }
        first
    }

    /// Sends a delivery, unless another process has it.
    async fn send(&self, due: &Due) -> Outcome<Option<Verdict>> {
        let (wanted, now) = (due.clone(), self.clock.now());
        let claim = move |conn: &mut crate::db::Conn| {
            let Some(claimed) = deliveries::claim(conn, &wanted, now, now + CLAIM)? else { return Ok(None) };
            Ok(webhooks::by_id(conn, &wanted.webhook_id)?.map(|webhook| (claimed, webhook)))
        };
        let Some((claimed, webhook)) = self.db.write(claim).await? else { return Ok(None) };
        let span =
            tracing::debug_span!(target: TRACE, "webhook", otel.kind = "client", webhook = %webhook.id);
        let (attempt, response) = self.attempt(&claimed, &webhook, now).instrument(span).await;
        let ctx = self.ctx();
        let (delivery, error) = (claimed.due.id.clone(), attempt.error.clone());
        let settled =
            self.db.write(move |conn| settle(conn, &ctx, &claimed, &attempt, response.as_deref())).await?;
        let outcome = match settled {
            Verdict::Delivered => "delivered",
            Verdict::Deferred => "deferred",
            Verdict::Failed(_) => "failed",
        };
        metrics::counter!("portal_webhooks_total", "outcome" => outcome).increment(1);
        if let Some(error) = error {
            tracing::info!(%delivery, webhook = %webhook.id, outcome, error, "a webhook's receiver did not take an event");
        }
        if let Verdict::Failed(Some(reason)) = settled
            && webhook.account_id()?.is_none()
        {
            // Nobody gets a mail.
            let place = place_of(&webhook.url);
            tracing::error!(webhook = %webhook.id, place, %reason, "a webhook of the operator was switched off");
        }
        Ok(Some(settled))
    }

    async fn attempt(
        &self,
        claimed: &Claimed,
        webhook: &WebhookRecord,
        now: Time,
    ) -> (WebhookAttempt, Option<String>) {
        let old = webhook.old_secret_seed.as_ref().filter(|_| webhook.old_secret_until > Some(now));
        let secrets: Vec<_> = std::iter::once(&webhook.secret_seed)
            .chain(old)
            .map(|seed| self.links.webhook_secret(seed))
            .collect();
        let timestamp = now.and_utc().timestamp();
        let headers = [
            ("webhook-id", claimed.event_id.clone()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", sign(&secrets, &claimed.event_id, timestamp, &claimed.payload)),
        ];
        let began = Instant::now();
        let answer = self.poster.post(&webhook.url, &headers, claimed.payload.clone()).await;
        let duration_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let attempt = WebhookAttempt {
            at: now.and_utc(),
            response_status: answer.status,
            error: answer.error,
            duration_ms,
        };
        (attempt, answer.excerpt)
    }

    fn ctx(&self) -> Ctx {
        Ctx {
            now: self.clock.now(),
            ip: None,
            user_agent: None,
            locale: Locale::default(),
            made: Arc::default(),
            links: self.links.clone(),
            rate_limit_factor: 1,
        }
    }
}
