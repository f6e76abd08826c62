//! Where somebody is signed in.

use portal_api_types::SessionInfo;

use crate::auth::scope::PersonScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::{Ctx, Outcome};
use crate::store::{After, sessions};

/// A page of the person's living sessions, newest first; one more than asked for when there is a next page.
pub fn list(
    conn: &mut Conn,
    ctx: &Ctx,
    person: &PersonScope,
    after: Option<&After<Time>>,
    limit: usize,
) -> Outcome<Vec<SessionInfo>> {
    sessions::list(conn, person, ctx.now, after, limit + 1)
}
