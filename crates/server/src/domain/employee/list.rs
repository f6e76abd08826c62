//! A firm's employees.

use portal_api_types::{Employee, EmployeeRole};

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::Outcome;
pub use crate::store::employees::EmployeeFilter;
use crate::store::employees::EmployeeRecord;
use crate::store::{After, employees, firms};

/// A page of employees by name; one more than asked for when there is a next page. With each its sort key.
pub fn list(
    conn: &mut Conn,
    firm: &FirmScope,
    filter: &EmployeeFilter,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<(Employee, String)>> {
    let all = firms::count_accounts(conn, firm)?;
    let found = employees::list(conn, firm, filter, after, limit + 1)?;
    Ok(found
        .into_iter()
        .map(|record| {
            let key = record.name_key.clone();
            (row(record, all), key)
        })
        .collect())
}

/// The row of an employee: an admin has all of the firm's accounts, a bookkeeper those assigned.
pub fn row(record: EmployeeRecord, all: i64) -> Employee {
    let email = record.email();
    Employee {
        id: record.id,
        name: record.name,
        email,
        role: record.role,
        status: record.status,
        account_count: if record.role == EmployeeRole::Admin { all } else { record.assigned },
        last_active_at: record.last_active_at.map(|at| at.and_utc()),
    }
}
