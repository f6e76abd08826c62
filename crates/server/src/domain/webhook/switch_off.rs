//! What happens when the portal switches a webhook off by itself: what waits is cancelled, the trail says so, and the
//! account's owners get a mail. Of the operator's, the sender writes an error to the log.

use portal_api_types::{AccountRef, UserId, WebhookDisabledReason, WebhookId};

use super::place_of;
use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::{Ctx, Outcome, post};
use crate::mail::Mail;
use crate::store::webhooks::WebhookRecord;
use crate::store::{accounts, deliveries, webhooks};

/// Switches off a webhook that nothing is taken by; false when it was off already.
pub fn switch_off(
    conn: &mut Conn,
    ctx: &Ctx,
    id: &WebhookId,
    reason: WebhookDisabledReason,
) -> Outcome<bool> {
    let Some(webhook) = webhooks::by_id(conn, id)? else { return Ok(false) };
    let account = match webhook.account_id()? {
        Some(account) => accounts::reference(conn, &account)?,
        None => None,
    };
    stop(conn, ctx, &webhook, account, reason)
}

/// Switches off the webhooks that somebody answers for who is not an owner any more: else a leaver would go on hearing.
pub fn of_leaver(conn: &mut Conn, ctx: &Ctx, account: &AccountScope, leaver: &UserId) -> Outcome<()> {
    for webhook in webhooks::made_by(conn, account, leaver)? {
        stop(conn, ctx, &webhook, Some(account.as_ref()), WebhookDisabledReason::OwnerLeft)?;
    }
    Ok(())
}

fn stop(
    conn: &mut Conn,
    ctx: &Ctx,
    webhook: &WebhookRecord,
    account: Option<AccountRef>,
    reason: WebhookDisabledReason,
) -> Outcome<bool> {
    if !webhooks::switch_off(conn, &webhook.id, reason)? {
        return Ok(false);
    }
    deliveries::cancel_pending(conn, &webhook.id, ctx.now)?;
    let place = place_of(&webhook.url);
    let change = Change::by_portal(Action::WebhookUpdated)
        .on(&webhook.id, &place)
        .with("enabled", "no")
        .with("reason", reason);
    let Some(account) = account else {
        change.record(conn, ctx)?;
        return Ok(true);
    };
    change.in_account(&account).record(conn, ctx)?;
    let scope = AccountScope::by_portal(account, "the mail to the owners of a webhook that was switched off");
    post::to_owners(conn, ctx, &scope, |name| Mail::WebhookDisabled {
        name,
        account_name: scope.name().to_string(),
        host_name: place.clone(),
        kind: reason.to_string(),
    })?;
    Ok(true)
}
