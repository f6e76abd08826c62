//! Client accounts.

use diesel::prelude::*;
use portal_api_types::{AccountId, AccountRef, ExternalId, Name};

use super::parse;
use crate::auth::scope::AccountScope;
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::accounts;

/// Opens an account. Fails as a duplicate when the external id is taken.
pub fn insert(
    conn: &mut Conn,
    id: &AccountId,
    name: &Name,
    external_id: Option<&ExternalId>,
    now: Time,
) -> Outcome<()> {
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(id.as_str()),
            accounts::name.eq(name.as_str()),
            accounts::name_key.eq(name.sort_key()),
            accounts::external_id.eq(external_id.map(ExternalId::as_str)),
            accounts::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Renames the account.
pub fn rename(conn: &mut Conn, account: &AccountScope, name: &Name) -> Outcome<()> {
    diesel::update(accounts::table.find(account.id().as_str()))
        .set((accounts::name.eq(name.as_str()), accounts::name_key.eq(name.sort_key())))
        .execute(conn)?;
    Ok(())
}

/// Takes the account's row for this transaction: changes of who is in the account queue here.
pub fn lock(conn: &mut Conn, account: &AccountScope) -> Outcome<()> {
    diesel::update(accounts::table.find(account.id().as_str()))
        .set(accounts::version.eq(accounts::version + 1))
        .execute(conn)?;
    Ok(())
}

/// The account with this id, by name: for what an invitation that was accepted points at.
pub fn reference(conn: &mut Conn, id: &AccountId) -> Outcome<Option<AccountRef>> {
    let name: Option<String> =
        accounts::table.find(id.as_str()).select(accounts::name).first(conn).optional()?;
    name.map(|name| Ok(AccountRef { id: id.clone(), name: parse(&name)? })).transpose()
}
