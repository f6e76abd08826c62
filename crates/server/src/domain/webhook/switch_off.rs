//! What happens when the portal switches a webhook off by itself: what waits is cancelled, the trail says so, and the
//! account's owners get a mail.

use portal_api_types::{AccountRef, MemberRole, UserId, WebhookDisabledReason, WebhookId};

use super::place_of;
use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::{Ctx, Outcome, post};
use crate::mail::Mail;
use crate::store::webhooks::WebhookRecord;
use crate::store::{accounts, deliveries, members, webhooks};

/// Switches off a webhook that nothing is taken by.
pub fn switch_off(conn: &mut Conn, ctx: &Ctx, id: &WebhookId, reason: WebhookDisabledReason) -> Outcome<()> {
    let Some(webhook) = webhooks::by_id(conn, id)? else { return Ok(()) };
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
) -> Outcome<()> {
    if !webhooks::switch_off(conn, &webhook.id, reason)? {
        return Ok(());
    }
    deliveries::cancel_pending(conn, &webhook.id, ctx.now)?;
    let place = place_of(&webhook.url);
    let Some(account) = account else {
        tracing::error!(webhook = %webhook.id, place, %reason, "a webhook of the operator was switched off");
        return Ok(());
    };
    Change::by_portal(Action::WebhookUpdated)
        .in_account(&account)
        .on(&webhook.id, &place)
        .with("enabled", "no")
        .with("reason", reason)
        .record(conn, ctx)?;
    let scope = AccountScope::by_portal(account, "the mail to the owners of a webhook that was switched off");
    let owners = members::list(conn, &scope)?.into_iter().filter(|member| member.role == MemberRole::Owner);
    for owner in owners {
        let Some(email) = &owner.person.email else { continue };
        let mail = Mail::WebhookDisabled {
            name: owner.person.name.to_string(),
            account_name: scope.name().to_string(),
            host_name: place.clone(),
            kind: reason.to_string(),
        };
        post::notice(conn, ctx, email, &mail)?;
    }
    Ok(())
}
