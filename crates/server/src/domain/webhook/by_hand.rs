//! What happens when somebody has an event sent by hand: a test, or one of the log once more. It waits for no other, and goes
//! out when the webhook is switched off too, so that one can see whether it works before switching it on.

use portal_api_types::{WebhookDelivery, WebhookDeliveryId, WebhookEventId, WebhookEventType, WebhookId};

use super::find;
use super::tell::Event;
use crate::auth::scope::{AccountScope, WebhookScope};
use crate::db::Conn;
use crate::domain::rate_limit::Limit;
use crate::domain::{By, Ctx, Outcome, Refusal, Services, invitation};
use crate::store::accounts;
use crate::store::deliveries::{self, NewDelivery};

/// Sends a test event, and answers its delivery.
pub async fn test<'a>(
    services: &Services,
    ctx: Ctx,
    by: impl Into<By<'a>>,
    scope: WebhookScope,
    id: WebhookId,
) -> Outcome<WebhookDelivery> {
    let mut event = Event::by(by, WebhookEventType::WebhookTest);
    if let Some(account) = scope.account() {
        event = event.in_account(&account.as_ref());
    }
    count(services, &ctx, &scope, &id).await?;
    let send = move |conn: &mut Conn| {
        let webhook = find(conn, &scope, &id)?;
        let event_id = WebhookEventId::from_uuid(ctx.new_uuid());
        let external_ids = accounts::external_ids(conn, scope.account().map(AccountScope::id))?;
        write(conn, &ctx, &webhook.id, &event_id, (event.event_type(), &event.body(&ctx, &external_ids)))
    };
    services.db.write(send).await
}

/// Sends an event of the log once more, under the same `webhook-id`, and answers the new delivery.
pub async fn redeliver(
    services: &Services,
    ctx: Ctx,
    scope: WebhookScope,
    id: WebhookId,
    delivery: WebhookDeliveryId,
) -> Outcome<WebhookDelivery> {
    count(services, &ctx, &scope, &id).await?;
    let send = move |conn: &mut Conn| {
        let webhook = find(conn, &scope, &id)?;
        let not_here = Refusal::NotFound("There is no such delivery in the log of this webhook.");
        let (event, kind, body) = deliveries::sent(conn, &webhook.id, &delivery)?.ok_or(not_here)?;
        write(conn, &ctx, &webhook.id, &event, (&kind, &body))
    };
    services.db.write(send).await
}

/// The portal must not become a tool to flood somebody's server with. Whose webhook it is comes first: a refusal for somebody
/// else's would tell that it is there.
async fn count(services: &Services, ctx: &Ctx, scope: &WebhookScope, id: &WebhookId) -> Outcome<()> {
    let (scope, wanted) = (scope.clone(), id.clone());
    services.db.read(move |conn| find(conn, &scope, &wanted)).await?;
    invitation::limits::count(services, ctx, [Limit::WebhookByHand(id.clone())]).await
}

fn write(
    conn: &mut Conn,
    ctx: &Ctx,
    webhook: &WebhookId,
    event_id: &WebhookEventId,
    (event_type, payload): (&str, &str),
) -> Outcome<WebhookDelivery> {
    let new = NewDelivery {
        id: WebhookDeliveryId::from_uuid(ctx.new_uuid()),
        webhook_id: webhook,
        lane: webhook.as_str(),
        event_id,
        event_type,
        payload,
    };
    deliveries::insert(conn, std::slice::from_ref(&new), ctx.now)?;
    let newest = deliveries::read(conn, webhook, &new.id)?;
    Ok(newest.ok_or(Refusal::NotFound("There is no such delivery in the log of this webhook."))?)
}
