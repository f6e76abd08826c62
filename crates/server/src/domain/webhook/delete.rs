//! What happens when a webhook is deleted: its log goes too, and nothing that waits is sent.

use portal_api_types::WebhookId;

use super::{find, record};
use crate::auth::scope::WebhookScope;
use crate::db::Conn;
use crate::domain::activity::Action;
use crate::domain::{Actor, Ctx, Outcome};
use crate::store::webhooks;

/// Deletes the webhook.
pub fn delete(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    scope: &WebhookScope,
    id: &WebhookId,
) -> Outcome<()> {
    let webhook = find(conn, scope, id)?;
    webhooks::delete(conn, id)?;
    record(conn, ctx, actor, scope, (Action::WebhookDeleted, id, &webhook.url), &[])
}
