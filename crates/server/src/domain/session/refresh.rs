//! What happens when a session is refreshed: the refresh token is replaced, and a replayed one ends the session.

use portal_api_types::{Secret, UserRef};

use super::begin::{OpenSession, SESSION_LIFE};
use crate::auth::link::{hash, random_secret};
use crate::db::Conn;
use crate::domain::{Ctx, Outcome, Refusal};
use crate::store::{employees, sessions, users};

/// Replaces the refresh token and prolongs the session. A refusal is an answer, not a failure: what a replay has ended
/// must stay ended (RFC 9700 section 4.14.2).
pub fn refresh(conn: &mut Conn, ctx: &Ctx, token: &Secret) -> Outcome<Result<OpenSession, Refusal>> {
    let token_hash = hash(token);
    let Some(known) = sessions::refresh_token(conn, &token_hash, ctx.now)? else {
        return Ok(Err(Refusal::Unauthenticated));
    };
    if known.replaced {
        sessions::end(conn, &known.session_id, ctx.now)?;
        return Ok(Err(Refusal::Unauthenticated));
    }
    if !known.usable {
        return Ok(Err(Refusal::Unauthenticated));
    }
    if !sessions::mark_replaced(conn, &token_hash, ctx.now)? {
        // Used twice at the same moment: a replay too.
        sessions::end(conn, &known.session_id, ctx.now)?;
        return Ok(Err(Refusal::Unauthenticated));
    }
    let Some(user) = users::by_id(conn, &known.user_id)? else {
        return Ok(Err(Refusal::Unauthenticated));
    };
    let next = random_secret();
    sessions::insert_refresh_token(conn, &known.session_id, &hash(&next), ctx.now)?;
    sessions::touch(conn, &known.session_id, ctx.now, ctx.now + SESSION_LIFE, ctx.ip.as_deref())?;
    employees::touch_person(conn, &user.id, ctx.now)?;
    let user = UserRef { id: user.id.clone(), name: user.name.clone(), email: user.email() };
    Ok(Ok(OpenSession { session_id: known.session_id, user, refresh_token: next }))
}
