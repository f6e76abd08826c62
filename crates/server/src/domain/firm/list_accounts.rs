//! A firm's client accounts.

use portal_api_types::{ClientAccount, EmployeeId, UserId};

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Outcome, paging};
use crate::store::access::lists::{self, Span, Whose};
use crate::store::{After, connections};

/// Which client accounts to list.
#[derive(Debug, Clone, Default)]
pub struct ClientAccountFilter {
    /// Only those whose name has this text.
    pub q: String,
    /// Only those that nobody is assigned to.
    pub unassigned: bool,
    /// Only those that this bookkeeper may act in.
    pub only_of: Option<(EmployeeId, UserId)>,
}

/// A page of client accounts by name; one more than asked for when there is a next page.
pub fn list(
    conn: &mut Conn,
    firm: &FirmScope,
    filter: &ClientAccountFilter,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<ClientAccount>> {
    let Some((employee, user)) = &filter.only_of else {
        return connections::list_accounts(conn, firm, &filter.q, filter.unassigned, after, limit + 1);
    };
    // What a bookkeeper may act in is assigned to somebody: to them.
    if filter.unassigned {
        return Ok(Vec::new());
    }
    let read =
        |conn: &mut Conn, span: &Span, limit| lists::of_bookkeeper(conn, firm, user, &filter.q, span, limit);
    let whose = Whose::Employee(employee);
    let found = paging::page(conn, whose, &filter.q, after, limit + 1, read, |account| account.id.as_str())?;
    Ok(found.into_iter().map(|(account, _)| account).collect())
}
