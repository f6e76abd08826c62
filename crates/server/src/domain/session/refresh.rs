//! What happens when a session is refreshed: the refresh token is replaced, and a replayed one ends the session. Tabs that
//! refresh at the same moment are told apart from a thief by [`GRACE`].

use chrono::TimeDelta;
use portal_api_types::{Secret, UserRef};

use super::begin::{OpenSession, SESSION_LIFE};
use crate::auth::link::hash;
use crate::db::Conn;
use crate::domain::rate_limit::network;
use crate::domain::{Ctx, Outcome, Refusal};
use crate::store::sessions::{RefreshToken, Rotation};
use crate::store::{employees, sessions, users};

/// How long after its replacement a token may come again: the tabs of a browser have one cookie, and may all send it before
/// the first answer is there; or that answer got lost. Seconds, so that a copy is worthless by the time it is used.
pub const GRACE: TimeDelta = TimeDelta::seconds(10);

/// Replaces the refresh token and prolongs the session. A refusal is an answer, not a failure: what a replay has ended
/// must stay ended (RFC 9700 section 4.14.2).
///
/// The next token is derived from this one, so that whoever comes again within the grace gets the same one: there is one
/// chain, however many ask.
pub fn refresh(conn: &mut Conn, ctx: &Ctx, token: &Secret) -> Outcome<Result<OpenSession, Refusal>> {
    let token_hash = hash(token);
    let next = ctx.links.refresh_token_after(token);
    let Some(known) = sessions::refresh_token(conn, &token_hash, ctx.now)?.filter(|known| known.alive) else {
        return Ok(Err(Refusal::Unauthenticated));
    };
    let Some(user) = users::by_id(conn, &known.user_id)? else {
        return Ok(Err(Refusal::Unauthenticated));
    };
    // The guard decides between those who come at the same moment.
    if !known.replaced && sessions::mark_replaced(conn, &token_hash, ctx.now)? {
        sessions::insert_refresh_token(conn, &known.session_id, &hash(&next), ctx.now)?;
        sessions::touch(
            conn,
            &known.session_id,
            ctx.now,
            ctx.now + SESSION_LIFE,
            ctx.ip.as_deref(),
            ctx.user_agent.as_deref(),
        )?;
        employees::touch_person(conn, &user.id, ctx.now)?;
    } else if !is_in_grace(conn, ctx, &known, &next)? {
        sessions::end(conn, &known.session_id, ctx.now)?;
        return Ok(Err(Refusal::Unauthenticated));
    }
    let user = UserRef { id: user.id.clone(), name: user.name.clone(), email: user.email() };
    Ok(Ok(OpenSession { session_id: known.session_id, user, refresh_token: next }))
}

/// Whether a token that was replaced comes from the client that replaced it, shortly after, and before the next one was used:
/// once that has happened, the client has it, and only a copy can still be the old one.
fn is_in_grace(conn: &mut Conn, ctx: &Ctx, known: &RefreshToken, next: &Secret) -> Outcome<bool> {
    let Some(Rotation { at, ip, user_agent }) =
        sessions::unused_rotation(conn, &known.session_id, &hash(next))?
    else {
        return Ok(false);
    };
    let same_client = network(ip.as_deref()) == network(ctx.ip.as_deref()) && user_agent == ctx.user_agent;
    Ok(same_client && ctx.now - at < GRACE)
}
