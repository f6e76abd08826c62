//! The rule of access, asked. The rule itself is the view `account_access`; nothing else in the portal decides who may
//! enter an account. Each function here is one question to it, and one statement.

pub mod by_key;

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use portal_api_types::{
    AccountId, AccountRef, AccountRole, EmployeeAccount, EmployeeId, EmployeeRole, EmployeeStatus,
    ExternalId, FirmId, FirmRef, MyAccount, Name, UserId, Via,
};

use super::employees::{COLLEAGUE, Colleague};
use super::{After, contains, parse, rows};
use crate::auth::scope::{AccountScope, FirmScope, PersonScope};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{account_access, accounts, employees, firms, revoked_tokens, sessions, users};

/// A person in an account, now.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The person's name.
    pub user_name: Name,
    /// The account's name.
    pub account_name: Name,
    /// When the account was opened.
    pub account_created_at: Time,
    /// What the operator's own product calls the account.
    pub external_id: Option<ExternalId>,
    /// In which role.
    pub role: AccountRole,
    /// Through which firm.
    pub firm: Option<FirmRef>,
}

type EntryRow = (String, String, Time, Option<String>, String, Option<String>, Option<String>);

fn parse_entry(row: EntryRow) -> Outcome<Entry> {
    let (user_name, account_name, created_at, external_id, role, firm_id, firm_name) = row;
    Ok(Entry {
        user_name: parse(&user_name)?,
        account_name: parse(&account_name)?,
        account_created_at: created_at,
        external_id: external_id.as_deref().map(parse).transpose()?,
        role: parse(&role)?,
        firm: parse_firm(firm_id, firm_name)?,
    })
}

fn parse_firm(id: Option<String>, name: Option<String>) -> Outcome<Option<FirmRef>> {
    match id.zip(name) {
        Some((id, name)) => Ok(Some(FirmRef { id: parse(&id)?, name: parse(&name)? })),
        None => Ok(None),
    }
}

/// May this person, by this token of this session, act in this account now? The strongest way in, or none. The one statement
/// that every request in an account costs: token not revoked, session alive, person active, and the rule.
pub fn enter(
    conn: &mut Conn,
    person: &PersonScope,
    account: &AccountId,
    now: Time,
) -> Outcome<Option<Entry>> {
    let (user, session) = (person.user_id(), person.session_id());
    let row: Option<EntryRow> = account_access::table
        .inner_join(sessions::table.on(sessions::user_id.eq(account_access::user_id)))
        .inner_join(users::table.on(users::id.eq(account_access::user_id)))
        .inner_join(accounts::table.on(accounts::id.eq(account_access::account_id)))
        .left_join(firms::table.on(firms::id.nullable().eq(account_access::firm_id)))
        .filter(
            account_access::user_id.eq(user.as_str()).and(account_access::account_id.eq(account.as_str())),
        )
        .filter(sessions::id.eq(session.as_str()))
        .filter(sessions::ended_at.is_null().and(sessions::expires_at.gt(now)))
        .filter(not(exists(revoked_tokens::table.find(person.token_id()))))
        .order((account_access::rank, account_access::firm_id))
        .select((
            users::name,
            accounts::name,
            accounts::created_at,
            accounts::external_id,
            account_access::role,
            account_access::firm_id,
            firms::name.nullable(),
        ))
        .first(conn)
        .optional()?;
    row.map(parse_entry).transpose()
}

/// A person who is signed in, now.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The person's name.
    pub user_name: Name,
}

/// Is this token not revoked, its session alive, and its person active?
pub fn identify(conn: &mut Conn, person: &PersonScope, now: Time) -> Outcome<Option<Identity>> {
    let (user, session) = (person.user_id(), person.session_id());
    let name: Option<String> = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(session.as_str()).and(sessions::user_id.eq(user.as_str())))
        .filter(
            sessions::ended_at.is_null().and(sessions::expires_at.gt(now)).and(users::status.eq("active")),
        )
        .filter(not(exists(revoked_tokens::table.find(person.token_id()))))
        .select(users::name)
        .first(conn)
        .optional()?;
    name.map(|name| Ok(Identity { user_name: parse(&name)? })).transpose()
}

