//! Access tokens that were revoked one by one. Whether one is, the statements in [`super::access`] ask by themselves.

use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;

/// Revokes the token with this `jti`; again changes nothing.
pub fn insert(conn: &mut Conn, jti: &str, expires_at: Time) -> Outcome<()> {
    diesel::sql_query(
        "INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING",
    )
    .bind::<Text, _>(jti)
    .bind::<Timestamp, _>(expires_at)
    .execute(conn)?;
    Ok(())
}
