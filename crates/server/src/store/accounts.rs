//! Client accounts.

use std::collections::{BTreeSet, HashMap};

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

/// Those of these accounts that are there, by name.
pub fn references<'a>(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = &'a AccountId>,
) -> Outcome<Vec<AccountRef>> {
    let mut found = Vec::new();
    for chunk in chunks(ids) {
        let rows: Vec<(String, String)> = accounts::table
            .filter(accounts::id.eq_any(chunk))
            .order(accounts::id)
            .select((accounts::id, accounts::name))
            .load(conn)?;
        for (id, name) in rows {
            found.push(AccountRef { id: parse(&id)?, name: parse(&name)? });
        }
    }
    Ok(found)
}

/// What the operator's own product calls those of these accounts that it has a name for.
pub fn external_ids<'a>(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = &'a AccountId>,
) -> Outcome<HashMap<AccountId, ExternalId>> {
    let mut found = HashMap::new();
    for chunk in chunks(ids) {
        let rows: Vec<(String, Option<String>)> = accounts::table
            .filter(accounts::id.eq_any(chunk).and(accounts::external_id.is_not_null()))
            .select((accounts::id, accounts::external_id))
            .load(conn)?;
        for (id, external_id) in rows {
            if let Some(external_id) = external_id {
                found.insert(parse(&id)?, parse(&external_id)?);
            }
        }
    }
    Ok(found)
}

/// Each once, in pieces that stay below every database's limit of parameters.
fn chunks<'a>(ids: impl IntoIterator<Item = &'a AccountId>) -> Vec<Vec<&'a str>> {
    let unique: BTreeSet<&str> = ids.into_iter().map(AccountId::as_str).collect();
    unique.into_iter().collect::<Vec<_>>().chunks(1_000).map(<[_]>::to_vec).collect()
}
