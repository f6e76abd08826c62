//! What goes when an employee goes, for whoever is about to decide it.
//!
//! API keys and webhooks of accounts are not among it: they live by their makers' being owners of the account, which a firm
//! neither gives nor takes.

use portal_api_types::{DEPARTURE_SAMPLE, Departure, EmployeeId};

use super::{power, read};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::store::{assignments, pairs};

/// Everything that goes with the employee, or is left without anybody.
pub fn read(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId) -> Outcome<Departure> {
    let detail = read::read(conn, firm, id)?;
    let record = read::find(conn, firm, id)?;
    let accounts = assignments::list_of(conn, firm, id, None, DEPARTURE_SAMPLE)?;
    let mut open_invitations = detail.open_invitations;
    let open_invitation_count = open_invitations.len();
    open_invitations.truncate(DEPARTURE_SAMPLE);
    Ok(Departure {
        employee: detail.employee,
        is_last_admin: power::is_last_admin(conn, firm, &record)?,
        assigned_count: pairs::count(conn, firm, id)?,
        sole_count: pairs::count_sole(conn, firm, id)?,
        accounts: accounts.into_iter().map(|(account, _)| account).collect(),
        open_invitation_count,
        open_invitations,
    })
}
