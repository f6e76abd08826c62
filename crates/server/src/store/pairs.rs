//! Assignments as pairs of an employee and an account: which there are.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use portal_api_types::{AccountId, AccountRef, AssignmentPair, EmployeeId};

use super::{After, parse, rows};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{accounts, assignments};

/// Pairs that one statement asks for; below every database's limit of parameters.
const CHUNK: usize = 1_000;

/// The pairs of these employees and these accounts that are assigned. An account that the operator has suspended is none
/// meanwhile.
pub fn among(
    conn: &mut Conn,
    firm: &FirmScope,
    employees: &[EmployeeId],
    of_accounts: &[AccountId],
) -> Outcome<Vec<AssignmentPair>> {
    let employees: Vec<&str> = employees.iter().map(EmployeeId::as_str).collect();
    let of_accounts: Vec<&str> = of_accounts.iter().map(AccountId::as_str).collect();
    let found: Vec<(String, String)> = assignments::table
        .inner_join(accounts::table.on(accounts::id.eq(assignments::account_id)))
        .filter(assignments::firm_id.eq(firm.id().as_str()))
        .filter(assignments::employee_id.eq_any(employees))
        .filter(assignments::account_id.eq_any(of_accounts))
        .filter(accounts::status.eq("active"))
        .order((assignments::employee_id, assignments::account_id))
        .select((assignments::employee_id, assignments::account_id))
        .load(conn)?;
    found.iter().map(|(employee, account)| pair(employee, account)).collect()
}

fn pair(employee: &str, account: &str) -> Outcome<AssignmentPair> {
    Ok(AssignmentPair { employee_id: parse(employee)?, account_id: parse(account)? })
}

#[derive(QueryableByName)]
struct PairRow {
    #[diesel(sql_type = Text)]
    employee_id: String,
    #[diesel(sql_type = Text)]
    account_id: String,
}

/// Those of these pairs that are assigned.
pub fn assigned(
    conn: &mut Conn,
    firm: &FirmScope,
    pairs: &[AssignmentPair],
) -> Outcome<HashSet<AssignmentPair>> {
    let mut found = HashSet::with_capacity(pairs.len());
    for chunk in pairs.chunks(CHUNK) {
        // CROSS: SQLite keeps the order, and looks each pair up by its key.
        let asked: Vec<String> =
            (0..chunk.len()).map(|i| format!("(${}, ${})", 1 + 2 * i, 2 + 2 * i)).collect();
        let mut query = diesel::sql_query(format!(
            "WITH asked (employee_id, account_id) AS (VALUES {}) \
             SELECT a.employee_id, a.account_id FROM asked CROSS JOIN assignments a \
             WHERE a.employee_id = asked.employee_id AND a.account_id = asked.account_id AND a.firm_id = ${}",
            asked.join(", "),
            1 + 2 * chunk.len()
        ))
        .into_boxed();
        for pair in chunk {
            query =
                query.bind::<Text, _>(pair.employee_id.as_str()).bind::<Text, _>(pair.account_id.as_str());
        }
        let rows: Vec<PairRow> = query.bind::<Text, _>(firm.id().as_str()).load(conn)?;
        for row in rows {
            found.insert(pair(&row.employee_id, &row.account_id)?);
        }
    }
    Ok(found)
}

/// Every account that is assigned to the employee, those too that the operator has suspended.
pub fn accounts_of(conn: &mut Conn, firm: &FirmScope, employee: &EmployeeId) -> Outcome<Vec<AccountRef>> {
    let found: Vec<(String, String)> = assignments::table
        .inner_join(accounts::table.on(accounts::id.eq(assignments::account_id)))
        .filter(
            assignments::firm_id.eq(firm.id().as_str()).and(assignments::employee_id.eq(employee.as_str())),
        )
        .order(assignments::account_id)
        .select((accounts::id, accounts::name))
        .load(conn)?;
    found.into_iter().map(|(id, name)| Ok(AccountRef { id: parse(&id)?, name: parse(&name)? })).collect()
}

/// How many accounts [`accounts_of`] would answer.
pub fn count(conn: &mut Conn, firm: &FirmScope, employee: &EmployeeId) -> Outcome<i64> {
    let of_employee = assignments::table.filter(
        assignments::firm_id.eq(firm.id().as_str()).and(assignments::employee_id.eq(employee.as_str())),
    );
    Ok(of_employee.count().get_result(conn)?)
}

/// How many accounts are assigned to this employee and to nobody else.
pub fn count_sole(conn: &mut Conn, firm: &FirmScope, employee: &EmployeeId) -> Outcome<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let found: Count = diesel::sql_query(
        "SELECT COUNT(*) AS count FROM assignments a JOIN accounts x ON x.id = a.account_id \
         WHERE a.employee_id = $1 AND a.firm_id = $2 AND x.status = 'active' \
           AND NOT EXISTS (SELECT 1 FROM assignments o WHERE o.account_id = a.account_id \
                           AND o.firm_id = a.firm_id AND o.employee_id <> a.employee_id)",
    )
    .bind::<Text, _>(employee.as_str())
    .bind::<Text, _>(firm.id().as_str())
    .get_result(conn)?;
    Ok(found.count)
}

/// An assignment as an export shows it.
#[derive(QueryableByName)]
pub struct AssignmentRow {
    /// The employee's address, as it was typed.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// The employee.
    #[diesel(sql_type = Text)]
    pub employee_id: String,
    /// The account.
    #[diesel(sql_type = Text)]
    pub account_id: String,
    /// The account's name.
    #[diesel(sql_type = Text)]
    pub account_name: String,
}

/// The firm's assignments, by account and employee: in the order of the indexes, whatever their number.
pub fn list(
    conn: &mut Conn,
    firm: &FirmScope,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<AssignmentRow>> {
    let (account, employee) = after.map_or(("", ""), |after| (after.key.as_str(), after.id.as_str()));
    Ok(diesel::sql_query(
        "SELECT e.email_display AS email, a.employee_id, a.account_id, x.name AS account_name \
         FROM firm_accounts c CROSS JOIN assignments a CROSS JOIN employees e CROSS JOIN accounts x \
         WHERE c.firm_id = $1 AND a.account_id = c.account_id AND a.firm_id = c.firm_id \
           AND e.id = a.employee_id AND x.id = a.account_id AND x.status = 'active' \
           AND c.account_id >= $2 AND (c.account_id > $3 OR a.employee_id > $4) \
         ORDER BY c.account_id, a.employee_id LIMIT $5",
    )
    .bind::<Text, _>(firm.id().as_str())
    .bind::<Text, _>(account)
    .bind::<Text, _>(account)
    .bind::<Text, _>(employee)
    .bind::<BigInt, _>(rows(limit))
    .load(conn)?)
}
