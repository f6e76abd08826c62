//! What an employee may open.

use portal_api_types::{EmployeeAccount, EmployeeId, EmployeeStatus};

use super::read;
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::store::{After, access, assignments};

/// A page of the accounts that an active employee may open, by the rule; of an invited or deactivated one, those that are
/// assigned and would open. By name, one more than asked for when there is a next page, with the sort keys.
pub fn list(
    conn: &mut Conn,
    firm: &FirmScope,
    id: &EmployeeId,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<(EmployeeAccount, String)>> {
    let employee = read::find(conn, firm, id)?;
    match employee.user_id()? {
        Some(user) if employee.status == EmployeeStatus::Active => {
            access::list_of_employee(conn, firm, id, &user, after, limit + 1)
        }
        _ => assignments::list_of(conn, firm, id, after, limit + 1),
    }
}
