//! What happens when a webhook is changed. Switched off, what waits is cancelled. Switched on, it starts afresh, and whoever
//! switches it on answers for it: it dies with that person's right.

use portal_api_types::{UpdateWebhook, Webhook, WebhookDisabledReason, WebhookId};

use super::create::checked;
use super::{answerable, find, record};
use crate::auth::scope::WebhookScope;
use crate::db::Conn;
use crate::domain::activity::Action;
use crate::domain::{By, Ctx, Outcome, Refusal};
use crate::outbound::Targets;
use crate::store::{deliveries, webhooks};

/// Changes what is given, and answers the new state.
pub fn update<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    by: impl Into<By<'a>>,
    scope: &WebhookScope,
    targets: &Targets,
    (id, changes): (&WebhookId, &UpdateWebhook),
) -> Outcome<Webhook> {
    let by = by.into();
    let webhook = find(conn, scope, id)?;
    let before = webhook.to_wire(ctx.now)?;
    let refuse = |invalid| Refusal::invalid_field("/url", invalid);
    let url = changes.url.as_deref().map(|url| targets.check(url)).transpose().map_err(refuse)?;
    let url = url.unwrap_or_else(|| before.url.clone());
    let events = changes.events.as_deref().map(|events| checked(scope, events)).transpose()?;
    let events = events.unwrap_or_else(|| before.events.clone());
    let description = changes.description.as_ref().unwrap_or(&before.description);
    let mut details = Vec::new();
    if url != before.url || events != before.events || description != &before.description {
        webhooks::set(conn, id, &url, description, &events)?;
    }
    if url != before.url {
        details.push(("old_host", super::place_of(&before.url)));
        // Whoever says where to must answer for it.
        webhooks::set_maker(conn, id, answerable(by))?;
    }
    match changes.enabled {
        Some(true) if !before.enabled => {
            // What was written while it was being switched off.
            deliveries::cancel_pending(conn, id, ctx.now)?;
            webhooks::switch_on(conn, id)?;
            webhooks::set_maker(conn, id, answerable(by))?;
            details.push(("enabled", "yes".to_owned()));
        }
        Some(false) if before.enabled => {
            webhooks::switch_off(conn, id, WebhookDisabledReason::ByHand)?;
            deliveries::cancel_pending(conn, id, ctx.now)?;
            details.push(("enabled", "no".to_owned()));
        }
        _ => {}
    }
    let after = find(conn, scope, id)?.to_wire(ctx.now)?;
    if after != before {
        record(conn, ctx, by, scope, (Action::WebhookUpdated, id, &after.url), &details)?;
    }
    Ok(after)
}
