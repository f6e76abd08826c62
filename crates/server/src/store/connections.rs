//! Which firm is connected to which account.

use diesel::prelude::*;
use portal_api_types::{AccountId, AccountRef, ClientAccount, ConnectionStatus, Email, FirmId};

use super::{After, contains, named, parse};
use crate::auth::scope::{AccountScope, FirmScope};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{account_members, accounts, firm_accounts, firms, users};

/// Connects a firm to an account. Fails as a duplicate when it is connected already.
pub fn insert(conn: &mut Conn, firm: &FirmId, account: &AccountId, now: Time) -> Outcome<()> {
    diesel::insert_into(firm_accounts::table)
        .values((
            firm_accounts::firm_id.eq(firm.as_str()),
            firm_accounts::account_id.eq(account.as_str()),
            firm_accounts::connected_at.eq(now),
        ))
        .execute(conn)?;
    Ok(())
}

/// Cuts a firm off from an account, with all its assignments there; false when it was not connected.
pub fn delete(conn: &mut Conn, firm: &FirmId, account: &AccountId) -> Outcome<bool> {
    let deleted =
        diesel::delete(firm_accounts::table.find((firm.as_str(), account.as_str()))).execute(conn)?;
    Ok(deleted == 1)
}

/// A firm in an account.
pub struct ConnectedFirm {
    /// The firm's id.
    pub id: FirmId,
    /// The firm's name.
    pub name: portal_api_types::Name,
    /// The firm's main e-mail.
    pub email: Email,
    /// Always connected.
    pub status: ConnectionStatus,
}

/// The firms in the account, the first to come first.
pub fn firms_of(conn: &mut Conn, account: &AccountScope) -> Outcome<Vec<ConnectedFirm>> {
    let rows: Vec<(String, String, String, String)> = firm_accounts::table
        .inner_join(firms::table.on(firms::id.eq(firm_accounts::firm_id)))
        .filter(firm_accounts::account_id.eq(account.id().as_str()))
        .order((firm_accounts::connected_at, firm_accounts::firm_id))
        .select((firms::id, firms::name, firms::email, firms::email_display))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, name, email, display)| {
            Ok(ConnectedFirm {
                id: parse(&id)?,
                name: parse(&name)?,
                email: Email::from_stored(email, display),
                status: ConnectionStatus::Connected,
            })
        })
        .collect()
}

/// The firm in the account with this id.
pub fn firm_of(
    conn: &mut Conn,
    account: &AccountScope,
    firm: &FirmId,
) -> Outcome<Option<portal_api_types::FirmRef>> {
    let name: Option<String> = firm_accounts::table
        .inner_join(firms::table.on(firms::id.eq(firm_accounts::firm_id)))
        .filter(
            firm_accounts::account_id.eq(account.id().as_str()).and(firm_accounts::firm_id.eq(firm.as_str())),
        )
        .select(firms::name)
        .first(conn)
        .optional()?;
    name.map(|name| Ok(portal_api_types::FirmRef { id: firm.clone(), name: parse(&name)? })).transpose()
}

/// The firm's client account with this id.
pub fn account_of(conn: &mut Conn, firm: &FirmScope, account: &AccountId) -> Outcome<Option<AccountRef>> {
    Ok(accounts_of(conn, firm, std::slice::from_ref(account))?.pop())
}

/// Those of these ids that are client accounts of the firm. One that the operator has suspended is none meanwhile.
pub fn accounts_of(conn: &mut Conn, firm: &FirmScope, ids: &[AccountId]) -> Outcome<Vec<AccountRef>> {
    let found = named(
        conn,
        firm,
        ids,
        "SELECT x.name FROM firm_accounts c JOIN accounts x ON x.id = c.account_id \
         WHERE c.firm_id = $1 AND c.account_id = p.value ->> 0 AND x.status = 'active'",
    )?;
    Ok(found.into_iter().map(|(id, name)| AccountRef { id, name }).collect())
}

/// The name of an account's first owner, in a query of accounts.
#[diesel::dsl::auto_type]
pub(super) fn first_owner() -> _ {
    account_members::table
        .inner_join(users::table.on(users::id.eq(account_members::user_id)))
        .filter(account_members::account_id.eq(accounts::id).and(account_members::role.eq("owner")))
        .order((account_members::created_at, account_members::user_id))
        .select(users::name)
        .limit(1_i64)
        .single_value()
}

/// A client account as it is in a list.
type Row = (String, String, Option<String>, Time, i64);

#[diesel::dsl::auto_type]
fn row() -> _ {
    let owner: first_owner = first_owner();
    (accounts::id, accounts::name, owner, firm_accounts::connected_at, firm_accounts::employee_count)
}

fn parse_row((id, name, owner, connected_at, employee_count): Row) -> Outcome<ClientAccount> {
    Ok(ClientAccount {
        id: parse(&id)?,
        name: parse(&name)?,
        owner_name: parse(&owner.unwrap_or_default())?,
        connected_at: connected_at.and_utc(),
        employee_count,
    })
}

/// The firm's client account with this id, as it is in a list.
pub fn read_account(
    conn: &mut Conn,
    firm: &FirmScope,
    account: &AccountId,
) -> Outcome<Option<ClientAccount>> {
    let row: Option<Row> = firm_accounts::table
        .inner_join(accounts::table.on(accounts::id.eq(firm_accounts::account_id)))
        .filter(firm_accounts::firm_id.eq(firm.id().as_str()))
        .filter(firm_accounts::account_id.eq(account.as_str()).and(accounts::status.eq("active")))
        .select(row())
        .first(conn)
        .optional()?;
    row.map(parse_row).transpose()
}

/// All client accounts of the firm, by name: what an admin sees.
pub fn list_accounts(
    conn: &mut Conn,
    firm: &FirmScope,
    q: &str,
    unassigned: bool,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<ClientAccount>> {
    let mut query = firm_accounts::table
        .inner_join(accounts::table.on(accounts::id.eq(firm_accounts::account_id)))
        .filter(firm_accounts::firm_id.eq(firm.id().as_str()).and(accounts::status.eq("active")))
        .into_boxed();
    if !q.is_empty() {
        query = query.filter(firm_accounts::name_key.like(contains(q)).escape('\\'));
    }
    if unassigned {
        // In the words of its index.
        query = query.filter(firm_accounts::unassigned);
    }
    if let Some(after) = after {
        query = query.filter(firm_accounts::name_key.ge(after.key.as_str())).filter(
            firm_accounts::name_key
                .gt(after.key.as_str())
                .or(firm_accounts::account_id.gt(after.id.as_str())),
        );
    }
    let rows: Vec<Row> = query
        .order((firm_accounts::name_key, firm_accounts::account_id))
        .limit(super::rows(limit))
        .select(row())
        .load(conn)?;
    rows.into_iter().map(parse_row).collect()
}
