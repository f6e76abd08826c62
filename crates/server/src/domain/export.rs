//! A firm's people and assignments as tables, in the form that an import takes: what is exported and imported again changes
//! nothing.

use portal_api_types::IMPORT_EXAMPLE_EMAIL;

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::table::Column;
use crate::domain::{After, Outcome};
use crate::store::{employees, pairs};

const fn needed(name: &'static str) -> Column {
    Column { name, needed: true }
}

const fn possible(name: &'static str) -> Column {
    Column { name, needed: false }
}

/// The columns of a table of employees.
pub const EMPLOYEES: [Column; 5] =
    [needed("name"), needed("email"), needed("role"), possible("accounts"), possible("status")];
/// The columns of a table of assignments.
pub const ASSIGNMENTS: [Column; 4] =
    [needed("employee_email"), needed("account_id"), possible("account_name"), possible("action")];

/// The header of the employees' export: without their accounts, which are a table of their own.
pub const EMPLOYEES_HEADER: [&str; 4] = ["name", "email", "role", "status"];
/// The header of the assignments' export.
pub const ASSIGNMENTS_HEADER: [&str; 3] = ["employee_email", "account_id", "account_name"];

/// A table of employees to fill in: header and example.
pub const EMPLOYEES_TEMPLATE: [[&str; 4]; 2] = [
    ["name", "email", "role", "accounts"],
    ["Example: an import passes over this line", IMPORT_EXAMPLE_EMAIL, "bookkeeper", ACCOUNTS],
];
/// A table of assignments to fill in: header and example.
pub const ASSIGNMENTS_TEMPLATE: [[&str; 4]; 2] = [
    ["employee_email", "account_id", "account_name", "action"],
    [IMPORT_EXAMPLE_EMAIL, ACCOUNT, "Example: an import passes over this line", "grant"],
];
const ACCOUNT: &str = "acct_01h455vb4pex5vsknk084sn02q";
const ACCOUNTS: &str = "acct_01h455vb4pex5vsknk084sn02q acct_01h2e8kqvbfwea724h75qc655w";

/// Rows of a table, and where the next ones begin if there are more.
pub type Part<const WIDTH: usize> = (Vec<[String; WIDTH]>, Option<After<String>>);

/// The firm's people by name.
pub fn employees(
    conn: &mut Conn,
    firm: &FirmScope,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Part<4>> {
    let mut found = employees::page(conn, firm, after, limit + 1)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|last| After { key: last.name_key.clone(), id: last.id.to_string() });
    let rows = found.iter().map(|employee| {
        [
            employee.name.to_string(),
            employee.email().display().to_owned(),
            employee.role.to_string(),
            employee.status.to_string(),
        ]
    });
    Ok((rows.collect(), next))
}

/// Who works on what, by account. Accounts that the operator has suspended are none meanwhile.
pub fn assignments(
    conn: &mut Conn,
    firm: &FirmScope,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Part<3>> {
    let mut found = pairs::list(conn, firm, after, limit + 1)?;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| more);
    let next = last.map(|last| After { key: last.account_id.clone(), id: last.employee_id.clone() });
    Ok((found.into_iter().map(|row| [row.email, row.account_id, row.account_name]).collect(), next))
}
