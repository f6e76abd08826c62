//! The webhooks of an account or of the operator, and their delivery logs.

use portal_api_types::{Webhook, WebhookDelivery, WebhookId};

use super::find;
use crate::auth::scope::WebhookScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::store::{deliveries, webhooks};

/// All of them, the first to come first.
pub fn list(conn: &mut Conn, scope: &WebhookScope, now: Time) -> Outcome<Vec<Webhook>> {
    webhooks::list(conn, scope)?.iter().map(|webhook| webhook.to_wire(now)).collect()
}

/// One of them.
pub fn read(conn: &mut Conn, scope: &WebhookScope, id: &WebhookId, now: Time) -> Outcome<Webhook> {
    find(conn, scope, id)?.to_wire(now)
}

/// A page of a log, the newest first, each with its position; one more than asked for when there is a next page.
pub fn deliveries(
    conn: &mut Conn,
    scope: &WebhookScope,
    id: &WebhookId,
    before: Option<i64>,
    limit: usize,
) -> Outcome<Vec<(WebhookDelivery, i64)>> {
    let webhook = find(conn, scope, id)?;
    deliveries::list(conn, &webhook.id, before, limit + 1)
}
