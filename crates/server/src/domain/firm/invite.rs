//! What happens when an owner invites an accounting company: a firm that the portal knows is connected at once, another
//! gets a link.

use portal_api_types::{
    AccountFirm, ConnectionStatus, FirmRef, InvitationId, InviteFirm, WebhookEventType, WebhookInvitation,
};

use crate::auth::link::LinkKind;
use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::account::list_users::{Detail, list_users};
use crate::domain::activity::{Action, Change};
use crate::domain::idempotency::Once;
use crate::domain::rate_limit::Limit;
use crate::domain::webhook::tell::Event;
use crate::domain::{Actor, Ctx, Failure, LINK_LIFE, Outcome, Refusal, Services, invitation, member, post};
use crate::mail::Mail;
use crate::store::invitations::{Inviter, NewInvitation, Target};
use crate::store::{connections, firms, invitations};

/// Invites a company, and answers its row.
pub async fn invite(
    services: &Services,
    ctx: Ctx,
    actor: Actor,
    account: AccountScope,
    body: InviteFirm,
    once: Once,
) -> Outcome<AccountFirm> {
    if let Some(earlier) = once.earlier(&services.db, ctx.now).await? {
        return Ok(earlier);
    }
    invitation::limits::count(services, &ctx, [Limit::Inviter(actor.user_id.clone())]).await?;
    let address = body.email.clone();
    let known = services.db.read(move |conn| firms::by_email(conn, &address)).await?.is_some();
    let notify = match invitation::limits::count(services, &ctx, [Limit::Recipient(body.email.clone())]).await
    {
        // A firm that the portal knows is connected whatever its mailbox has had today; only the notice is left out.
        Err(Failure::Refused(_)) if known => false,
        counted => counted.map(|()| true)?,
    };
    once.write(&services.db, ctx.now, move |conn| {
        member::power::check_still_owner(conn, &account, &actor)?;
        connect_or_invite(conn, &ctx, &actor, &account, &body, notify)
    })
    .await
}

/// Connects the company or posts a link, in the caller's transaction, and answers the row.
pub fn connect_or_invite(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    body: &InviteFirm,
    notify: bool,
) -> Outcome<AccountFirm> {
    firms::lock_address(conn, &body.email)?;
    if let Some(firm) = firms::by_email(conn, &body.email)? {
        connect(conn, ctx, actor, account, &firm, notify)?;
        return connected_row(conn, account, &firm);
    }
    let link = ctx.links.issue(LinkKind::Invitation);
    let expires_at = ctx.now + LINK_LIFE;
    let id = InvitationId::from_uuid(ctx.new_uuid());
    invitations::insert(
        conn,
        &NewInvitation {
            id: &id,
            email: &body.email,
            name: &body.name,
            target: Target::Firm(account),
            inviter: Inviter::Person(&actor.user_id),
            token_hash: &link.token_hash,
            now: ctx.now,
            expires_at,
        },
    )
    .map_err(|failure| failure.duplicate_as(Refusal::AlreadyInvited))?;
    post::invitation(
        conn,
        ctx,
        actor,
        &body.email,
        &mail(actor, account, body.name.as_str(), expires_at),
        &link,
    )?;
    Event::by(actor, WebhookEventType::FirmInvited)
        .in_account(&account.as_ref())
        .inviting(WebhookInvitation { id: id.clone(), name: body.name.clone(), email: body.email.clone() })
        .tell(conn, ctx)?;
    Change::by(actor, Action::FirmInvited)
        .in_account(&account.as_ref())
        .on(&id, &body.name)
        .with("email", &body.email)
        .record(conn, ctx)?;
    Ok(AccountFirm {
        firm_id: None,
        invitation_id: Some(id),
        name: body.name.clone(),
        email: Some(body.email.clone()),
        status: ConnectionStatus::Invited,
        people: Vec::new(),
        blocked: Vec::new(),
    })
}

/// The mail that invites a company.
pub fn mail(actor: &Actor, account: &AccountScope, company: &str, expires_at: crate::clock::Time) -> Mail {
    Mail::FirmInvitation {
        inviter_name: actor.name.to_string(),
        account_name: account.name().to_string(),
        company_name: company.to_owned(),
        expires_at: expires_at.and_utc(),
    }
}

/// Connects a firm that the portal knows, and tells it.
pub fn connect(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    firm: &FirmRef,
    notify: bool,
) -> Outcome<()> {
    connections::insert(conn, &firm.id, account.id(), ctx.now)
        .map_err(|failure| failure.duplicate_as(Refusal::AlreadyConnected))?;
    if notify {
        let mail = Mail::ClientConnected {
            account_name: account.name().to_string(),
            owner_name: actor.name.to_string(),
            firm_name: firm.name.to_string(),
        };
        let address = firms::email_of(conn, &firm.id)?;
        post::notice(conn, ctx, &address, &mail)?;
    }
    Event::by(actor, WebhookEventType::FirmConnected)
        .in_account(&account.as_ref())
        .of_firm(firm)
        .tell(conn, ctx)?;
    Change::by(actor, Action::FirmConnected)
        .in_account(&account.as_ref())
        .in_firm(firm)
        .on(&firm.id, &firm.name)
        .record(conn, ctx)
}

fn connected_row(conn: &mut Conn, account: &AccountScope, firm: &FirmRef) -> Outcome<AccountFirm> {
    let users = list_users(conn, account, Detail::Owner)?;
    users
        .firms
        .into_iter()
        .find(|row| row.firm_id.as_ref() == Some(&firm.id))
        .ok_or_else(|| Refusal::NotFound("This firm is not connected to the account.").into())
}
