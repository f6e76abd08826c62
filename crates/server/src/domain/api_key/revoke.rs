//! What happens when a key is revoked: neither its secret nor any token that was given out for it opens anything, at once.

use portal_api_types::{ApiKeyId, ApiKeyRef, UserId};

use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::{Actor, Ctx, Outcome, Refusal, member};
use crate::store::api_keys;

/// An owner revokes a key, whoever made it.
pub fn revoke(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    id: &ApiKeyId,
) -> Outcome<()> {
    member::power::check_still_owner(conn, account, actor)?;
    let not_here = Refusal::NotFound("There is no such API key in this account.");
    let key = api_keys::find(conn, account, id)?.ok_or(not_here.clone())?;
    if end(conn, ctx, actor, account, &key)? { Ok(()) } else { Err(not_here.into()) }
}

/// Ends the keys of somebody who is taken out of the account. They are dead by the rule already; but who comes back one day
/// starts from nothing.
pub fn all_made_by(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    owner: &UserId,
) -> Outcome<()> {
    for key in api_keys::made_by(conn, account, owner)? {
        end(conn, ctx, actor, account, &key)?;
    }
    Ok(())
}

fn end(conn: &mut Conn, ctx: &Ctx, actor: &Actor, account: &AccountScope, key: &ApiKeyRef) -> Outcome<bool> {
    if !api_keys::mark_revoked(conn, account, &key.id, ctx.now)? {
        return Ok(false);
    }
    Change::by(actor, Action::ApiKeyRevoked)
        .in_account(&account.as_ref())
        .on(&key.id, &key.name)
        .record(conn, ctx)?;
    Ok(true)
}
