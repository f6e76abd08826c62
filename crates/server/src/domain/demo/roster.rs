//! Who of the demo is what, now: also after somebody has played with it.

use portal_api_types::{EmployeeRole, EmployeeStatus, FirmRef};

use super::cast::{ADMIN, HIRES, Person, STORE_OWNERS};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::domain::employee::list::{EmployeeFilter, list as list_employees};
use crate::store::{access, firms, users};

/// Somebody of the demo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What they are, in words.
    pub role: String,
    /// Who.
    pub name: &'static str,
    /// The e-mail to sign in with.
    pub email: &'static str,
    /// Whether they have a login.
    pub has_login: bool,
    /// The accounts that they may enter, by name.
    pub accounts: Vec<String>,
}

/// Everybody of the demo.
pub fn list(conn: &mut Conn) -> Outcome<Vec<Row>> {
    let mut rows = Vec::new();
    for owner in &STORE_OWNERS {
        rows.push(row(conn, owner.person, "store owner".to_owned())?);
    }
    let firm = firms::by_email(conn, &ADMIN.address()?)?;
    for person in std::iter::once(ADMIN).chain(HIRES.iter().map(|hire| hire.person)) {
        let role = place(conn, firm.as_ref(), person)?;
        rows.push(row(conn, person, role)?);
    }
    Ok(rows)
}

fn row(conn: &mut Conn, person: Person, role: String) -> Outcome<Row> {
    let user = users::by_email(conn, &person.address()?)?;
    let accounts = match &user {
        Some(user) => access::accounts_of(conn, &user.id)?,
        None => Vec::new(),
    };
    Ok(Row {
        role,
        name: person.name,
        email: person.email,
        has_login: user.is_some(),
        accounts: accounts.into_iter().map(|account| account.name.to_string()).collect(),
    })
}

fn place(conn: &mut Conn, firm: Option<&FirmRef>, person: Person) -> Outcome<String> {
    let address = person.address()?;
    let Some(firm) = firm else { return Ok("not in the firm".to_owned()) };
    let firm = FirmScope::by_portal(firm.clone(), "the table of the demo's people");
    let filter = EmployeeFilter { q: address.as_str().to_owned(), ..EmployeeFilter::default() };
    let found = list_employees(conn, &firm, &filter, None, 10)?;
    let employee = found.into_iter().map(|(employee, _)| employee).find(|employee| employee.email == address);
    let Some(employee) = employee else { return Ok("not in the firm".to_owned()) };
    let role = match employee.role {
        EmployeeRole::Admin => "firm admin",
        EmployeeRole::Bookkeeper => "bookkeeper",
    };
    Ok(match employee.status {
        EmployeeStatus::Active => role.to_owned(),
        status => format!("{role}, {status}"),
    })
}
