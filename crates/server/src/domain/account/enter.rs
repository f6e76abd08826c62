//! What happens when somebody switches to an account: the rule is asked, and nothing is written.

use portal_api_types::AccountId;

use crate::auth::scope::PersonScope;
use crate::db::Conn;
use crate::domain::{Ctx, Outcome, Refusal};
use crate::store::access::{self, Entry};

/// The person's strongest way into the account, now.
pub fn enter(conn: &mut Conn, ctx: &Ctx, person: &PersonScope, account: &AccountId) -> Outcome<Entry> {
    access::enter(conn, person.user_id(), person.session_id(), account, ctx.now)?
        .ok_or_else(|| Refusal::NotFound("There is no such account, or you have no access to it.").into())
}
