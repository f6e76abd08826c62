//! Ways into accounts, for webhooks: read before a change and after it, so that what is told of it is the difference. Only
//! ways into accounts that somebody listens to are read.

use diesel::prelude::*;
use portal_api_types::{
    AccountId, AccountRef, AccountRole, AssignmentPair, Email, EmployeeId, FirmId, FirmRef, Name, UserId,
    WebhookPerson,
};

use super::parse;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{account_access, accounts, firms, live_webhooks, users};

/// Whose ways into which accounts.
#[derive(Debug, Clone)]
pub enum Whose {
    /// Somebody's, into all accounts.
    Person(UserId),
    /// Somebody's, into one account.
    PersonIn(UserId, AccountId),
    /// An employee's, by that place, into all accounts.
    Employee(EmployeeId),
    /// Those that assignments give.
    Pairs(Vec<AssignmentPair>),
}

/// A way into an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Into which account.
    pub account: AccountRef,
    /// Through which firm, if through one.
    pub firm: Option<FirmRef>,
    /// Who, and in which role.
    pub person: WebhookPerson,
}

impl Way {
    /// Two ways with the same key are one, whatever the role.
    pub fn key(&self) -> (&AccountId, &UserId, Option<&EmployeeId>) {
        (&self.account.id, &self.person.user_id, self.person.employee_id.as_ref())
    }
}

/// Pairs that are asked for at once; below every database's limit of parameters.
const CHUNK: usize = 500;

/// The ways that there are now, by account.
pub fn listened(conn: &mut Conn, whose: &Whose) -> Outcome<Vec<Way>> {
    match whose {
        Whose::Pairs(pairs) => {
            let mut found = Vec::new();
            for chunk in pairs.chunks(CHUNK) {
                found.extend(read(conn, whose, chunk)?);
            }
            Ok(found)
        }
        _ => read(conn, whose, &[]),
    }
}

fn read(conn: &mut Conn, whose: &Whose, pairs: &[AssignmentPair]) -> Outcome<Vec<Way>> {
    type Row = ((String, String), (Option<String>, Option<String>), Option<String>, String, PersonRow);
    type PersonRow = (String, String, String, String);
    let listened = live_webhooks::table.filter(
        live_webhooks::account_id
            .is_null()
            .or(live_webhooks::account_id.eq(account_access::account_id.nullable())),
    );
    let mut query = account_access::table
        .inner_join(accounts::table.on(accounts::id.eq(account_access::account_id)))
        .inner_join(users::table.on(users::id.eq(account_access::user_id)))
        .left_join(firms::table.on(firms::id.nullable().eq(account_access::firm_id)))
        .filter(diesel::dsl::exists(listened))
        .into_boxed();
    query = match whose {
        Whose::Person(user) => query.filter(account_access::user_id.eq(user.as_str())),
        Whose::PersonIn(user, account) => query
            .filter(account_access::user_id.eq(user.as_str()))
            .filter(account_access::account_id.eq(account.as_str())),
        Whose::Employee(employee) => query.filter(account_access::employee_id.eq(employee.as_str())),
        Whose::Pairs(_) => {
            let employees: Vec<&str> = pairs.iter().map(|pair| pair.employee_id.as_str()).collect();
            let of_accounts: Vec<&str> = pairs.iter().map(|pair| pair.account_id.as_str()).collect();
            query
                .filter(account_access::employee_id.eq_any(employees))
                .filter(account_access::account_id.eq_any(of_accounts))
        }
    };
    let rows: Vec<Row> = query
        .order((account_access::account_id, account_access::user_id, account_access::employee_id))
        .select((
            (accounts::id, accounts::name),
            (account_access::firm_id, firms::name.nullable()),
            account_access::employee_id,
            account_access::role,
            (users::id, users::name, users::email, users::email_display),
        ))
        .load(conn)?;
    let asked: std::collections::HashSet<(&str, &str)> =
        pairs.iter().map(|pair| (pair.employee_id.as_str(), pair.account_id.as_str())).collect();
    rows.into_iter()
        // Asked by both lists, the database also answers an employee of one pair in the account of another.
        .filter(|((account, _), _, employee, ..)| {
            pairs.is_empty() || asked.contains(&(employee.as_deref().unwrap_or_default(), account.as_str()))
        })
        .map(|(account, firm, employee, role, (user, name, email, display))| {
            let firm = match firm {
                (Some(id), Some(name)) => Some(FirmRef { id: parse::<FirmId>(&id)?, name: parse(&name)? }),
                _ => None,
            };
            let person = WebhookPerson {
                user_id: parse(&user)?,
                employee_id: employee.as_deref().map(parse).transpose()?,
                name: parse::<Name>(&name)?,
                email: Email::from_stored(email, display),
                role: Some(parse::<AccountRole>(&role)?),
            };
            Ok(Way { account: AccountRef { id: parse(&account.0)?, name: parse(&account.1)? }, firm, person })
        })
        .collect()
}
