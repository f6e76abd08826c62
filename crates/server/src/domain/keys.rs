//! The key of links and secrets belongs to the database as the database belongs to it. A process with another key would send
//! mails with dead links, and events that no receiver can verify: it is found out before it sends anything.

use crate::db::Conn;
use crate::domain::{Ctx, Outcome};
use crate::store::keys_in_use;

/// Whether this process has the key that the database is used with. The first that asks says which one it is.
pub fn are_in_use(conn: &mut Conn, ctx: &Ctx) -> Outcome<bool> {
    let own = ctx.links.fingerprint();
    keys_in_use::insert_first(conn, &own, ctx.now)?;
    Ok(keys_in_use::fingerprint(conn)?.is_some_and(|used| used == own))
}

/// From now on the database is used with the key of this process: the one before is lost. Answers whether that is a change.
pub fn adopt(conn: &mut Conn, ctx: &Ctx) -> Outcome<bool> {
    let own = ctx.links.fingerprint();
    if keys_in_use::fingerprint(conn)?.is_some_and(|used| used == own) {
        return Ok(false);
    }
    keys_in_use::replace(conn, &own, ctx.now)?;
    Ok(true)
}
