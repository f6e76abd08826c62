//! What happens when an admin renames, promotes, demotes, deactivates or reactivates an employee. Less power acts at once,
//! on the next request of whoever lost it.

use portal_api_types::{
    AccessReason, Employee, EmployeeId, EmployeeRole, EmployeeStatus, UpdateEmployee, WebhookEventType,
};

use super::{power, read};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::tell::Event;
use crate::domain::webhook::watch::Watch;
use crate::domain::{Actor, Ctx, Outcome, Refusal, post};
use crate::mail::{EndedAccess, Mail};
use crate::store::employees::{self, EmployeeRecord};

/// Changes what is given, all or nothing, and answers the new state.
pub fn update(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    id: &EmployeeId,
    changes: &UpdateEmployee,
) -> Outcome<Employee> {
    power::lock(conn, firm)?;
    let employee = read::find(conn, firm, id)?;
    let loses_power =
        changes.role == Some(EmployeeRole::Bookkeeper) || changes.status == Some(EmployeeStatus::Deactivated);
    if loses_power {
        power::check_not_last_admin(conn, firm, &employee)?;
    }
    power::check_still_admin(conn, firm, actor)?;
    apply(conn, ctx, actor, firm, &employee, changes)?;
    read::read_row(conn, firm, id)
}

/// Changes what is given. The caller holds the firm's row, and has seen that the firm keeps an admin.
pub fn apply(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    employee: &EmployeeRecord,
    changes: &UpdateEmployee,
) -> Outcome<()> {
    if let Some(name) = changes.name.as_ref().filter(|name| **name != employee.name) {
        employees::rename(conn, firm, &employee.id, name)?;
        Change::by(actor, Action::EmployeeRenamed)
            .in_firm(&firm.as_ref())
            .on(&employee.id, name)
            .with("old_name", &employee.name)
            .record(conn, ctx)?;
    }
    if let Some(role) = changes.role.filter(|role| *role != employee.role) {
        set_role(conn, ctx, actor, firm, employee, role)?;
    }
    if let Some(status) = changes.status.filter(|status| *status != employee.status) {
        set_status(conn, ctx, actor, firm, employee, status)?;
    }
    Ok(())
}

fn set_role(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    employee: &EmployeeRecord,
    role: EmployeeRole,
) -> Outcome<()> {
    let watch = Watch::employee(conn, firm, &employee.id)?;
    employees::set_role(conn, firm, &employee.id, role)?;
    watch.tell(conn, ctx, Some(actor), AccessReason::RoleChanged)?;
    Change::by(actor, Action::EmployeeRoleChanged)
        .in_firm(&firm.as_ref())
        .on(&employee.id, &employee.name)
        .with("old_role", employee.role)
        .with("role", role)
        .record(conn, ctx)?;
    match employee.user_id()? {
        Some(user) if role == EmployeeRole::Bookkeeper => {
            power::cancel_invitations_by(conn, ctx, actor, firm, &user)
        }
        _ => Ok(()),
    }
}

fn set_status(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    employee: &EmployeeRecord,
    status: EmployeeStatus,
) -> Outcome<()> {
    // Nobody becomes "invited" by hand, and an invited employee becomes "active" by the mailed link only.
    let (Some(user), EmployeeStatus::Active | EmployeeStatus::Deactivated) = (employee.user_id()?, status)
    else {
        return Err(Refusal::EmployeeInvited.into());
    };
    let (action, event, reason) = if status == EmployeeStatus::Active {
        (Action::EmployeeReactivated, WebhookEventType::EmployeeReactivated, AccessReason::Reactivated)
    } else {
        (Action::EmployeeDeactivated, WebhookEventType::EmployeeDeactivated, AccessReason::Deactivated)
    };
    let event = Event::by(actor, event).of_firm(&firm.as_ref()).about(employee.to_webhook_person(&user));
    let watch = Watch::employee(conn, firm, &employee.id)?.saying(event);
    employees::set_status(conn, firm, &employee.id, status)?;
    watch.tell(conn, ctx, Some(actor), reason)?;
    Change::by(actor, action).in_firm(&firm.as_ref()).on(&employee.id, &employee.name).record(conn, ctx)?;
    if status == EmployeeStatus::Deactivated {
        power::cancel_invitations_by(conn, ctx, actor, firm, &user)?;
        tell_access_ended(conn, ctx, firm, employee)?;
    }
    Ok(())
}

/// Tells somebody that they do not work for the firm any more.
pub fn tell_access_ended(
    conn: &mut Conn,
    ctx: &Ctx,
    firm: &FirmScope,
    employee: &EmployeeRecord,
) -> Outcome<()> {
    let mail = Mail::AccessEnded {
        name: employee.name.to_string(),
        place_name: firm.name().to_string(),
        kind: EndedAccess::Firm,
    };
    post::notice(conn, ctx, &employee.email(), &mail)
}
