//! Events on their way to webhooks, and what became of them.

use diesel::dsl::{count_star, min};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamp};
use portal_api_types::{
    AccountId, WebhookAttempt, WebhookDelivery, WebhookDeliveryId, WebhookEventId, WebhookId,
};

use super::{parse, rows};
use crate::clock::Time;
use crate::db::{Conn, Question};
use crate::domain::Outcome;
use crate::schema::{webhook_deliveries, webhooks};

/// An event for one webhook.
pub struct NewDelivery<'a> {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// Which webhook.
    pub webhook_id: &'a WebhookId,
    /// What it waits behind: what is of the same webhook and lane. A lane that is the webhook's own id is for what is asked
    /// for by hand and waits for nothing.
    pub lane: &'a str,
    /// The event.
    pub event_id: &'a WebhookEventId,
    /// What it tells of.
    pub event_type: &'a str,
    /// The body.
    pub payload: &'a str,
}

/// Deliveries that one statement writes: 7 parameters each, below every database's limit.
const CHUNK: usize = 500;
const WIDTH: usize = 7;

/// Writes deliveries, in this order.
pub fn insert(conn: &mut Conn, new: &[NewDelivery<'_>], now: Time) -> Outcome<()> {
    for chunk in new.chunks(CHUNK) {
        let rows: Vec<String> = (0..chunk.len())
            .map(|row| {
                let row: Vec<String> =
                    (1..=WIDTH).map(|column| format!("${}", row * WIDTH + column)).collect();
                // The time twice: when it was written, and from when it is due.
                format!("({0}, {1})", row.join(", "), row[WIDTH - 1])
            })
            .collect();
        let mut query = diesel::sql_query(format!(
            "INSERT INTO webhook_deliveries (id, webhook_id, lane, event_id, event_type, payload, created_at, \
             next_attempt_at) VALUES {}",
            rows.join(", ")
        ))
        .into_boxed();
        for delivery in chunk {
            query = query
                .bind::<Text, _>(delivery.id.as_str())
                .bind::<Text, _>(delivery.webhook_id.as_str())
                .bind::<Text, _>(delivery.lane)
                .bind::<Text, _>(delivery.event_id.as_str())
                .bind::<Text, _>(delivery.event_type)
                .bind::<Text, _>(delivery.payload)
                .bind::<Timestamp, _>(now);
        }
        query.execute(conn)?;
    }
    Ok(())
}

/// A delivery that is due, before it is claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The delivery.
    pub id: WebhookDeliveryId,
    /// Its webhook.
    pub webhook_id: WebhookId,
    /// The account whose webhook it is; none for the operator's.
    pub account_id: Option<AccountId>,
    /// Its lane.
    pub lane: String,
    /// Whether it was not taken before.
    pub was_tried: bool,
}

#[derive(QueryableByName)]
struct DueRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    webhook_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    account_id: Option<String>,
    #[diesel(sql_type = Text)]
    lane: String,
    #[diesel(sql_type = Bool)]
    was_tried: bool,
}

impl Due {
    /// Whether somebody has asked for it by hand.
    pub fn is_by_hand(&self) -> bool {
        self.lane == self.webhook_id.as_str()
    }
}

