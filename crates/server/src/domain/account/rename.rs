//! What happens when an owner renames the account.

use portal_api_types::{AccountRef, Name, WebhookEventType};

use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::tell::Event;
use crate::domain::{Actor, Ctx, Outcome};
use crate::store::accounts;

/// Renames the account.
pub fn rename(conn: &mut Conn, ctx: &Ctx, actor: &Actor, account: &AccountScope, name: &Name) -> Outcome<()> {
    accounts::rename(conn, account, name)?;
    let renamed = AccountRef { id: account.id().clone(), name: name.clone() };
    Event::by(actor, WebhookEventType::AccountRenamed)
        .in_account(&renamed)
        .renamed_from(account.name())
        .tell(conn, ctx)?;
    Change::by(actor, Action::AccountRenamed)
        .in_account(&renamed)
        .on(account.id(), name)
        .with("old_name", account.name())
        .record(conn, ctx)
}
