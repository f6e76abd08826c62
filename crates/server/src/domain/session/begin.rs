//! What happens when somebody has proved who they are: a session begins.

use chrono::TimeDelta;
use portal_api_types::{Secret, SessionId, UserRef};

use crate::auth::link::{hash, random_secret};
use crate::db::Conn;
use crate::domain::{Ctx, Outcome};
use crate::store::{employees, sessions};

/// How long a session lasts without being used.
pub const SESSION_LIFE: TimeDelta = TimeDelta::days(30);

/// A session, and the secret that prolongs it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// The session.
    pub session_id: SessionId,
    /// Who is signed in.
    pub user: UserRef,
    /// The refresh token, shown once.
    pub refresh_token: Secret,
}

/// Begins a session.
pub fn begin(conn: &mut Conn, ctx: &Ctx, user: UserRef) -> Outcome<OpenSession> {
    let session_id = SessionId::from_uuid(ctx.new_uuid());
    sessions::insert(
        conn,
        &sessions::NewSession {
            id: &session_id,
            user_id: &user.id,
            now: ctx.now,
            expires_at: ctx.now + SESSION_LIFE,
            ip: ctx.ip.as_deref(),
            user_agent: ctx.user_agent.as_deref(),
        },
    )?;
    let refresh_token = random_secret();
    sessions::insert_refresh_token(conn, &session_id, &hash(&refresh_token), ctx.now)?;
    employees::touch_person(conn, &user.id, ctx.now)?;
    Ok(OpenSession { session_id, user, refresh_token })
}