/// What is due and nobody is sending: of each webhook and lane only the first that is left, of each account, and of each of
/// the operator's webhooks, the longest waiting, and first one of each, so that one with many hides nobody behind it.
pub fn due(conn: &mut Conn, now: Time, of_one: usize, limit: usize) -> Outcome<Vec<Due>> {
    // From one lane to the next by the index, so that the length of the lanes does not count: whatever is first waits for nothing,
    // and of what was asked for by hand nothing waits for anything.
    let question = Question::new(format!(
        "WITH RECURSIVE heads (id, webhook_id, lane) AS (\
           SELECT f.id, f.webhook_id, f.lane FROM (\
             SELECT d.id, d.webhook_id, d.lane FROM webhook_deliveries d WHERE d.state = 'pending' \
             ORDER BY d.webhook_id, d.lane, d.position LIMIT 1) f \
           UNION ALL \
           SELECT n.id, n.webhook_id, n.lane FROM heads h JOIN webhook_deliveries n ON n.id = coalesce(\
             (SELECT d.id FROM webhook_deliveries d \
              WHERE d.state = 'pending' AND d.webhook_id = h.webhook_id AND d.lane > h.lane \
              ORDER BY d.lane, d.position LIMIT 1), \
             (SELECT d.id FROM webhook_deliveries d \
              WHERE d.state = 'pending' AND d.webhook_id > h.webhook_id \
              ORDER BY d.webhook_id, d.lane, d.position LIMIT 1))), \
         first_ones (id) AS (\
           SELECT h.id FROM heads h WHERE h.lane <> h.webhook_id \
           UNION ALL \
           SELECT d.id FROM heads h CROSS JOIN webhook_deliveries d \
           WHERE h.lane = h.webhook_id AND d.webhook_id = h.webhook_id AND d.lane = h.lane AND d.state = 'pending') \
         SELECT id, webhook_id, account_id, lane, was_tried FROM (\
           SELECT d.id, d.webhook_id, w.account_id, d.lane, d.attempts <> '[]' AS was_tried, \
             d.next_attempt_at, d.position, \
             ROW_NUMBER() OVER (PARTITION BY COALESCE(w.account_id, d.webhook_id) \
                                ORDER BY d.next_attempt_at, d.position) AS turn \
           FROM first_ones f CROSS JOIN webhook_deliveries d CROSS JOIN webhooks w \
           WHERE d.id = f.id AND w.id = d.webhook_id \
             AND d.next_attempt_at <= $1 AND (d.claimed_until IS NULL OR d.claimed_until <= $1) \
             AND (d.lane = d.webhook_id OR EXISTS (SELECT 1 FROM live_webhooks l WHERE l.id = d.webhook_id))) ready \
         WHERE turn <= {of_one} ORDER BY turn, next_attempt_at, position LIMIT {limit}"
    ));
    let found: Vec<DueRow> = question.time(now).load(conn)?;
    let parsed = |row: DueRow| {
        Ok(Due {
            id: parse(&row.id)?,
            webhook_id: parse(&row.webhook_id)?,
            account_id: row.account_id.as_deref().map(parse).transpose()?,
            lane: row.lane,
            was_tried: row.was_tried,
        })
    };
    found.into_iter().map(parsed).collect()
}

/// The next of the same webhook and lane, once the one before has been delivered.
pub fn next_in_lane(conn: &mut Conn, before: &Due) -> Outcome<Option<Due>> {
    let id: Option<String> = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(before.webhook_id.as_str()))
        .filter(webhook_deliveries::lane.eq(before.lane.as_str()))
        .filter(webhook_deliveries::state.eq("pending"))
        .order(webhook_deliveries::position)
        .select(webhook_deliveries::id)
        .first(conn)
        .optional()?;
    id.map(|id| Ok(Due { id: parse(&id)?, ..before.clone() })).transpose()
}

/// A delivery that this process sends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The delivery.
    pub due: Due,
    /// The header `webhook-id`.
    pub event_id: String,
    /// The body.
    pub payload: String,
    /// When it was written.
    pub created_at: Time,
    /// The tries so far.
    pub attempts: Vec<WebhookAttempt>,
}

