//! What the switcher shows.

use portal_api_types::MyAccount;

use crate::auth::scope::PersonScope;
use crate::db::Conn;
use crate::domain::{Outcome, paging};
use crate::store::After;
use crate::store::access::lists::{self, Whose};

/// A page of the accounts that the person may act in, by name, each once with its strongest way in; one more than asked
/// for when there is a next page. The second half of each pair is the sort key.
pub fn list(
    conn: &mut Conn,
    person: &PersonScope,
    q: &str,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<(MyAccount, String)>> {
    paging::page(
        conn,
        Whose::Person(person.user_id()),
        q,
        after,
        limit + 1,
        |conn, span, limit| lists::of_person(conn, person, q, span, limit),
        |account| account.id.as_str(),
    )
}
