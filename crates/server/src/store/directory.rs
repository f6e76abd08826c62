//! The operator's view of everybody: accounts, firms and people, by their ids, which is the order of their making.

use diesel::prelude::*;
use portal_api_types::{
    AccountId, AccountRef, AccountStatus, ConnectionStatus, Email, ExternalId, FirmId, FirmRef, FirmStatus,
    MemberRole, MemberRow, Name, OperatorAccount, OperatorFirm, OperatorUser, UserId, UserStatus,
};

use super::{contains, parse, rows};
use crate::auth::scope::{AccountScope, OperatorScope};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{account_members, accounts, employees, firms, invitations, users};

/// Which rows to list.
#[derive(Debug, Clone)]
pub struct Filter<S> {
    /// Only those whose name or e-mail has this text.
    pub q: String,
    /// Only those in this state.
    pub status: Option<S>,
}

type AccountRow = (String, String, Option<String>, String, Time);
const ACCOUNT: (accounts::id, accounts::name, accounts::external_id, accounts::status, accounts::created_at) =
    (accounts::id, accounts::name, accounts::external_id, accounts::status, accounts::created_at);

fn parse_account((id, name, external_id, status, created_at): AccountRow) -> Outcome<OperatorAccount> {
    Ok(OperatorAccount {
        id: parse(&id)?,
        name: parse(&name)?,
        external_id: external_id.as_deref().map(parse).transpose()?,
        status: parse(&status)?,
        created_at: created_at.and_utc(),
    })
}

/// The account with this id.
pub fn account(conn: &mut Conn, _: &OperatorScope, id: &AccountId) -> Outcome<Option<OperatorAccount>> {
    let row: Option<AccountRow> = accounts::table.find(id.as_str()).select(ACCOUNT).first(conn).optional()?;
    row.map(parse_account).transpose()
}

/// The account with this external id.
pub fn account_by_external_id(
    conn: &mut Conn,
    _: &OperatorScope,
    external_id: &ExternalId,
) -> Outcome<Option<OperatorAccount>> {
    let row: Option<AccountRow> = accounts::table
        .filter(accounts::external_id.eq(external_id.as_str()))
        .select(ACCOUNT)
        .first(conn)
        .optional()?;
    row.map(parse_account).transpose()
}

