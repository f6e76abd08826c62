//! One employee, with what would go with them.

use portal_api_types::{Employee, EmployeeDetail, EmployeeId};

use super::list::row;
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Outcome, Refusal};
use crate::store::employees::{self, EmployeeRecord};
use crate::store::{firms, invitations};

/// The firm's employee, or a refusal that does not tell whether another firm has one.
pub fn find(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId) -> Outcome<EmployeeRecord> {
    employees::read(conn, firm, id)?
        .ok_or_else(|| Refusal::NotFound("There is no such employee in this firm.").into())
}

/// The employee's row.
pub fn read_row(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId) -> Outcome<Employee> {
    let record = find(conn, firm, id)?;
    Ok(row(record, firms::count_accounts(conn, firm)?))
}

/// The employee, and the open invitations that the employee made.
pub fn read(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId) -> Outcome<EmployeeDetail> {
    let user = find(conn, firm, id)?.user_id()?;
    let mut open_invitations = Vec::new();
    if let Some(user) = user {
        for open in invitations::open_in_firm_by(conn, firm, &user)? {
            open_invitations.extend(open.as_open_invitation()?);
        }
    }
    Ok(EmployeeDetail { employee: read_row(conn, firm, id)?, open_invitations })
}
