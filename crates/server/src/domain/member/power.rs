//! What every change by an owner has in common.

use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::{Actor, Outcome, Refusal};
use crate::store::{api_keys, members};

/// Whoever was an owner when the request came may have lost that since: while its body came, or while it waited for a row. From
/// here on it stays so until the transaction ends. A program acts by its key, and by the right of the owner who made it.
pub fn check_still_owner(conn: &mut Conn, account: &AccountScope, actor: &Actor) -> Outcome<()> {
    let key_lives = match &actor.api_key {
        Some(key) => api_keys::find(conn, account, &key.id)?.is_some(),
        None => true,
    };
    if key_lives && members::is_active_owner(conn, account, &actor.user_id)? {
        Ok(())
    } else {
        Err(Refusal::NotFound("There is no such account, or you have no access to it.").into())
    }
}