/// A person in a firm, now.
#[derive(Debug, Clone)]
pub struct FirmEntry {
    /// The person's name.
    pub user_name: Name,
    /// The person's place in the firm, if there is an active one.
    pub place: Option<FirmPlace>,
}

/// An active place in a firm.
#[derive(Debug, Clone)]
pub struct FirmPlace {
    /// The firm's name.
    pub firm_name: Name,
    /// Admin or bookkeeper.
    pub role: EmployeeRole,
}

/// Is this token not revoked, its session alive and its person active, and what is the person in this firm? Nothing, in one
/// that is suspended.
pub fn enter_firm(
    conn: &mut Conn,
    person: &PersonScope,
    firm: &FirmId,
    now: Time,
) -> Outcome<Option<FirmEntry>> {
    let (user, session) = (person.user_id(), person.session_id());
    type Row = (String, Option<String>, Option<String>, Option<String>);
    let row: Option<Row> = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .left_join(
            employees::table.on(employees::user_id
                .eq(users::id.nullable())
                .and(employees::firm_id.eq(firm.as_str().to_owned()))
                .and(employees::status.eq(EmployeeStatus::Active.as_str()))),
        )
        .left_join(firms::table.on(firms::id.eq(employees::firm_id).and(firms::status.eq("active"))))
        .filter(sessions::id.eq(session.as_str()).and(sessions::user_id.eq(user.as_str())))
        .filter(
            sessions::ended_at.is_null().and(sessions::expires_at.gt(now)).and(users::status.eq("active")),
        )
        .filter(not(exists(revoked_tokens::table.find(person.token_id()))))
        .select((users::name, employees::id.nullable(), employees::role.nullable(), firms::name.nullable()))
        .first(conn)
        .optional()?;
    row.map(|(user_name, employee, role, firm_name)| {
        let place = match (employee, role, firm_name) {
            (Some(_), Some(role), Some(firm_name)) => {
                Some(FirmPlace { firm_name: parse(&firm_name)?, role: parse(&role)? })
            }
            _ => None,
        };
        Ok(FirmEntry { user_name: parse(&user_name)?, place })
    })
    .transpose()
}

