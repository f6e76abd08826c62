//! Which of some pairs are assigned: what a part of the table of employees and accounts shows.

use portal_api_types::{AccountId, Assignments, EmployeeId};

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::store::pairs;

/// The pairs of these employees and these accounts that are assigned. Those that are not the firm's are none.
pub fn list(
    conn: &mut Conn,
    firm: &FirmScope,
    employees: &[EmployeeId],
    accounts: &[AccountId],
) -> Outcome<Assignments> {
    Ok(Assignments { items: pairs::among(conn, firm, employees, accounts)? })
}
