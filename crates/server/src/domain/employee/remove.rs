//! What happens when an admin removes an employee for good: assignments, an open invitation and the invitations that the
//! employee made go too. Somebody who comes back starts from nothing.

use portal_api_types::{AccessReason, EmployeeId, EmployeeStatus};

use super::{power, read, update};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::watch::Watch;
use crate::domain::{Actor, Ctx, Outcome, post};
use crate::store::{employees, invitations};

/// Removes the employee.
pub fn remove(conn: &mut Conn, ctx: &Ctx, actor: &Actor, firm: &FirmScope, id: &EmployeeId) -> Outcome<()> {
    power::lock(conn, firm)?;
    let employee = read::find(conn, firm, id)?;
    power::check_not_last_admin(conn, firm, &employee)?;
    power::check_still_admin(conn, firm, actor)?;
    if let Some(open) = invitations::open_of_employee(conn, firm, id)? {
        post::withdraw(conn, ctx, &open.token_hash)?;
    }
    if let Some(user) = employee.user_id()? {
        power::cancel_invitations_by(conn, ctx, actor, firm, &user)?;
    }
    let watch = Watch::employee(conn, firm, id)?;
    employees::delete(conn, firm, id)?;
    watch.tell(conn, ctx, Some(actor), AccessReason::Removed)?;
    if employee.status == EmployeeStatus::Active {
        update::tell_access_ended(conn, ctx, firm, &employee)?;
    }
    Change::by(actor, Action::EmployeeRemoved)
        .in_firm(&firm.as_ref())
        .on(id, &employee.name)
        .with("email", employee.email())
        .record(conn, ctx)
}
