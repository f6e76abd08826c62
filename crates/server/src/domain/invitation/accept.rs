//! What happens when somebody accepts an invitation: the one token that the page showed decides what is accepted, as whom,
//! and that it happens once.

use portal_api_types::{
    AcceptInvitation, AccessReason, AccountRef, Email, EmployeeId, EmployeeRole, FirmId, FirmRef,
    InvitationKind, Locale, Name, NewPassword, UserId, UserRef, WebhookEventType,
};

use crate::auth::link::hash;
use crate::auth::scope::{AccountScope, FirmScope};
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::session::begin::{OpenSession, begin};
use crate::domain::session::sign_in::{self, Proof};
use crate::domain::webhook::tell::Event;
use crate::domain::webhook::watch::Watch;
use crate::domain::{Actor, Ctx, Failure, Outcome, Refusal, Services, webhook};
use crate::store::invitations::InvitationRecord;
use crate::store::{accounts, connections, employees, firms, invitations, members, registrations, users};

/// Who accepts: somebody whose password was right, or somebody new.
enum Invitee {
    Known(Box<Proof>),
    New { name: Name, password_hash: String, locale: Locale },
}

/// What came of one try.
enum Accepted {
    Done(Box<OpenSession>),
    /// The address got a login between looking and accepting: its password must be asked for.
    LoginAppeared,
}

/// Accepts the invitation of a token. If the address has a login, the password must be that login's; it is never set.
pub async fn accept(services: &Services, ctx: Ctx, body: AcceptInvitation) -> Outcome<OpenSession> {
    loop {
        let (token_hash, now) = (hash(&body.token), ctx.now);
        let open = services.db.read(move |conn| invitations::by_token(conn, &token_hash, now)).await?;
        let open = open.ok_or(Refusal::InvitationGone)?;
        let invitee = identify(services, &ctx, &open, &body).await?;
        let (ctx, firm_name) = (ctx.clone(), body.firm_name.clone());
        let accepted =
            services.db.write(move |conn| take(conn, &ctx, &open, &invitee, firm_name.as_ref())).await?;
        if let Accepted::Done(session) = accepted {
            return Ok(*session);
        }
    }
}

async fn identify(
    services: &Services,
    ctx: &Ctx,
    open: &InvitationRecord,
    body: &AcceptInvitation,
) -> Outcome<Invitee> {
    if open.kind != InvitationKind::Firm && body.firm_name.is_some() {
        let invalid = portal_api_types::InvalidValue::new(
            portal_api_types::ErrorCode::InvalidValue,
            "This invitation is not for a firm: leave the company's name out.",
        );
        return Err(Refusal::invalid_field("/firm_name", invalid).into());
    }
    let address = open.email();
    if services.db.read(move |conn| users::by_email(conn, &address)).await?.is_some() {
        return Ok(Invitee::Known(Box::new(
            sign_in::prove(services, ctx, open.email(), body.password.clone()).await?,
        )));
    }
    let name = body.name.clone().unwrap_or_else(|| open.name.clone());
    let refuse = |weak| Refusal::invalid_field("/password", weak);
    let password = NewPassword::parse(body.password.reveal()).map_err(refuse)?;
    let about = vec![name.to_string(), open.email().as_str().to_owned()];
    let password_hash = services.passwords.hash_new(password, about).await?.map_err(refuse)?;
    Ok(Invitee::New { name, password_hash, locale: body.locale.unwrap_or(ctx.locale) })
}

fn take(
    conn: &mut Conn,
    ctx: &Ctx,
    open: &InvitationRecord,
    invitee: &Invitee,
    firm_name: Option<&Name>,
) -> Outcome<Accepted> {
    let email = open.email();
    // Asked first, so that nothing is written when the answer is yes.
    if matches!(invitee, Invitee::New { .. }) && users::by_email(conn, &email)?.is_some() {
        return Ok(Accepted::LoginAppeared);
    }
    if open.kind == InvitationKind::Firm {
        firms::lock_address(conn, &email)?;
    }
    if !invitations::mark_accepted(conn, &open.id, &open.token_hash, ctx.now)? {
        return Err(Refusal::InvitationGone.into());
    }
    let user = sign_up_or_in(conn, ctx, &email, invitee)?;
    let actor = Actor { user_id: user.id.clone(), name: user.name.clone(), firm: None, api_key: None };
    match open.kind {
        InvitationKind::Firm => found_firm(conn, ctx, &actor, open, firm_name.unwrap_or(&open.name))?,
        InvitationKind::Employee => join_firm(conn, ctx, &actor, open)?,
        InvitationKind::Member => join_account(conn, ctx, &actor, open)?,
    }
    Ok(Accepted::Done(Box::new(begin(conn, ctx, user)?)))
}