/// Accounts.
pub fn accounts(
    conn: &mut Conn,
    _: &OperatorScope,
    filter: &Filter<AccountStatus>,
    external_id: Option<&ExternalId>,
    after: Option<&str>,
    limit: usize,
) -> Outcome<Vec<OperatorAccount>> {
    let mut query = accounts::table.into_boxed();
    if !filter.q.is_empty() {
        query = query.filter(accounts::name_key.like(contains(&filter.q)).escape('\\'));
    }
    if let Some(status) = filter.status {
        query = query.filter(accounts::status.eq(status.as_str()));
    }
    if let Some(external_id) = external_id {
        query = query.filter(accounts::external_id.eq(external_id.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(accounts::id.gt(after));
    }
    let found: Vec<AccountRow> = query.order(accounts::id).limit(rows(limit)).select(ACCOUNT).load(conn)?;
    found.into_iter().map(parse_account).collect()
}

/// The account's owners, the first to come first, and behind them who is invited to be one.
pub fn owners(conn: &mut Conn, account: &AccountScope) -> Outcome<Vec<MemberRow>> {
    type Row = (String, String, String, String);
    let there: Vec<Row> = account_members::table
        .inner_join(users::table.on(users::id.eq(account_members::user_id)))
        .filter(account_members::account_id.eq(account.id().as_str()).and(account_members::role.eq("owner")))
        .order((account_members::created_at, account_members::user_id))
        .select((users::id, users::name, users::email, users::email_display))
        .load(conn)?;
    let invited: Vec<Row> = invitations::table
        .filter(invitations::account_id.eq(account.id().as_str()).and(invitations::role.eq("owner")))
        .filter(invitations::state.eq("open"))
        .order((invitations::created_at, invitations::id))
        .select((invitations::id, invitations::name, invitations::email, invitations::email_display))
        .load(conn)?;
    let row = |name: &str, email, display, status| {
        Ok::<_, crate::domain::Failure>(MemberRow {
            user_id: None,
            invitation_id: None,
            name: parse(name)?,
            email: Email::from_stored(email, display),
            role: MemberRole::Owner,
            status,
        })
    };
    let there = there.into_iter().map(|(id, name, email, display)| {
        let row = row(&name, email, display, ConnectionStatus::Connected)?;
        Ok(MemberRow { user_id: Some(parse(&id)?), ..row })
    });
    let invited = invited.into_iter().map(|(id, name, email, display)| {
        let row = row(&name, email, display, ConnectionStatus::Invited)?;
        Ok(MemberRow { invitation_id: Some(parse(&id)?), ..row })
    });
    there.chain(invited).collect()
}

/// Gives the account a status.
pub fn set_account_status(conn: &mut Conn, account: &AccountScope, status: AccountStatus) -> Outcome<()> {
    diesel::update(accounts::table.find(account.id().as_str()))
        .set(accounts::status.eq(status.as_str()))
        .execute(conn)?;
    Ok(())
}

/// Gives the account an external id. Fails as a duplicate when another account has it.
pub fn set_external_id(conn: &mut Conn, account: &AccountScope, external_id: &ExternalId) -> Outcome<()> {
    diesel::update(accounts::table.find(account.id().as_str()))
        .set(accounts::external_id.eq(external_id.as_str()))
        .execute(conn)?;
    Ok(())
}

type PersonRow = (String, String, String, String, String, Time);

fn parse_firm((id, name, email, display, status, created_at): PersonRow) -> Outcome<OperatorFirm> {
    Ok(OperatorFirm {
        id: parse(&id)?,
        name: parse(&name)?,
        email: Email::from_stored(email, display),
        status: parse(&status)?,
        created_at: created_at.and_utc(),
    })
}

const FIRM: (firms::id, firms::name, firms::email, firms::email_display, firms::status, firms::created_at) =
    (firms::id, firms::name, firms::email, firms::email_display, firms::status, firms::created_at);

/// The firm with this id.
pub fn firm(conn: &mut Conn, _: &OperatorScope, id: &FirmId) -> Outcome<Option<OperatorFirm>> {
    let row: Option<PersonRow> = firms::table.find(id.as_str()).select(FIRM).first(conn).optional()?;
    row.map(parse_firm).transpose()
}

/// Firms.
pub fn firms(
    conn: &mut Conn,
    _: &OperatorScope,
    filter: &Filter<FirmStatus>,
    after: Option<&str>,
    limit: usize,
) -> Outcome<Vec<OperatorFirm>> {
    let mut query = firms::table.into_boxed();
    if !filter.q.is_empty() {
        let pattern = contains(&filter.q);
        let named = firms::name_key.like(pattern.clone()).escape('\\');
        query = query.filter(named.or(firms::email.like(pattern).escape('\\')));
    }
    if let Some(status) = filter.status {
        query = query.filter(firms::status.eq(status.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(firms::id.gt(after));
    }
    let found: Vec<PersonRow> = query.order(firms::id).limit(rows(limit)).select(FIRM).load(conn)?;
    found.into_iter().map(parse_firm).collect()
}

/// Gives the firm another status; false when it has it already.
pub fn set_firm_status(conn: &mut Conn, _: &OperatorScope, id: &FirmId, status: FirmStatus) -> Outcome<bool> {
    let other = firms::table.find(id.as_str()).filter(firms::status.ne(status.as_str()));
    Ok(diesel::update(other).set(firms::status.eq(status.as_str())).execute(conn)? == 1)
}

fn parse_user((id, name, email, display, status, created_at): PersonRow) -> Outcome<OperatorUser> {
    Ok(OperatorUser {
        id: parse(&id)?,
        name: parse(&name)?,
        email: Email::from_stored(email, display),
        status: parse(&status)?,
        created_at: created_at.and_utc(),
    })
}

const USER: (users::id, users::name, users::email, users::email_display, users::status, users::created_at) =
    (users::id, users::name, users::email, users::email_display, users::status, users::created_at);

/// The person with this id.
pub fn user(conn: &mut Conn, _: &OperatorScope, id: &UserId) -> Outcome<Option<OperatorUser>> {
    let row: Option<PersonRow> = users::table.find(id.as_str()).select(USER).first(conn).optional()?;
    row.map(parse_user).transpose()
}

/// People with a login.
pub fn users(
    conn: &mut Conn,
    _: &OperatorScope,
    filter: &Filter<UserStatus>,
    after: Option<&str>,
    limit: usize,
) -> Outcome<Vec<OperatorUser>> {
    let mut query = users::table.into_boxed();
    if !filter.q.is_empty() {
        let pattern = contains(&filter.q);
        let named = users::name_key.like(pattern.clone()).escape('\\');
        query = query.filter(named.or(users::email.like(pattern).escape('\\')));
    }
    if let Some(status) = filter.status {
        query = query.filter(users::status.eq(status.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(users::id.gt(after));
    }
    let found: Vec<PersonRow> = query.order(users::id).limit(rows(limit)).select(USER).load(conn)?;
    found.into_iter().map(parse_user).collect()
}

/// Gives the person another status; false when they have it already.
pub fn set_user_status(conn: &mut Conn, _: &OperatorScope, id: &UserId, status: UserStatus) -> Outcome<bool> {
    let other = users::table.find(id.as_str()).filter(users::status.ne(status.as_str()));
    Ok(diesel::update(other).set(users::status.eq(status.as_str())).execute(conn)? == 1)
}

/// The accounts that the person is in without a firm.
pub fn accounts_of_user(conn: &mut Conn, _: &OperatorScope, id: &UserId) -> Outcome<Vec<AccountRef>> {
    let found: Vec<(String, String)> = account_members::table
        .inner_join(accounts::table.on(accounts::id.eq(account_members::account_id)))
        .filter(account_members::user_id.eq(id.as_str()))
        .order(accounts::id)
        .select((accounts::id, accounts::name))
        .load(conn)?;
    found.iter().map(|(id, name)| Ok(AccountRef { id: parse(id)?, name: parse::<Name>(name)? })).collect()
}

/// The firms that the person has a place in.
pub fn firms_of_user(conn: &mut Conn, _: &OperatorScope, id: &UserId) -> Outcome<Vec<FirmRef>> {
    let found: Vec<(String, String)> = employees::table
        .inner_join(firms::table.on(firms::id.eq(employees::firm_id)))
        .filter(employees::user_id.eq(id.as_str()))
        .order(firms::id)
        .select((firms::id, firms::name))
        .load(conn)?;
    found.iter().map(|(id, name)| Ok(FirmRef { id: parse(id)?, name: parse::<Name>(name)? })).collect()
}
