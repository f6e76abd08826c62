//! What happens when an admin invites an employee: the place is made, with its role and assignments, and waits for the
//! mailed link to be opened.

use portal_api_types::{
    AccountId, AssignmentPair, Employee, EmployeeId, ErrorCode, FieldError, InvitationId, InviteEmployee,
    MAX_ASSIGNMENT_PAIRS,
};

use super::{power, read};
use crate::auth::link::LinkKind;
use crate::auth::scope::FirmScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::idempotency::Once;
use crate::domain::rate_limit::Limit;
use crate::domain::{Actor, Ctx, LINK_LIFE, Outcome, Refusal, Services, assignment, invitation, post};
use crate::mail::Mail;
use crate::store::employees::EmployeeRecord;
use crate::store::invitations::{Inviter, NewInvitation, Target};
use crate::store::{employees, invitations};

/// Invites an employee, and answers the row.
pub async fn invite(
    services: &Services,
    ctx: Ctx,
    actor: Actor,
    firm: FirmScope,
    body: InviteEmployee,
    once: Once,
) -> Outcome<Employee> {
    if let Some(earlier) = once.earlier(&services.db, ctx.now).await? {
        return Ok(earlier);
    }
    if body.account_ids.len() > MAX_ASSIGNMENT_PAIRS {
        return Err(Refusal::InvalidFields(vec![FieldError {
            pointer: "/account_ids".to_owned(),
            code: ErrorCode::TooManyItems,
            detail: format!("At most {MAX_ASSIGNMENT_PAIRS} accounts at once."),
        }])
        .into());
    }
    let limits = [
        Limit::Inviter(actor.user_id.clone()),
        Limit::InvitingFirm(firm.id().clone()),
        Limit::Recipient(body.email.clone()),
    ];
    invitation::limits::count(services, &ctx, limits).await?;
    once.write(&services.db, ctx.now, move |conn| make_place(conn, &ctx, &actor, &firm, &body)).await
}

/// Makes the place and posts the link, in the caller's transaction, and answers the row.
pub fn make_place(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    body: &InviteEmployee,
) -> Outcome<Employee> {
    power::lock(conn, firm)?;
    power::check_still_admin(conn, firm, actor)?;
    let id = add(conn, ctx, actor, firm, body)?;
    read::read_row(conn, firm, &id)
}

/// Makes the place and posts the link. The caller holds the firm's row.
pub fn add(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    body: &InviteEmployee,
) -> Outcome<EmployeeId> {
    let id = EmployeeId::from_uuid(ctx.new_uuid());
    let new = employees::NewEmployee {
        id: &id,
        user_id: None,
        email: &body.email,
        name: &body.name,
        role: body.role,
        now: ctx.now,
    };
    employees::insert(conn, firm, &new).map_err(|failure| failure.duplicate_as(Refusal::AlreadyEmployee))?;
    Change::by(actor, Action::EmployeeInvited)
        .in_firm(&firm.as_ref())
        .on(&id, &body.name)
        .with("email", &body.email)
        .with("role", body.role)
        .record(conn, ctx)?;
    assign(conn, ctx, actor, firm, &id, &body.account_ids)?;
    let record = read::find(conn, firm, &id)?;
    send_link(conn, ctx, actor, firm, &record)?;
    Ok(id)
}

fn assign(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    id: &EmployeeId,
    accounts: &[AccountId],
) -> Outcome<()> {
    let pairs: Vec<AssignmentPair> = accounts
        .iter()
        .map(|account| AssignmentPair { employee_id: id.clone(), account_id: account.clone() })
        .collect();
    assignment::change::grant(conn, ctx, actor, firm, &pairs, |index| format!("/account_ids/{index}"))
        .map(drop)
}

/// Writes a new invitation for the place and posts its link.
pub fn send_link(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    employee: &EmployeeRecord,
) -> Outcome<()> {
    let link = ctx.links.issue(LinkKind::Invitation);
    let expires_at = ctx.now + LINK_LIFE;
    let email = employee.email();
    invitations::insert(
        conn,
        &NewInvitation {
            id: &InvitationId::from_uuid(ctx.new_uuid()),
            email: &email,
            name: &employee.name,
            target: Target::Employee(firm, &employee.id),
            inviter: Inviter::Person(&actor.user_id),
            token_hash: &link.token_hash,
            now: ctx.now,
            expires_at,
        },
    )?;
    post::invitation(conn, ctx, actor, &email, &mail(actor, firm, employee, expires_at), &link)
}

fn mail(actor: &Actor, firm: &FirmScope, employee: &EmployeeRecord, expires_at: Time) -> Mail {
    Mail::EmployeeInvitation {
        inviter_name: actor.name.to_string(),
        firm_name: firm.name().to_string(),
        invitee_name: employee.name.to_string(),
        role: employee.role.to_string(),
        expires_at: expires_at.and_utc(),
    }
}
