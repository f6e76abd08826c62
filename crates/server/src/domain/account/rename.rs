//! What happens when an owner, or the operator, renames the account.

use portal_api_types::{AccountRef, Name, WebhookEventType};

use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::tell::Event;
use crate::domain::{By, Ctx, Outcome, member};
use crate::store::accounts;

/// Renames the account.
pub fn rename<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    who: impl Into<By<'a>>,
    account: &AccountScope,
    name: &Name,
) -> Outcome<()> {
    let who = who.into();
    accounts::rename(conn, account, name)?;
    if let By::Person(actor) = who {
        member::power::check_still_owner(conn, account, actor)?;
    }
    let renamed = AccountRef { id: account.id().clone(), name: name.clone() };
    Event::by(who, WebhookEventType::AccountRenamed)
        .in_account(&renamed)
        .renamed_from(account.name())
        .tell(conn, ctx)?;
    Change::by(who, Action::AccountRenamed)
        .in_account(&renamed)
        .on(account.id(), name)
        .with("old_name", account.name())
        .record(conn, ctx)
}
