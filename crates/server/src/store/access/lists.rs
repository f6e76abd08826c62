//! Which accounts somebody may enter, a page at a time and by name.
//!
//! The rule is a view, which no database sorts by an index: asked for the first fifty accounts, it would find them all and
//! sort them. So a page is asked in two steps. [`until`] walks the indexes by name and says behind which name there are
//! enough rows that may be ways in; that is a hint where to look, and no verdict. The rule is then asked about what lies
//! before that name. Where it says no to some, the page is not full yet, and the caller goes on behind it.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use portal_api_types::{AccountRole, ClientAccount, EmployeeAccount, EmployeeId, MyAccount, UserId, Via};

use super::parse_firm;
use crate::auth::scope::{FirmScope, PersonScope};
use crate::clock::Time;
use crate::db::{Conn, Question, Value};
use crate::domain::Outcome;
use crate::schema::{account_access, accounts, firm_accounts};
use crate::store::connections::first_owner;
use crate::store::{After, contains, parse, rows};

/// Whose accounts are listed.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// A person's, by all ways in.
    Person(&'a UserId),
    /// An employee's, by that place.
    Employee(&'a EmployeeId),
}

/// Where to look: behind this place and, if it has an end, up to all accounts of this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Behind it.
    pub after: After<String>,
    /// Up to it.
    pub until: Option<String>,
}

#[derive(QueryableByName)]
struct Until {
    #[diesel(sql_type = Nullable<Text>)]
    name_key: Option<String>,
}

/// The name with which at least this many candidates lie behind `after`; none when there are fewer from each source.
pub fn until(
    conn: &mut Conn,
    whose: Whose<'_>,
    q: &str,
    after: &After<String>,
    candidates: usize,
) -> Outcome<Option<String>> {
    // The OFFSET is within an index, and no larger than the page.
    let named = if q.is_empty() { "" } else { " AND t.name_key LIKE $5 ESCAPE '\\'" };
    let nth = |table: &str, of: &str, parent: &str| {
        format!(
            "(SELECT t.name_key FROM {table} t WHERE t.{of} = {parent} AND t.name_key >= $2 \
             AND (t.name_key > $2 OR t.account_id > $3){named} ORDER BY t.name_key, t.account_id LIMIT 1 OFFSET $4)"
        )
    };
    let (id, place, own) = match whose {
        Whose::Person(user) => {
            let own = nth("account_members", "user_id", "$1");
            (user.as_str(), "e.user_id", format!(" UNION ALL SELECT {own}"))
        }
        Whose::Employee(employee) => (employee.as_str(), "e.id", String::new()),
    };
    let question = Question::new(format!(
        "SELECT min(s.name_key) AS name_key FROM (\
         SELECT CASE e.role WHEN 'admin' THEN {} ELSE {} END AS name_key FROM employees e WHERE {place} = $1{own}) s",
        nth("firm_accounts", "firm_id", "e.firm_id"),
        nth("assignments", "employee_id", "e.id"),
    ));
    let question =
        question.text(id).text(&*after.key).text(&*after.id).with(Value::Number(rows(candidates) - 1));
    let question = if q.is_empty() { question } else { question.text(contains(q)) };
    Ok(question.ask::<Until>(conn)?.and_then(|until| until.name_key))
}

/// What of the rule lies in this span.
macro_rules! within {
    ($query:expr, $q:expr, $span:expr) => {{
        let (q, span): (&str, &Span) = ($q, $span);
        let mut query = $query
            .filter(account_access::name_key.ge(span.after.key.as_str()))
            .filter(
                account_access::name_key
                    .gt(span.after.key.as_str())
                    .or(account_access::account_id.gt(span.after.id.as_str())),
            )
            .into_boxed();
        if let Some(until) = &span.until {
            query = query.filter(account_access::name_key.le(until.as_str()));
        }
        if !q.is_empty() {
            query = query.filter(account_access::name_key.like(contains(q)).escape('\\'));
        }
        query
    }};
}

/// Which accounts has the person? One row for each way in, by the account's name, the strongest way first. The second half
/// of each pair is the sort key.
pub fn of_person(
    conn: &mut Conn,
    person: &PersonScope,
    q: &str,
    span: &Span,
    limit: usize,
) -> Outcome<Vec<(MyAccount, String)>> {
    type Row = (String, String, String, Option<String>, String, Option<String>, Option<String>);
    let ways = account_access::table.filter(account_access::user_id.eq(person.user_id().as_str()));
    let found: Vec<Row> = within!(ways, q, span)
        .order((
            account_access::name_key,
            account_access::account_id,
            account_access::rank,
            account_access::firm_id,
        ))
        .limit(rows(limit))
        .select((
            account_access::account_id,
            account_access::account_name,
            account_access::name_key,
            account_access::external_id,
            account_access::role,
            account_access::firm_id,
            account_access::firm_name,
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

/// Which accounts may this employee open through this firm? By name.
pub fn of_employee(
    conn: &mut Conn,
    firm: &FirmScope,
    employee: &EmployeeId,
    user: &UserId,
    span: &Span,
    limit: usize,
) -> Outcome<Vec<(EmployeeAccount, String)>> {
    let ways = account_access::table.filter(account_access::user_id.eq(user.as_str())).filter(
        account_access::firm_id.eq(firm.id().as_str()).and(account_access::employee_id.eq(employee.as_str())),
    );
    let found: Vec<(String, String, String, String)> = within!(ways, "", span)
        .order((account_access::name_key, account_access::account_id))
        .limit(rows(limit))
        .select((
            account_access::account_id,
            account_access::account_name,
            account_access::name_key,
            account_access::role,
        ))
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

/// Which of the firm's client accounts may this person open through the firm? By name: what a bookkeeper sees.
pub fn of_bookkeeper(
    conn: &mut Conn,
    firm: &FirmScope,
    user: &UserId,
    q: &str,
    span: &Span,
    limit: usize,
) -> Outcome<Vec<(ClientAccount, String)>> {
    let ways = account_access::table
        .inner_join(accounts::table.on(accounts::id.eq(account_access::account_id)))
        .inner_join(
            firm_accounts::table.on(firm_accounts::account_id
                .eq(account_access::account_id)
                .and(firm_accounts::firm_id.nullable().eq(account_access::firm_id))),
        )
        .filter(account_access::user_id.eq(user.as_str()))
        .filter(account_access::firm_id.eq(firm.id().as_str()));
    let found: Vec<(String, String, Option<String>, Time, i64, String)> = within!(ways, q, span)
        .order((account_access::name_key, account_access::account_id))
        .limit(rows(limit))
        .select((
            accounts::id,
            accounts::name,
            first_owner(),
            firm_accounts::connected_at,
            firm_accounts::employee_count,
            account_access::name_key,
        ))
        .load(conn)?;
    found
        .into_iter()
        .map(|(id, name, owner, connected_at, employee_count, key)| {
            let account = ClientAccount {
                id: parse(&id)?,
                name: parse(&name)?,
                owner_name: parse(&owner.unwrap_or_default())?,
                connected_at: connected_at.and_utc(),
                employee_count,
            };
            Ok((account, key))
        })
        .collect()
}
