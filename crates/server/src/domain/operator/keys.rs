//! The operator's keys: made, listed and revoked on the command line, and looked up at each request.

use chrono::TimeDelta;
use portal_api_types::{Name, OperatorKeyId, Secret};

use crate::auth::link::{hash, operator_secret};
use crate::clock::Time;
use crate::db::{Conn, Db};
use crate::domain::{Ctx, Outcome};
use crate::store::operator_keys;
pub use crate::store::operator_keys::{KeyRow, LiveKey};

/// How exactly it is noted when a key was used last.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Makes a key, and answers its id and its secret. The secret is not stored: nobody can read it again.
pub fn create(conn: &mut Conn, ctx: &Ctx, name: &Name) -> Outcome<(OperatorKeyId, Secret)> {
    let (id, secret) = (OperatorKeyId::from_uuid(ctx.new_uuid()), operator_secret());
    operator_keys::insert(conn, &id, name, &hash(&secret), ctx.now)?;
    Ok((id, secret))
}

/// All keys, the oldest first.
pub fn list(conn: &mut Conn) -> Outcome<Vec<KeyRow>> {
    operator_keys::list(conn)
}

/// Revokes a key: the next request with it is refused. False when there is none that works.
pub fn revoke(conn: &mut Conn, ctx: &Ctx, id: &OperatorKeyId) -> Outcome<bool> {
    operator_keys::revoke(conn, id, ctx.now)
}

/// The key with this secret, unless it was revoked; and notes that it is used.
pub async fn find(db: &Db, secret_hash: String, now: Time) -> Outcome<Option<LiveKey>> {
    let Some(key) = db.read(move |conn| operator_keys::live(conn, &secret_hash)).await? else {
        return Ok(None);
    };
    if key.last_used_at.is_none_or(|at| now - at >= USE_NOTED_EVERY) {
        let id = key.id.clone();
        let noted = db.write(move |conn| operator_keys::touch(conn, &id, now, USE_NOTED_EVERY)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "the use of an operator key could not be noted");
        }
    }
    Ok(Some(key))
}
