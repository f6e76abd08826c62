//! What happens when somebody signs out, here or elsewhere.

use portal_api_types::SessionId;

use crate::auth::scope::PersonScope;
use crate::db::Conn;
use crate::domain::{Ctx, Outcome, Refusal};
use crate::store::sessions;

/// Ends one of the person's own sessions, at once.
pub fn end(conn: &mut Conn, ctx: &Ctx, person: &PersonScope, session: &SessionId) -> Outcome<()> {
    if sessions::end_own(conn, person, session, ctx.now)? {
        Ok(())
    } else {
        Err(Refusal::NotFound("You have no such session: it may have ended already.").into())
    }
}