/// Which accounts has the person? One row for each way in, by the account's name, the strongest way first.
pub fn list_of_person(
    conn: &mut Conn,
    person: &PersonScope,
    q: &str,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<(MyAccount, String)>> {
    type Row = (String, String, String, Option<String>, String, Option<String>, Option<String>);
    let mut query = account_access::table
        .inner_join(accounts::table.on(accounts::id.eq(account_access::account_id)))
        .left_join(firms::table.on(firms::id.nullable().eq(account_access::firm_id)))
        .filter(account_access::user_id.eq(person.user_id().as_str()))
        .into_boxed();
    if !q.is_empty() {
        query = query.filter(accounts::name_key.like(contains(q)).escape('\\'));
    }
    if let Some(after) = after {
        query = query
            .filter(accounts::name_key.ge(after.key.as_str()))
            .filter(accounts::name_key.gt(after.key.as_str()).or(accounts::id.gt(after.id.as_str())));
    }
    let found: Vec<Row> = query
        .order((accounts::name_key, accounts::id, account_access::rank, account_access::firm_id))
        .limit(rows(limit))
        .select((
            accounts::id,
            accounts::name,
            accounts::name_key,
            accounts::external_id,
            account_access::role,
            account_access::firm_id,
            firms::name.nullable(),
        ))
        .load(conn)?;
    found
        .into_iter()
        .map(|(id, name, key, external_id, role, firm_id, firm_name)| {
            let (firm, role) = (parse_firm(firm_id, firm_name)?, parse(&role)?);
            let external_id = external_id.as_deref().map(parse).transpose()?;
            Ok((MyAccount { id: parse(&id)?, name: parse(&name)?, role, firm, external_id }, key))
        })
        .collect()
}

/// By which ways does the person enter which accounts? The strongest of an account first; at most `limit`.
pub fn ways_of_person(
    conn: &mut Conn,
    person: &PersonScope,
    limit: usize,
) -> Outcome<Vec<(AccountId, AccountRole, Option<FirmId>)>> {
    let found: Vec<(String, String, Option<String>)> = account_access::table
        .filter(account_access::user_id.eq(person.user_id().as_str()))
        .order((account_access::account_id, account_access::rank, account_access::firm_id))
        .limit(rows(limit))
        .select((account_access::account_id, account_access::role, account_access::firm_id))
        .load(conn)?;
    found
        .into_iter()
        .map(|(account, role, firm)| {
            let firm = firm.as_deref().map(parse).transpose()?;
            Ok((parse(&account)?, parse(&role)?, firm))
        })
        .collect()
}

/// Which of these accounts may the person enter?
pub fn which_of(conn: &mut Conn, person: &PersonScope, accounts: &[AccountId]) -> Outcome<Vec<AccountId>> {
    let accounts: Vec<&str> = accounts.iter().map(AccountId::as_str).collect();
    let found: Vec<String> = account_access::table
        .filter(account_access::user_id.eq(person.user_id().as_str()))
        .filter(account_access::account_id.eq_any(accounts))
        .order(account_access::account_id)
        .select(account_access::account_id)
        .distinct()
        .load(conn)?;
    found.iter().map(|account| parse(account)).collect()
}

/// Which accounts may this person enter? By name, for what the portal says of them by itself.
pub fn accounts_of(conn: &mut Conn, user: &UserId) -> Outcome<Vec<AccountRef>> {
    let found: Vec<(String, String, String)> = account_access::table
        .inner_join(accounts::table.on(accounts::id.eq(account_access::account_id)))
        .filter(account_access::user_id.eq(user.as_str()))
        .order((accounts::name_key, accounts::id))
        .select((accounts::name_key, accounts::id, accounts::name))
        // Once each, however many ways in there are.
        .distinct()
        .load(conn)?;
    found.into_iter().map(|(_, id, name)| Ok(AccountRef { id: parse(&id)?, name: parse(&name)? })).collect()
}

/// Who of these firms is in the account? By name. Naming the firms that are connected keeps the question as small as they
/// are, whatever the size of the portal.
pub fn list_colleagues(conn: &mut Conn, account: &AccountScope, firms: &[FirmId]) -> Outcome<Vec<Colleague>> {
    let firms: Vec<&str> = firms.iter().map(FirmId::as_str).collect();
    Ok(account_access::table
        .inner_join(employees::table.on(employees::id.nullable().eq(account_access::employee_id)))
        .filter(account_access::account_id.eq(account.id().as_str()))
        .filter(account_access::firm_id.eq_any(firms))
        .order((employees::name_key, employees::id))
        .select(COLLEAGUE)
        .load(conn)?)
}

/// Which accounts may this employee open through this firm? By name.
pub fn list_of_employee(
    conn: &mut Conn,
    firm: &FirmScope,
    employee: &EmployeeId,
    user: &UserId,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<(EmployeeAccount, String)>> {
    let mut query = account_access::table
        .inner_join(accounts::table.on(accounts::id.eq(account_access::account_id)))
        .filter(account_access::user_id.eq(user.as_str()))
        .filter(
            account_access::firm_id
                .eq(firm.id().as_str())
                .and(account_access::employee_id.eq(employee.as_str())),
        )
        .into_boxed();
    if let Some(after) = after {
        query = query
            .filter(accounts::name_key.ge(after.key.as_str()))
            .filter(accounts::name_key.gt(after.key.as_str()).or(accounts::id.gt(after.id.as_str())));
    }
    let found: Vec<(String, String, String, String)> = query
        .order((accounts::name_key, accounts::id))
        .limit(rows(limit))
        .select((accounts::id, accounts::name, accounts::name_key, account_access::role))
        .load(conn)?;
    found
        .into_iter()
        .map(|(id, name, key, role)| {
            let via = if parse::<AccountRole>(&role)? == AccountRole::FirmAdmin {
                Via::Admin
            } else {
                Via::Assignment
            };
            Ok((EmployeeAccount { id: parse(&id)?, name: parse(&name)?, via }, key))
        })
        .collect()
}
