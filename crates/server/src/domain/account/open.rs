//! What happens when somebody opens an account: they are its owner.

use portal_api_types::{AccountId, AccountRef, AccountRole, MemberRole, MyAccount, Name};

use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::{Actor, Ctx, Outcome};
use crate::store::{accounts, members};

/// Opens an account.
pub fn open(conn: &mut Conn, ctx: &Ctx, actor: &Actor, name: &Name) -> Outcome<MyAccount> {
    let id = AccountId::from_uuid(ctx.new_uuid());
    accounts::insert(conn, &id, name, None, ctx.now)?;
    members::insert(conn, &id, &actor.user_id, MemberRole::Owner, ctx.now)?;
    let account = AccountRef { id, name: name.clone() };
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
