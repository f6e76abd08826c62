//! Sessions and their refresh tokens.

use diesel::prelude::*;
use portal_api_types::{SessionId, SessionInfo, UserId};

use super::{After, parse};
use crate::auth::scope::PersonScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{refresh_tokens, sessions, users};

/// A session to begin.
pub struct NewSession<'a> {
    /// Its id.
    pub id: &'a SessionId,
    /// Whose it is.
    pub user_id: &'a UserId,
    /// Now.
    pub now: Time,
    /// When it ends if it is not used.
    pub expires_at: Time,
    /// From which address.
    pub ip: Option<&'a str>,
    /// What the browser or program calls itself.
    pub user_agent: Option<&'a str>,
}

/// Begins a session.
pub fn insert(conn: &mut Conn, new: &NewSession<'_>) -> Outcome<()> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(new.id.as_str()),
            sessions::user_id.eq(new.user_id.as_str()),
            sessions::created_at.eq(new.now),
            sessions::last_used_at.eq(new.now),
            sessions::expires_at.eq(new.expires_at),
            sessions::ip.eq(new.ip),
            sessions::user_agent.eq(new.user_agent),
        ))
        .execute(conn)?;
    Ok(())
}

/// Gives the session its next refresh token.
pub fn insert_refresh_token(
    conn: &mut Conn,
    session: &SessionId,
    token_hash: &str,
    now: Time,
) -> Outcome<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(token_hash),
            refresh_tokens::session_id.eq(session.as_str()),
            refresh_tokens::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// A refresh token that the portal has given out.
pub struct RefreshToken {
    /// Whose session it belongs to.
    pub session_id: SessionId,
    /// Whose it is.
    pub user_id: UserId,
    /// Whether the session is alive and the person active.
    pub alive: bool,
    /// Whether it was replaced by a later one.
    pub replaced: bool,
}

/// The refresh token with this hash.
pub fn refresh_token(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<Option<RefreshToken>> {
    type Row = (String, String, Option<Time>, Option<Time>, Time, String);
    let row: Option<Row> = refresh_tokens::table
        .inner_join(sessions::table.on(sessions::id.eq(refresh_tokens::session_id)))
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select((
            sessions::id,
            sessions::user_id,
            refresh_tokens::replaced_at,
            sessions::ended_at,
            sessions::expires_at,
            users::status,
        ))
        .first(conn)
        .optional()?;
    row.map(|(session, user, replaced_at, ended_at, expires_at, status)| {
        let alive = ended_at.is_none() && expires_at > now && status == "active";
        Ok(RefreshToken {
            session_id: parse(&session)?,
            user_id: parse(&user)?,
            alive,
            replaced: replaced_at.is_some(),
        })
    })
    .transpose()
}

/// When and by which client a session got its current refresh token.
pub struct Rotation {
    /// When.
    pub at: Time,
    /// From which address.
    pub ip: Option<String>,
    /// What the browser or program called itself.
    pub user_agent: Option<String>,
}

/// How this session's refresh token with this hash came to be, as long as it has not been used itself.
pub fn unused_rotation(conn: &mut Conn, session: &SessionId, token_hash: &str) -> Outcome<Option<Rotation>> {
    let row: Option<(Time, Option<String>, Option<String>)> = refresh_tokens::table
        .inner_join(sessions::table.on(sessions::id.eq(refresh_tokens::session_id)))
        .filter(refresh_tokens::token_hash.eq(token_hash).and(sessions::id.eq(session.as_str())))
        .filter(refresh_tokens::replaced_at.is_null())
        .select((refresh_tokens::created_at, sessions::ip, sessions::user_agent))
        .first(conn)
        .optional()?;
    Ok(row.map(|(at, ip, user_agent)| Rotation { at, ip, user_agent }))
}

/// Marks a refresh token as replaced; false when somebody else was first.
pub fn mark_replaced(conn: &mut Conn, token_hash: &str, now: Time) -> Outcome<bool> {
    let replaced =
        diesel::update(refresh_tokens::table.find(token_hash).filter(refresh_tokens::replaced_at.is_null()))
            .set(refresh_tokens::replaced_at.eq(now))
            .execute(conn)?;
    Ok(replaced == 1)
}

/// Notes that the session was used, by which client, and prolongs it.
pub fn touch(
    conn: &mut Conn,
    session: &SessionId,
    now: Time,
    expires_at: Time,
    ip: Option<&str>,
    user_agent: Option<&str>,
) -> Outcome<()> {
    diesel::update(sessions::table.find(session.as_str()))
        .set((
            sessions::last_used_at.eq(now),
            sessions::expires_at.eq(expires_at),
            sessions::ip.eq(ip),
            // Browsers update themselves within the month that a session lasts.
            sessions::user_agent.eq(user_agent),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends a session whose refresh token was replayed.
pub fn end(conn: &mut Conn, session: &SessionId, now: Time) -> Outcome<()> {
    diesel::update(sessions::table.find(session.as_str()).filter(sessions::ended_at.is_null()))
        .set(sessions::ended_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Ends one of the person's sessions; false when the person has no such living session.
pub fn end_own(conn: &mut Conn, person: &PersonScope, session: &SessionId, now: Time) -> Outcome<bool> {
    let own = sessions::table
        .find(session.as_str())
        .filter(sessions::user_id.eq(person.user_id().as_str()).and(sessions::ended_at.is_null()));
    Ok(diesel::update(own).set(sessions::ended_at.eq(now)).execute(conn)? == 1)
}

/// Ends all of the person's sessions, or all but one.
pub fn end_all_of(conn: &mut Conn, user: &UserId, but: Option<&SessionId>, now: Time) -> Outcome<()> {
    let kept = but.map_or("", SessionId::as_str);
    let others = sessions::table.filter(
        sessions::user_id.eq(user.as_str()).and(sessions::id.ne(kept)).and(sessions::ended_at.is_null()),
    );
    diesel::update(others).set(sessions::ended_at.eq(now)).execute(conn)?;
    Ok(())
}

/// The person's living sessions, newest first.
pub fn list(
    conn: &mut Conn,
    person: &PersonScope,
    now: Time,
    after: Option<&After<Time>>,
    limit: usize,
) -> Outcome<Vec<SessionInfo>> {
    type Row = (String, Time, Time, Time, Option<String>, Option<String>);
    let mut query = sessions::table
        .filter(sessions::user_id.eq(person.user_id().as_str()))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)))
        .into_boxed();
    if let Some(after) = after {
        query = query
            .filter(sessions::created_at.le(after.key))
            .filter(sessions::created_at.lt(after.key).or(sessions::id.lt(after.id.as_str())));
    }
    let rows: Vec<Row> = query
        .order((sessions::created_at.desc(), sessions::id.desc()))
        .limit(super::rows(limit))
        .select((
            sessions::id,
            sessions::created_at,
            sessions::last_used_at,
            sessions::expires_at,
            sessions::ip,
            sessions::user_agent,
        ))
        .load(conn)?;
    let own = person.session_id();
    rows.into_iter()
        .map(|(id, created_at, last_used_at, expires_at, ip, user_agent)| {
            let id: SessionId = parse(&id)?;
            let current = &id == own;
            Ok(SessionInfo {
                id,
                created_at: created_at.and_utc(),
                last_used_at: last_used_at.and_utc(),
                expires_at: expires_at.and_utc(),
                ip,
                user_agent,
                current,
            })
        })
        .collect()
}