/// The person, who comes to be with the first accepted link.
fn sign_up_or_in(conn: &mut Conn, ctx: &Ctx, email: &Email, invitee: &Invitee) -> Outcome<UserRef> {
    match invitee {
        Invitee::Known(proof) => {
            sign_in::accept(conn, ctx, proof)?;
            let user = &proof.user;
            Ok(UserRef { id: user.id.clone(), name: user.name.clone(), email: user.email() })
        }
        Invitee::New { name, password_hash, locale } => {
            let id = UserId::from_uuid(ctx.new_uuid());
            // Two links of one address at the same moment: the second try finds the login.
            users::insert(conn, &id, email, name, password_hash, *locale, ctx.now)
                .map_err(Failure::duplicate_as_conflict)?;
            registrations::close_all_of(conn, email, ctx.now)?;
            Ok(UserRef { id, name: name.clone(), email: email.clone() })
        }
    }
}

/// The firm comes to be, with all clients who have invited its address so far.
fn found_firm(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    open: &InvitationRecord,
    name: &Name,
) -> Outcome<()> {
    let email = open.email();
    let firm = FirmRef { id: FirmId::from_uuid(ctx.new_uuid()), name: name.clone() };
    // Once there is a firm of this address, clients connect it without an invitation; one that is left has expired.
    firms::insert(conn, &firm.id, name, &email, ctx.now)
        .map_err(|failure| failure.duplicate_as(Refusal::InvitationGone))?;
    let scope = FirmScope::by_portal(firm.clone(), "the first admin of a firm that was invited");
    let employee = EmployeeId::from_uuid(ctx.new_uuid());
    let new = employees::NewEmployee {
        id: &employee,
        user_id: Some(&actor.user_id),
        email: &email,
        name: &actor.name,
        role: EmployeeRole::Admin,
        now: ctx.now,
    };
    employees::insert(conn, &scope, &new)?;
    Change::by(actor, Action::FirmFounded).in_firm(&firm).on(&employee, &actor.name).record(conn, ctx)?;
    connect(conn, ctx, actor, open, &firm)?;
    for other in invitations::open_for_firm_address(conn, &email, ctx.now)? {
        if invitations::mark_accepted(conn, &other.id, &other.token_hash, ctx.now)? {
            connect(conn, ctx, actor, &other, &firm)?;
        }
    }
    Ok(())
}

fn connect(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    open: &InvitationRecord,
    firm: &FirmRef,
) -> Outcome<()> {
    let account = account_of(conn, open)?;
    connections::insert(conn, &firm.id, &account.id, ctx.now)?;
    Event::by(actor, WebhookEventType::FirmConnected).in_account(&account).of_firm(firm).tell(conn, ctx)?;
    Change::by(actor, Action::FirmConnected)
        .in_account(&account)
        .in_firm(firm)
        .on(&firm.id, &firm.name)
        .record(conn, ctx)
}

fn account_of(conn: &mut Conn, open: &InvitationRecord) -> Outcome<AccountRef> {
    let id = open.account_id()?.ok_or(Refusal::InvitationGone)?;
    Ok(accounts::reference(conn, &id)?.ok_or(Refusal::InvitationGone)?)
}

/// The employee takes the place that was made with the invitation.
fn join_firm(conn: &mut Conn, ctx: &Ctx, actor: &Actor, open: &InvitationRecord) -> Outcome<()> {
    let firm_id = open.firm_id()?.ok_or(Refusal::InvitationGone)?;
    let employee = open.employee_id()?.ok_or(Refusal::InvitationGone)?;
    let firm = firms::reference(conn, &firm_id)?.ok_or(Refusal::InvitationGone)?;
    let scope = FirmScope::by_portal(firm.clone(), "an employee who accepts the firm's invitation");
    firms::lock(conn, scope.id())?;
    let watch = Watch::employee(conn, &scope, &employee)?;
    if !employees::join(conn, &scope, &employee, &actor.user_id, &actor.name, ctx.now)? {
        return Err(Refusal::InvitationGone.into());
    }
    watch.tell(conn, ctx, Some(actor), AccessReason::Joined)?;
    Change::by(actor, Action::EmployeeJoined).in_firm(&firm).on(&employee, &actor.name).record(conn, ctx)
}

/// The person comes into the account without a firm.
fn join_account(conn: &mut Conn, ctx: &Ctx, actor: &Actor, open: &InvitationRecord) -> Outcome<()> {
    let role = open.member_role()?.ok_or(Refusal::InvitationGone)?;
    let account = account_of(conn, open)?;
    let scope = AccountScope::by_portal(account.clone(), "a member who accepts the owner's invitation");
    accounts::lock(conn, &scope)?;
    members::insert(conn, &account.id, &actor.user_id, role, ctx.now)
        .map_err(|failure| failure.duplicate_as(Refusal::AlreadyMember))?;
    let joined = members::list(conn, &scope)?.into_iter().find(|one| one.person.user_id == actor.user_id);
    Event::by(actor, WebhookEventType::MemberAdded)
        .in_account(&account)
        .about(joined.as_ref().and_then(webhook::person))
        .tell(conn, ctx)?;
    Change::by(actor, Action::MemberJoined)
        .in_account(&account)
        .on(&actor.user_id, &actor.name)
        .with("role", role)
        .record(conn, ctx)
}
