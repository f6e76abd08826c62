//! What happens when a webhook is deleted: its log goes too, and nothing that waits is sent.

use portal_api_types::WebhookId;

use super::{find, record};
use crate::auth::scope::WebhookScope;
use crate::db::Conn;
use crate::domain::activity::Action;
use crate::domain::{By, Ctx, Outcome};
use crate::store::webhooks;

/// Deletes the webhook.
pub fn delete<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    by: impl Into<By<'a>>,
    scope: &WebhookScope,
    id: &WebhookId,
) -> Outcome<()> {
    let webhook = find(conn, scope, id)?;
    webhooks::delete(conn, id)?;
    record(conn, ctx, by.into(), scope, (Action::WebhookDeleted, id, &webhook.url), &[])
}
