//! What an employee may open.

use portal_api_types::{EmployeeAccount, EmployeeId, EmployeeStatus};

use super::read;
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Outcome, paging};
use crate::store::access::lists::{self, Span, Whose};
use crate::store::{After, assignments};

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
            let read =
                |conn: &mut Conn, span: &Span, limit| lists::of_employee(conn, firm, id, &user, span, limit);
            let whose = Whose::Employee(id);
            paging::page(conn, whose, "", after, limit + 1, read, |account| account.id.as_str())
        }
        _ => assignments::list_of(conn, firm, id, after, limit + 1),
    }
}
