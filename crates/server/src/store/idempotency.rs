//! What was answered to requests that came with an idempotency key.

use diesel::prelude::*;
use diesel::result::Error::DeserializationError;
use serde::de::DeserializeOwned;

use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::idempotency_keys;

/// What is kept of a request.
#[derive(Queryable)]
pub struct Kept {
    /// The hash of its body.
    pub body_hash: String,
    answer: Option<String>,
}

impl Kept {
    /// Its answer. One that cannot be read, since another version of the portal has written it, is an error and not an
    /// absence: what it answered has happened.
    pub fn answer<T: DeserializeOwned>(&self) -> Outcome<T> {
        serde_json::from_str(self.answer.as_deref().unwrap_or_default())
            .map_err(|error| DeserializationError(Box::new(error)).into())
    }
}

/// What is kept under this id, until it expires.
pub fn read(conn: &mut Conn, id: &str, now: Time) -> Outcome<Option<Kept>> {
    Ok(idempotency_keys::table
        .find(id)
        .filter(idempotency_keys::expires_at.gt(now))
        .select((idempotency_keys::body_hash, idempotency_keys::answer))
        .first(conn)
        .optional()?)
}

/// Claims the id. While the claim's transaction runs, another one waits here. Fails as a duplicate when somebody else was
/// first.
pub fn claim(conn: &mut Conn, id: &str, body_hash: &str, expires_at: Time) -> Outcome<()> {
    diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::id.eq(id),
            idempotency_keys::body_hash.eq(body_hash),
            idempotency_keys::expires_at.eq(expires_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// Keeps the answer of a claimed id.
pub fn keep(conn: &mut Conn, id: &str, answer: &str) -> Outcome<()> {
    diesel::update(idempotency_keys::table.find(id))
        .set(idempotency_keys::answer.eq(answer))
        .execute(conn)?;
    Ok(())
}

/// Forgets what is kept under this id, if it has expired.
pub fn forget(conn: &mut Conn, id: &str, now: Time) -> Outcome<()> {
    diesel::delete(idempotency_keys::table.find(id).filter(idempotency_keys::expires_at.le(now)))
        .execute(conn)?;
    Ok(())
}

/// Gives a claimed id back: its request has changed nothing.
pub fn release(conn: &mut Conn, id: &str) -> Outcome<()> {
    diesel::delete(idempotency_keys::table.find(id)).execute(conn)?;
    Ok(())
}
