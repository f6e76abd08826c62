//! What the switcher shows.

use portal_api_types::MyAccount;

use crate::auth::scope::PersonScope;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::store::{After, access};

/// A page of the accounts that the person may act in, by name, each once with its strongest way in; one more than asked
/// for when there is a next page. The second half of each pair is the sort key.
pub fn list(
    conn: &mut Conn,
    person: &PersonScope,
    q: &str,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<(MyAccount, String)>> {
    let wanted = limit + 1;
    let mut found: Vec<(MyAccount, String)> = Vec::with_capacity(wanted);
    let mut after = after.cloned();
    loop {
        let ways = access::list_of_person(conn, person, q, after.as_ref(), wanted)?;
        let exhausted = ways.len() < wanted;
        for (account, key) in ways {
            // Somebody may have two ways into one account; the first is the strongest.
            if found.last().is_none_or(|(last, _)| last.id != account.id) {
                found.push((account, key));
            }
        }
        found.truncate(wanted);
        if exhausted || found.len() == wanted {
            return Ok(found);
        }
        after = found.last().map(|(account, key)| After { key: key.clone(), id: account.id.to_string() });
    }
}
