//! What happens when the operator suspends a person or resumes them: they are refused everywhere while they are suspended, and
//! no session, place or access of theirs ends by it. Owners and admins read of it where the person is.

use portal_api_types::{AccessReason, OperatorUser, UserId, UserStatus};

use super::read;
use crate::auth::scope::OperatorScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change, record_all};
use crate::domain::webhook::watch::Watch;
use crate::domain::{Ctx, Outcome};
use crate::store::directory;

/// Gives the person this status, and answers their new state.
pub fn set(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    id: &UserId,
    status: UserStatus,
) -> Outcome<OperatorUser> {
    let watch = Watch::person(conn, id)?;
    if directory::set_user_status(conn, operator, id, status)? {
        let (action, reason) = match status {
            UserStatus::Active => (Action::UserResumed, AccessReason::Resumed),
            UserStatus::Suspended => (Action::UserSuspended, AccessReason::Suspended),
        };
        watch.tell(conn, ctx, None, reason)?;
        let user = read::user(conn, operator, id)?;
        let change = || Change::by(operator, action).on(&user.id, &user.name);
        let accounts = directory::accounts_of_user(conn, operator, id)?;
        let firms = directory::firms_of_user(conn, operator, id)?;
        let in_accounts = accounts.iter().map(|account| change().in_account(account));
        let in_firms = firms.iter().map(|firm| change().in_firm(firm));
        // Of somebody who is nowhere, the operator's trail alone tells.
        let nowhere = (accounts.is_empty() && firms.is_empty()).then(change);
        record_all(conn, ctx, in_accounts.chain(in_firms).chain(nowhere))?;
    }
    read::user(conn, operator, id)
}
