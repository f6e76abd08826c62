//! A page of accounts by the rule of access, out of the spans that the rule is asked about.

use crate::db::Conn;
use crate::domain::Outcome;
use crate::store::After;
use crate::store::access::lists::{self, Span, Whose};

/// Behind every id, which are ASCII letters, digits and `_`.
const LAST: &str = "~";

/// Reads up to `wanted` accounts behind a place, each once. `read` answers what the rule allows in a span, with each account's sort
/// key; `id` tells which account it is.
pub fn page<T>(
    conn: &mut Conn,
    whose: Whose<'_>,
    q: &str,
    after: Option<&After<String>>,
    wanted: usize,
    read: impl Fn(&mut Conn, &Span, usize) -> Outcome<Vec<(T, String)>>,
    id: impl Fn(&T) -> &str,
) -> Outcome<Vec<(T, String)>> {
    let mut found: Vec<(T, String)> = Vec::with_capacity(wanted);
    let mut after = after.cloned().unwrap_or_default();
    let mut candidates = wanted;
    loop {
        let until = lists::until(conn, whose, q, &after, candidates)?;
        let span = Span { after, until };
        let rows = read(conn, &span, wanted)?;
        let cut = rows.len() == wanted;
        for (account, key) in rows {
            // Somebody may have two ways into one account; the first is the strongest.
            if found.last().is_none_or(|(last, _)| id(last) != id(&account)) {
                found.push((account, key));
            }
        }
        found.truncate(wanted);
        if found.len() == wanted {
            return Ok(found);
        }
        after = match (found.last().filter(|_| cut), span.until) {
            (Some((account, key)), _) => After { key: key.clone(), id: id(account).to_owned() },
            (None, Some(until)) => {
                // Many were refused, and more may be.
                candidates *= 2;
                After { key: until, id: LAST.to_owned() }
            }
            (None, None) => return Ok(found),
        };
    }
}
