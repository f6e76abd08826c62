//! The keys of an account, and which of them work.

use portal_api_types::ApiKey;

use crate::auth::scope::AccountScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::{Ctx, Outcome};
use crate::store::access::by_key;
use crate::store::{After, api_keys};

/// A page of the keys that are not revoked, newest first; one more than asked for when there is a next page.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    account: &AccountScope,
    after: Option<&After<Time>>,
    limit: usize,
) -> Outcome<Vec<ApiKey>> {
    let owners = by_key::owners(conn, account)?;
    let mut keys = api_keys::list(conn, account, ctx.now, after, limit + 1)?;
    for key in &mut keys {
        key.active &= owners.contains(&key.created_by.user_id);
    }
    Ok(keys)
}
