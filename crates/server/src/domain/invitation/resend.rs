//! What happens when an owner sends an invitation again: a new link goes out and the old one is dead. If the firm has come
//! to the portal meanwhile (by another client's invitation), it is connected at once.

use portal_api_types::{Email, InvitationId, InvitationKind};

use crate::auth::link::LinkKind;
use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::rate_limit::Limit;
use crate::domain::{Actor, Ctx, LINK_LIFE, Outcome, Refusal, Services, firm, invitation, member, post};
use crate::store::{firms, invitations};

const NOT_HERE: Refusal = Refusal::NotFound("There is no such open invitation in this account.");

/// Sends an invitation into the account again.
pub async fn resend(
    services: &Services,
    ctx: Ctx,
    actor: Actor,
    account: AccountScope,
    id: InvitationId,
) -> Outcome<()> {
    let (place, wanted) = (account.clone(), id.clone());
    let open = services
        .db
        .read(move |conn| invitations::open_in_account(conn, &place, &wanted))
        .await?
        .ok_or(NOT_HERE)?;
    let limits = [Limit::Inviter(actor.user_id.clone()), Limit::Recipient(open.email())];
    invitation::limits::count(services, &ctx, limits).await?;
    let address = open.email();
    services.db.write(move |conn| renew(conn, &ctx, &actor, &account, &id, &address)).await
}

fn renew(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    id: &InvitationId,
    address: &Email,
) -> Outcome<()> {
    member::power::check_still_owner(conn, account, actor)?;
    firms::lock_address(conn, address)?;
    let open = invitations::open_in_account(conn, account, id)?.ok_or(NOT_HERE)?;
    if open.kind == InvitationKind::Firm
        && let Some(known) = firms::by_email(conn, address)?
    {
        if !invitations::mark_cancelled(conn, id)? {
            return Err(NOT_HERE.into());
        }
        post::withdraw(conn, ctx, &open.token_hash)?;
        return firm::invite::connect(conn, ctx, actor, account, &known, true);
    }
    let link = ctx.links.issue(LinkKind::Invitation);
    let expires_at = ctx.now + LINK_LIFE;
    post::withdraw(conn, ctx, &open.token_hash)?;
    if !invitations::renew(conn, id, &actor.user_id, &link.token_hash, expires_at)? {
        return Err(NOT_HERE.into());
    }
    let mail = match open.member_role()? {
        Some(role) => member::add::mail(actor, account, open.name.as_str(), role, expires_at),
        None => firm::invite::mail(actor, account, open.name.as_str(), expires_at),
    };
    post::invitation(conn, ctx, actor, address, &mail, &link)?;
    Change::by(actor, Action::InvitationResent)
        .in_account(&account.as_ref())
        .on(id, &open.name)
        .with("email", address)
        .record(conn, ctx)
}