/// Takes a delivery to send it; nothing when another sender was first, it was cancelled, or its webhook is not live any more.
pub fn claim(conn: &mut Conn, due: &Due, now: Time, until: Time) -> Outcome<Option<Claimed>> {
    let claimed = diesel::sql_query(
        "UPDATE webhook_deliveries SET claimed_until = $1 WHERE id = $2 AND state = 'pending' \
         AND next_attempt_at <= $3 AND (claimed_until IS NULL OR claimed_until <= $3) \
         AND (lane = webhook_id OR webhook_id IN (SELECT l.id FROM live_webhooks l))",
    )
    .bind::<Timestamp, _>(until)
    .bind::<Text, _>(due.id.as_str())
    .bind::<Timestamp, _>(now)
    .execute(conn)?;
    if claimed != 1 {
        return Ok(None);
    }
    let (event_id, payload, created_at, attempts): (String, String, Time, String) = webhook_deliveries::table
        .filter(webhook_deliveries::id.eq(due.id.as_str()))
        .select((
            webhook_deliveries::event_id,
            webhook_deliveries::payload,
            webhook_deliveries::created_at,
            webhook_deliveries::attempts,
        ))
        .first(conn)?;
    Ok(Some(Claimed { due: due.clone(), event_id, payload, created_at, attempts: read_attempts(&attempts) }))
}

fn read_attempts(json: &str) -> Vec<WebhookAttempt> {
    serde_json::from_str(json).unwrap_or_default()
}

fn write_attempts(claimed: &Claimed, attempt: &WebhookAttempt) -> String {
    let all: Vec<&WebhookAttempt> = claimed.attempts.iter().chain([attempt]).collect();
    // Times, numbers and texts always serialise.
    serde_json::to_string(&all).unwrap_or_else(|_| "[]".to_owned())
}

