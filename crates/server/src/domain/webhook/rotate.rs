//! What happens when a webhook gets a new secret: for a day the old one signs too, so that the receiver can change over
//! without losing an event.

use chrono::TimeDelta;
use portal_api_types::{WebhookId, WebhookWithSecret};

use super::{find, record};
use crate::auth::link::webhook_seed;
use crate::auth::scope::WebhookScope;
use crate::db::Conn;
use crate::domain::activity::Action;
use crate::domain::{By, Ctx, Outcome};
use crate::store::webhooks;

/// How long the secret before signs too.
const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// Makes a new secret, and answers the webhook with it.
pub fn rotate<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    by: impl Into<By<'a>>,
    scope: &WebhookScope,
    id: &WebhookId,
) -> Outcome<WebhookWithSecret> {
    let (webhook, seed) = (find(conn, scope, id)?, webhook_seed());
    webhooks::rotate(conn, &webhook, &seed, ctx.now + OVERLAP)?;
    record(conn, ctx, by.into(), scope, (Action::WebhookSecretRotated, id, &webhook.url), &[])?;
    let webhook = find(conn, scope, id)?.to_wire(ctx.now)?;
    Ok(WebhookWithSecret { webhook, secret: ctx.links.webhook_secret(&seed) })
}
