//! What every change of an employee's power has in common: the firm's row is taken first, so that such changes queue; the
//! firm keeps an active admin; and with the power to invite go the open invitations made by it.

use portal_api_types::UserId;

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::invitation::cancel::{Place, withdraw};
use crate::domain::{Actor, Ctx, Outcome, Refusal};
use crate::store::employees::{self, EmployeeRecord};
use crate::store::{firms, invitations};

/// Takes the firm's row.
pub fn lock(conn: &mut Conn, firm: &FirmScope) -> Outcome<()> {
    firms::lock(conn, firm.id())
}

/// Whoever was an admin when the request came may have lost that since: while its body came, or while it waited for a row. From
/// here on it stays so until the transaction ends.
pub fn check_still_admin(conn: &mut Conn, firm: &FirmScope, actor: &Actor) -> Outcome<()> {
    if employees::is_active_admin(conn, firm, &actor.user_id)? {
        Ok(())
    } else {
        Err(Refusal::NotFound("There is no such firm, or you do not work for it.").into())
    }
}

/// Whether nobody else is an active admin of the firm.
pub fn is_last_admin(conn: &mut Conn, firm: &FirmScope, employee: &EmployeeRecord) -> Outcome<bool> {
    Ok(employee.is_active_admin() && employees::count_active_admins(conn, firm)? == 1)
}

/// Refuses to take away the firm's last active admin.
pub fn check_not_last_admin(conn: &mut Conn, firm: &FirmScope, employee: &EmployeeRecord) -> Outcome<()> {
    if is_last_admin(conn, firm, employee)? {
        return Err(Refusal::LastAdmin.into());
    }
    Ok(())
}

/// Cancels the open invitations that somebody made as an admin. Else a leaver could come back through one.
pub fn cancel_invitations_by(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    inviter: &UserId,
) -> Outcome<()> {
    for open in invitations::open_in_firm_by(conn, firm, inviter)? {
        withdraw(conn, ctx, actor, &Place::Firm(firm.as_ref()), &open)?;
    }
    Ok(())
}
