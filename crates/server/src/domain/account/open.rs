//! What happens when somebody opens an account: they are its owner.

use portal_api_types::{AccountId, AccountRef, AccountRole, MemberRole, MyAccount, Name, WebhookEventType};

use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::tell::Event;
use crate::domain::{Actor, Ctx, Outcome};
use crate::store::{accounts, members};

/// Opens an account.
pub fn open(conn: &mut Conn, ctx: &Ctx, actor: &Actor, name: &Name) -> Outcome<MyAccount> {
    let id = AccountId::from_uuid(ctx.new_uuid());
    accounts::insert(conn, &id, name, None, ctx.now)?;
    members::insert(conn, &id, &actor.user_id, MemberRole::Owner, ctx.now)?;
    let account = AccountRef { id, name: name.clone() };
    Event::by(actor, WebhookEventType::AccountOpened).in_account(&account).tell(conn, ctx)?;
    Change::by(actor, Action::AccountOpened)
        .in_account(&account)
        .on(&account.id, &account.name)
        .record(conn, ctx)?;
    Ok(MyAccount {
        id: account.id,
        name: account.name,
        role: AccountRole::Owner,
        firm: None,
        external_id: None,
    })
}
