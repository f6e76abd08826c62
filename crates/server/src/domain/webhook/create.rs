//! What happens when an owner, or the operator, makes a webhook: its secret is shown once.

use portal_api_types::{
    ErrorCode, InvalidValue, MAX_WEBHOOKS, NewWebhook, WebhookEventType, WebhookId, WebhookWithSecret,
};

use super::{answerable, find, record};
use crate::auth::link::webhook_seed;
use crate::auth::scope::WebhookScope;
use crate::db::Conn;
use crate::domain::activity::Action;
use crate::domain::{By, Ctx, Outcome, Refusal};
use crate::outbound::Targets;
use crate::store::webhooks::{self, NewRow};

/// Makes a webhook, and answers it with its secret.
pub fn create<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    by: impl Into<By<'a>>,
    scope: &WebhookScope,
    targets: &Targets,
    new: &NewWebhook,
) -> Outcome<WebhookWithSecret> {
    let by = by.into();
    let url = targets.check(&new.url).map_err(|invalid| Refusal::invalid_field("/url", invalid))?;
    let events = checked(scope, &new.events)?;
    // Who makes one while another is made must not come to one more than there may be.
    webhooks::lock(conn, scope)?;
    if webhooks::list(conn, scope)?.len() >= MAX_WEBHOOKS {
        return Err(Refusal::TooManyWebhooks.into());
    }
    let (id, seed) = (WebhookId::from_uuid(ctx.new_uuid()), webhook_seed());
    let row = NewRow {
        id: &id,
        made_by: answerable(by),
        url: &url,
        description: &new.description,
        events: &events,
        enabled: new.enabled,
        secret_seed: &seed,
        now: ctx.now,
    };
    webhooks::insert(conn, scope, &row)?;
    record(conn, ctx, by, scope, (Action::WebhookCreated, &id, &url), &[])?;
    let webhook = find(conn, scope, &id)?.to_wire(ctx.now)?;
    Ok(WebhookWithSecret { webhook, secret: ctx.links.webhook_secret(&seed) })
}

/// Each type once; those that are for the operator are refused to others, who would wait for them in vain.
pub(super) fn checked(
    scope: &WebhookScope,
    events: &[WebhookEventType],
) -> Result<Vec<WebhookEventType>, Refusal> {
    let mut unique: Vec<WebhookEventType> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        if scope.account().is_some() && event.is_operators() {
            let detail = format!("Only the operator's webhooks are told of {event}.");
            let invalid = InvalidValue::new(ErrorCode::InvalidValue, detail);
            return Err(Refusal::invalid_field(&format!("/events/{index}"), invalid));
        }
        if !unique.contains(event) {
            unique.push(*event);
        }
    }
    Ok(unique)
}
