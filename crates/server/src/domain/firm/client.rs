//! One client account of a firm, and who works on it.

use portal_api_types::{AccountEmployee, AccountId, ClientAccount, EmployeeId, EmployeeRole, Via};

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Outcome, Refusal};
use crate::store::employees::{self, EmployeeRecord};
use crate::store::{After, access, connections};

const NOT_OURS: Refusal = Refusal::NotFound("There is no such account among the firm's clients.");

/// The firm's client account, or a refusal that does not tell whether there is such an account elsewhere.
pub fn read(conn: &mut Conn, firm: &FirmScope, id: &AccountId) -> Outcome<ClientAccount> {
    Ok(connections::read_account(conn, firm, id)?.ok_or(NOT_OURS)?)
}

/// A page of those who are assigned to the account, and of the admins, by name; one more than asked for when there is a next
/// page, with the sort keys. Who of them gets in now is what the rule says.
pub fn list_employees(
    conn: &mut Conn,
    firm: &FirmScope,
    id: &AccountId,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<(AccountEmployee, String)>> {
    connections::account_of(conn, firm, id)?.ok_or(NOT_OURS)?;
    let found = employees::list_on(conn, firm, id, after, limit + 1)?;
    let ids: Vec<EmployeeId> = found.iter().map(|record| record.id.clone()).collect();
    let inside = access::employees_in(conn, firm, id, &ids)?;
    let employee = |record: EmployeeRecord| {
        let key = record.name_key.clone();
        let via = if record.role == EmployeeRole::Admin { Via::Admin } else { Via::Assignment };
        let row = AccountEmployee {
            has_access: inside.contains(record.id.as_str()),
            email: record.email(),
            id: record.id,
            name: record.name,
            role: record.role,
            status: record.status,
            via,
        };
        (row, key)
    };
    Ok(found.into_iter().map(employee).collect())
}
