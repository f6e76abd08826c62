//! What happens when an owner lets a person in without a firm: the person gets a link, with or without a login. Added at
//! once, an owner could find out who has a login, and anyone could be put into an account unasked.

use portal_api_types::{
    AddMember, ConnectionStatus, InvitationId, MemberRole, MemberRow, WebhookEventType, WebhookInvitation,
};

use super::power;
use crate::auth::link::LinkKind;
use crate::auth::scope::AccountScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::idempotency::Once;
use crate::domain::rate_limit::Limit;
use crate::domain::webhook::tell::Event;
use crate::domain::{Actor, Ctx, LINK_LIFE, Outcome, Refusal, Services, invitation, post};
use crate::mail::Mail;
use crate::store::invitations::{Inviter, NewInvitation, Target};
use crate::store::{accounts, invitations, members};

/// Invites a person, and answers the row.
pub async fn add(
    services: &Services,
    ctx: Ctx,
    actor: Actor,
    account: AccountScope,
    body: AddMember,
    once: Once,
) -> Outcome<MemberRow> {
    if let Some(earlier) = once.earlier(&services.db, ctx.now).await? {
        return Ok(earlier);
    }
    let limits = [Limit::Inviter(actor.user_id.clone()), Limit::Recipient(body.email.clone())];
    invitation::limits::count(services, &ctx, limits).await?;
    once.write(&services.db, ctx.now, move |conn| invite(conn, &ctx, &actor, &account, &body)).await
}

fn invite(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    body: &AddMember,
) -> Outcome<MemberRow> {
    accounts::lock(conn, account)?;
    power::check_still_owner(conn, account, actor)?;
    if members::has_email(conn, account, &body.email)? {
        return Err(Refusal::AlreadyMember.into());
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
            target: Target::Member(account, body.role),
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
        &mail(actor, account, body.name.as_str(), body.role, expires_at),
        &link,
    )?;
    Event::by(actor, WebhookEventType::MemberInvited)
        .in_account(&account.as_ref())
        .inviting(WebhookInvitation { id: id.clone(), name: body.name.clone(), email: body.email.clone() })
        .tell(conn, ctx)?;
    Change::by(actor, Action::MemberInvited)
        .in_account(&account.as_ref())
        .on(&id, &body.name)
        .with("email", &body.email)
        .with("role", body.role)
        .record(conn, ctx)?;
    Ok(MemberRow {
        user_id: None,
        invitation_id: Some(id),
        name: body.name.clone(),
        email: body.email.clone(),
        role: body.role,
        status: ConnectionStatus::Invited,
    })
}

/// The mail that invites a person.
pub fn mail(
    actor: &Actor,
    account: &AccountScope,
    invitee: &str,
    role: MemberRole,
    expires_at: Time,
) -> Mail {
    Mail::MemberInvitation {
        inviter_name: actor.name.to_string(),
        account_name: account.name().to_string(),
        invitee_name: invitee.to_owned(),
        role: role.to_string(),
        expires_at: expires_at.and_utc(),
    }
}
