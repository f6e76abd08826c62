//! What happens when the operator gives an account an owner: somebody who has a login owns it at once and is told by mail;
//! anybody else gets a link. The operator knows its customers, so this is not unasked, as it would be by an owner.

use portal_api_types::{
    AccountId, AccountRole, ConnectionStatus, InvitationId, InvitationKind, MemberRole, MemberRow, NewOwner,
    WebhookEventType, WebhookInvitation, WebhookPerson,
};

use super::read;
use crate::auth::link::LinkKind;
use crate::auth::scope::{AccountScope, OperatorScope};
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::idempotency::Once;
use crate::domain::invitation::cancel::{Place, withdraw};
use crate::domain::rate_limit::Limit;
use crate::domain::webhook::tell::Event;
use crate::domain::{Ctx, Failure, LINK_LIFE, Outcome, Refusal, Services, invitation, post};
use crate::mail::Mail;
use crate::store::invitations::{Inviter, NewInvitation, Target};
use crate::store::users::User;
use crate::store::{invitations, members, users};

/// Whether the owner's mailbox may get one more mail from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// It may.
    Sent,
    /// It has had enough for an hour. Somebody with a login becomes an owner all the same.
    LeftOut,
}

/// Counts the mail to a new owner. Somebody without a login comes in by nothing but the mail: they are refused when there
/// were too many.
pub async fn may_be_told(services: &Services, ctx: &Ctx, owner: Option<&NewOwner>) -> Outcome<Notice> {
    let Some(owner) = owner else { return Ok(Notice::LeftOut) };
    let address = owner.email.clone();
    let known = services.db.read(move |conn| users::by_email(conn, &address)).await?.is_some();
    match invitation::limits::count(services, ctx, [Limit::Recipient(owner.email.clone())]).await {
        Err(Failure::Refused(_)) if known => Ok(Notice::LeftOut),
        counted => counted.map(|()| Notice::Sent),
    }
}

/// Gives the account one more owner, and answers the row.
pub async fn add(
    services: &Services,
    ctx: Ctx,
    operator: OperatorScope,
    id: AccountId,
    owner: NewOwner,
    once: Once,
) -> Outcome<MemberRow> {
    if let Some(earlier) = once.earlier(&services.db, ctx.now).await? {
        return Ok(earlier);
    }
    let notice = may_be_told(services, &ctx, Some(&owner)).await?;
    once.write(&services.db, ctx.now, move |conn| {
        let account = super::account_status::lock_open(conn, &operator, &id)?;
        give(conn, &ctx, &operator, &read::scope(&operator, &account), &owner, notice)
    })
    .await
}

/// Makes somebody an owner of the account, or invites them to be one.
pub(super) fn give(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    account: &AccountScope,
    owner: &NewOwner,
    notice: Notice,
) -> Outcome<MemberRow> {
    withdraw_earlier(conn, ctx, operator, account, owner)?;
    match users::by_email(conn, &owner.email)? {
        Some(user) => let_in(conn, ctx, operator, account, &user, notice),
        None => invite(conn, ctx, operator, account, owner),
    }
}

/// An invitation into the account that this address has already is replaced: its link may have expired.
fn withdraw_earlier(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    account: &AccountScope,
    owner: &NewOwner,
) -> Outcome<()> {
    for open in invitations::list_in_account(conn, account)? {
        if open.kind == InvitationKind::Member && open.email() == owner.email {
            withdraw(conn, ctx, operator, &Place::Account(account.as_ref()), &open)?;
        }
    }
    Ok(())
}

fn let_in(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    account: &AccountScope,
    user: &User,
    notice: Notice,
) -> Outcome<MemberRow> {
    if !members::promote(conn, account, &user.id)? {
        members::insert(conn, account.id(), &user.id, MemberRole::Owner, ctx.now)
            .map_err(|failure| failure.duplicate_as(Refusal::AlreadyMember))?;
    }
    if notice == Notice::Sent {
        let mail = Mail::AccountGiven {
            name: user.name.to_string(),
            account_name: account.name().to_string(),
            operator_name: operator.name().to_string(),
        };
        post::notice(conn, ctx, &user.email(), &mail)?;
    }
    let person = WebhookPerson {
        user_id: user.id.clone(),
        employee_id: None,
        name: user.name.clone(),
        email: user.email(),
        role: Some(AccountRole::Owner),
    };
    Event::by(operator, WebhookEventType::MemberAdded)
        .in_account(&account.as_ref())
        .about(person)
        .tell(conn, ctx)?;
    Change::by(operator, Action::MemberJoined)
        .in_account(&account.as_ref())
        .on(&user.id, &user.name)
        .with("role", MemberRole::Owner)
        .record(conn, ctx)?;
    Ok(MemberRow {
        user_id: Some(user.id.clone()),
        invitation_id: None,
        name: user.name.clone(),
        email: user.email(),
        role: MemberRole::Owner,
        status: ConnectionStatus::Connected,
    })
}

fn invite(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    account: &AccountScope,
    owner: &NewOwner,
) -> Outcome<MemberRow> {
    let link = ctx.links.issue(LinkKind::Invitation);
    let expires_at = ctx.now + LINK_LIFE;
    let id = InvitationId::from_uuid(ctx.new_uuid());
    let new = NewInvitation {
        id: &id,
        email: &owner.email,
        name: &owner.name,
        target: Target::Member(account, MemberRole::Owner),
        inviter: Inviter::Operator(operator.key_id()),
        token_hash: &link.token_hash,
        now: ctx.now,
        expires_at,
    };
    invitations::insert(conn, &new)?;
    let mail = Mail::MemberInvitation {
        inviter_name: operator.name().to_string(),
        account_name: account.name().to_string(),
        invitee_name: owner.name.to_string(),
        role: MemberRole::Owner.to_string(),
        expires_at: expires_at.and_utc(),
    };
    post::with_link(conn, ctx, &owner.email, owner.locale.unwrap_or_default(), &mail, &link)?;
    Event::by(operator, WebhookEventType::MemberInvited)
        .in_account(&account.as_ref())
        .inviting(WebhookInvitation { id: id.clone(), name: owner.name.clone(), email: owner.email.clone() })
        .tell(conn, ctx)?;
    Change::by(operator, Action::MemberInvited)
        .in_account(&account.as_ref())
        .on(&id, &owner.name)
        .with("email", &owner.email)
        .with("role", MemberRole::Owner)
        .record(conn, ctx)?;
    Ok(MemberRow {
        user_id: None,
        invitation_id: Some(id),
        name: owner.name.clone(),
        email: owner.email.clone(),
        role: MemberRole::Owner,
        status: ConnectionStatus::Invited,
    })
}