/// Notes what came of a try that was the last: `delivered` or `failed`.
pub fn finish(
    conn: &mut Conn,
    claimed: &Claimed,
    attempt: &WebhookAttempt,
    response: Option<&str>,
    state: &str,
    now: Time,
) -> Outcome<()> {
    let pending = webhook_deliveries::table
        .filter(webhook_deliveries::id.eq(claimed.due.id.as_str()))
        .filter(webhook_deliveries::state.eq("pending"));
    diesel::update(pending)
        .set((
            webhook_deliveries::state.eq(state),
            webhook_deliveries::attempts.eq(write_attempts(claimed, attempt)),
            webhook_deliveries::response.eq(response),
            webhook_deliveries::claimed_until.eq(None::<Time>),
            webhook_deliveries::finished_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Notes what came of a try, and when to try again.
pub fn defer(
    conn: &mut Conn,
    claimed: &Claimed,
    attempt: &WebhookAttempt,
    response: Option<&str>,
    next_attempt_at: Time,
) -> Outcome<()> {
    let pending = webhook_deliveries::table
        .filter(webhook_deliveries::id.eq(claimed.due.id.as_str()))
        .filter(webhook_deliveries::state.eq("pending"));
    diesel::update(pending)
        .set((
            webhook_deliveries::attempts.eq(write_attempts(claimed, attempt)),
            webhook_deliveries::response.eq(response),
            webhook_deliveries::claimed_until.eq(None::<Time>),
            webhook_deliveries::next_attempt_at.eq(next_attempt_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// What waits behind a delivery waits until then too: it need not be looked at before.
pub fn defer_lane(conn: &mut Conn, due: &Due, until: Time) -> Outcome<()> {
    let behind = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(due.webhook_id.as_str()))
        .filter(webhook_deliveries::lane.eq(due.lane.as_str()))
        .filter(webhook_deliveries::state.eq("pending"))
        .filter(webhook_deliveries::next_attempt_at.lt(until));
    diesel::update(behind).set(webhook_deliveries::next_attempt_at.eq(until)).execute(conn)?;
    Ok(())
}

/// Cancels what waits for a webhook.
pub fn cancel_pending(conn: &mut Conn, webhook: &WebhookId, now: Time) -> Outcome<()> {
    let waiting = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook.as_str()))
        .filter(webhook_deliveries::state.eq("pending"));
    diesel::update(waiting)
        .set((
            webhook_deliveries::state.eq("cancelled"),
            webhook_deliveries::claimed_until.eq(None::<Time>),
            webhook_deliveries::finished_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// How many deliveries wait, and since when the oldest does, for the metrics.
pub fn pending(conn: &mut Conn) -> Outcome<(i64, Option<Time>)> {
    Ok(webhook_deliveries::table
        .inner_join(webhooks::table.on(webhooks::id.eq(webhook_deliveries::webhook_id)))
        .filter(webhook_deliveries::state.eq("pending").and(webhooks::disabled_reason.is_null()))
        .select((count_star(), min(webhook_deliveries::created_at)))
        .first(conn)?)
}

const LOG: (
    webhook_deliveries::position,
    webhook_deliveries::id,
    webhook_deliveries::event_id,
    webhook_deliveries::event_type,
    webhook_deliveries::state,
    webhook_deliveries::created_at,
    webhook_deliveries::next_attempt_at,
    webhook_deliveries::attempts,
    webhook_deliveries::response,
) = (
    webhook_deliveries::position,
    webhook_deliveries::id,
    webhook_deliveries::event_id,
    webhook_deliveries::event_type,
    webhook_deliveries::state,
    webhook_deliveries::created_at,
    webhook_deliveries::next_attempt_at,
    webhook_deliveries::attempts,
    webhook_deliveries::response,
);

/// A row of the log.
#[derive(Queryable)]
struct LogRow {
    position: i64,
    id: String,
    event_id: String,
    event_type: String,
    state: String,
    created_at: Time,
    next_attempt_at: Time,
    attempts: String,
    response: Option<String>,
}

impl LogRow {
    fn parse(self) -> Outcome<(WebhookDelivery, i64)> {
        let delivery = WebhookDelivery {
            id: parse(&self.id)?,
            event_id: parse(&self.event_id)?,
            event_type: self.event_type,
            status: parse(&self.state)?,
            created_at: self.created_at.and_utc(),
            next_attempt_at: (self.state == "pending").then(|| self.next_attempt_at.and_utc()),
            attempts: read_attempts(&self.attempts),
            response_excerpt: self.response,
        };
        Ok((delivery, self.position))
    }
}

/// The log of a webhook, the newest first, each with its position. The caller has read the webhook through its scope.
pub fn list(
    conn: &mut Conn,
    webhook: &WebhookId,
    before: Option<i64>,
    limit: usize,
) -> Outcome<Vec<(WebhookDelivery, i64)>> {
    let mut query =
        webhook_deliveries::table.filter(webhook_deliveries::webhook_id.eq(webhook.as_str())).into_boxed();
    if let Some(before) = before {
        query = query.filter(webhook_deliveries::position.lt(before));
    }
    let found: Vec<LogRow> =
        query.order(webhook_deliveries::position.desc()).limit(rows(limit)).select(LOG).load(conn)?;
    found.into_iter().map(LogRow::parse).collect()
}

/// One row of that log.
pub fn read(
    conn: &mut Conn,
    webhook: &WebhookId,
    id: &WebhookDeliveryId,
) -> Outcome<Option<WebhookDelivery>> {
    let row: Option<LogRow> = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook.as_str()))
        .filter(webhook_deliveries::id.eq(id.as_str()))
        .select(LOG)
        .first(conn)
        .optional()?;
    row.map(|row| Ok(row.parse()?.0)).transpose()
}

/// What was sent, to send it again: event, type and body of one of the webhook's deliveries.
pub fn sent(
    conn: &mut Conn,
    webhook: &WebhookId,
    id: &WebhookDeliveryId,
) -> Outcome<Option<(WebhookEventId, String, String)>> {
    let row: Option<(String, String, String)> = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook.as_str()))
        .filter(webhook_deliveries::id.eq(id.as_str()))
        .select((webhook_deliveries::event_id, webhook_deliveries::event_type, webhook_deliveries::payload))
        .first(conn)
        .optional()?;
    row.map(|(event, kind, payload)| Ok((parse(&event)?, kind, payload))).transpose()
}
