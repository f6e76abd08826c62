//! The rule of access, asked. The rule itself is the view `account_access`; nothing else in the portal decides who may
//! enter an account. Each function here is one question to it, and one statement.

pub mod by_key;
pub mod lists;

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamp};
use portal_api_types::{
    AccountId, AccountRef, AccountRole, EmployeeId, EmployeeRole, ExternalId, FirmId, FirmRef, Name, UserId,
};

use super::employees::{COLLEAGUE, Colleague};
use super::{parse, rows};
use crate::auth::scope::{AccountScope, FirmScope, PersonScope};
use crate::clock::Time;
use crate::db::{Conn, Question, answer};
use crate::domain::Outcome;
use crate::schema::{account_access, employees};

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

answer! {
    /// An [`Entry`] as it is in the database.
    struct EntryRow {
        user_name: String as Text,
        account_name: String as Text,
        account_created_at: Time as Timestamp,
        external_id: Option<String> as Nullable<Text>,
        role: String as Text,
        firm_id: Option<String> as Nullable<Text>,
        firm_name: Option<String> as Nullable<Text>,
    }
}

impl EntryRow {
    /// Reads it.
    ///
    /// # Errors
    /// When it was not written by us.
    pub fn parse(self) -> Outcome<Entry> {
        Ok(Entry {
            user_name: parse(&self.user_name)?,
            account_name: parse(&self.account_name)?,
            account_created_at: self.account_created_at,
            external_id: self.external_id.as_deref().map(parse).transpose()?,
            role: parse(&self.role)?,
            firm: parse_firm(self.firm_id, self.firm_name)?,
        })
    }
}

fn parse_firm(id: Option<String>, name: Option<String>) -> Outcome<Option<FirmRef>> {
    match id.zip(name) {
        Some((id, name)) => Ok(Some(FirmRef { id: parse(&id)?, name: parse(&name)? })),
        None => Ok(None),
    }
}

/// May this person, by this token of this session, act in this account now? The strongest way in, or none. The one statement
/// that every request in an account costs: token not revoked, session alive, person active, and the rule.
pub fn enter(person: &PersonScope, account: &AccountId, now: Time) -> Question {
    Question::new(
        "SELECT a.user_name, a.account_name, a.account_created_at, a.external_id, a.role, a.firm_id, a.firm_name \
         FROM account_access a \
         JOIN sessions s ON s.user_id = a.user_id \
         WHERE a.user_id = $1 AND a.account_id = $2 AND s.id = $3 AND s.ended_at IS NULL AND s.expires_at > $4 \
           AND NOT EXISTS (SELECT 1 FROM revoked_tokens t WHERE t.jti = $5) \
         ORDER BY a.rank, a.firm_id LIMIT 1",
    )
    .text(person.user_id().as_str())
    .text(account.as_str())
    .text(person.session_id().as_str())
    .time(now)
    .text(person.token_id())
}

answer! {
    /// A person who is signed in, now.
    struct IdentityRow {
        user_name: String as Text,
    }
}

impl IdentityRow {
    /// The person's name.
    ///
    /// # Errors
    /// When it was not written by us.
    pub fn parse(self) -> Outcome<Name> {
        parse(&self.user_name)
    }
}

/// Is this token not revoked, its session alive, and its person active?
pub fn identify(person: &PersonScope, now: Time) -> Question {
    Question::new(
        "SELECT u.name AS user_name FROM sessions s JOIN users u ON u.id = s.user_id \
         WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND u.status = 'active' \
           AND NOT EXISTS (SELECT 1 FROM revoked_tokens t WHERE t.jti = $4)",
    )
    .text(person.session_id().as_str())
    .text(person.user_id().as_str())
    .time(now)
    .text(person.token_id())
}

/// Whether it is: asked on a connection that is at hand.
pub fn is_signed_in(conn: &mut Conn, person: &PersonScope, now: Time) -> Outcome<bool> {
    Ok(identify(person, now).ask::<IdentityRow>(conn)?.is_some())
}

answer! {
    /// A person in a firm, now: without a place, if there is no active one.
    struct FirmEntryRow {
        user_name: String as Text,
        employee_id: Option<String> as Nullable<Text>,
        role: Option<String> as Nullable<Text>,
        firm_name: Option<String> as Nullable<Text>,
    }
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
    /// The place itself.
    pub employee_id: EmployeeId,
    /// The firm's name.
    pub firm_name: Name,
    /// Admin or bookkeeper.
    pub role: EmployeeRole,
}

impl FirmEntryRow {
    /// Reads it.
    ///
    /// # Errors
    /// When it was not written by us.
    pub fn parse(self) -> Outcome<FirmEntry> {
        let place = match (self.employee_id, self.role, self.firm_name) {
            (Some(employee), Some(role), Some(firm_name)) => Some(FirmPlace {
                employee_id: parse(&employee)?,
                firm_name: parse(&firm_name)?,
                role: parse(&role)?,
            }),
            _ => None,
        };
        Ok(FirmEntry { user_name: parse(&self.user_name)?, place })
    }
}

/// Is this token not revoked, its session alive and its person active, and what is the person in this firm? Nothing, in one
/// that is suspended.
pub fn enter_firm(person: &PersonScope, firm: &FirmId, now: Time) -> Question {
    Question::new(
        "SELECT u.name AS user_name, e.id AS employee_id, e.role, f.name AS firm_name \
         FROM sessions s \
         JOIN users u ON u.id = s.user_id \
         LEFT JOIN employees e ON e.user_id = u.id AND e.firm_id = $1 AND e.status = 'active' \
         LEFT JOIN firms f ON f.id = e.firm_id AND f.status = 'active' \
         WHERE s.id = $2 AND s.user_id = $3 AND s.ended_at IS NULL AND s.expires_at > $4 AND u.status = 'active' \
           AND NOT EXISTS (SELECT 1 FROM revoked_tokens t WHERE t.jti = $5)",
    )
    .text(firm.as_str())
    .text(person.session_id().as_str())
    .text(person.user_id().as_str())
    .time(now)
    .text(person.token_id())
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
        .filter(account_access::user_id.eq(user.as_str()))
        .order((account_access::name_key, account_access::account_id))
        .select((account_access::name_key, account_access::account_id, account_access::account_name))
        // Once each, however many ways in there are.
        .distinct()
        .load(conn)?;
    found.into_iter().map(|(_, id, name)| Ok(AccountRef { id: parse(&id)?, name: parse(&name)? })).collect()
}

/// Which of these employees may enter this account, by their place in the firm?
pub fn employees_in(
    conn: &mut Conn,
    firm: &FirmScope,
    account: &AccountId,
    employees: &[EmployeeId],
) -> Outcome<HashSet<String>> {
    let employees: Vec<&str> = employees.iter().map(EmployeeId::as_str).collect();
    let found: Vec<Option<String>> = account_access::table
        .filter(account_access::account_id.eq(account.as_str()))
        .filter(account_access::firm_id.eq(firm.id().as_str()))
        .filter(account_access::employee_id.eq_any(employees))
        .select(account_access::employee_id)
        .load(conn)?;
    Ok(found.into_iter().flatten().collect())
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
