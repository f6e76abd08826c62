//! Which employee works on which account.

use diesel::prelude::*;
use diesel::sql_types::Text;
use portal_api_types::{AccountId, AssignmentPair, EmployeeAccount, EmployeeId, Via};

use super::{After, among, json_rows, parse, rows};
use crate::auth::scope::FirmScope;
use crate::clock::Time;
use crate::db::{Conn, Question};
use crate::domain::Outcome;
use crate::schema::{accounts, assignments};

/// Rows that one statement writes; below every database's limit of parameters.
const CHUNK: usize = 1_000;

#[derive(QueryableByName)]
struct PairRow {
    #[diesel(sql_type = Text)]
    employee_id: String,
    #[diesel(sql_type = Text)]
    account_id: String,
}

impl PairRow {
    fn parse(self) -> Outcome<AssignmentPair> {
        Ok(AssignmentPair { employee_id: parse(&self.employee_id)?, account_id: parse(&self.account_id)? })
    }
}

/// Assigns the pairs and answers those that are new. Fails as dangling when an employee is not the firm's or an account not
/// connected to it. The pairs must be sorted, so that two batches at once do not wait for each other.
pub fn grant(
    conn: &mut Conn,
    firm: &FirmScope,
    pairs: &[AssignmentPair],
    now: Time,
) -> Outcome<Vec<AssignmentPair>> {
    let rows: Vec<[&str; 2]> =
        pairs.iter().map(|pair| [pair.employee_id.as_str(), pair.account_id.as_str()]).collect();
    // An account without a connection finds no name, and is then refused. `WHERE true`: else SQLite reads ON CONFLICT as a part
    // of the join.
    let question = Question::new(
        "INSERT INTO assignments (firm_id, employee_id, account_id, created_at, name_key) \
         SELECT $1, p.value ->> 0, p.value ->> 1, $2, coalesce(c.name_key, '') \
         FROM json_each($3) p LEFT JOIN firm_accounts c ON c.firm_id = $1 AND c.account_id = p.value ->> 1 WHERE true \
         ON CONFLICT (employee_id, account_id) DO NOTHING RETURNING employee_id, account_id",
    );
    let question = question.text(firm.id().as_str()).time(now).text(json_rows(&rows)?);
    question.load::<PairRow>(conn)?.into_iter().map(PairRow::parse).collect()
}

/// Takes the pairs away and answers those that were there. The pairs must be sorted. One statement an employee (or more for
/// many accounts): each is a look-up of keys, whatever the database has counted of the table so far.
pub fn revoke(conn: &mut Conn, firm: &FirmScope, pairs: &[AssignmentPair]) -> Outcome<Vec<AssignmentPair>> {
    let mut revoked = Vec::with_capacity(pairs.len());
    for of_employee in pairs.chunk_by(|a, b| a.employee_id == b.employee_id) {
        for chunk in of_employee.chunks(CHUNK) {
            let accounts: Vec<&str> = chunk.iter().map(|pair| pair.account_id.as_str()).collect();
            let own = diesel::delete(assignments::table)
                .filter(assignments::firm_id.eq(firm.id().as_str()))
                .filter(assignments::employee_id.eq(chunk[0].employee_id.as_str()))
                .into_boxed();
            let gone: Vec<(String, String)> = among!(own, assignments::account_id, accounts)
                .returning((assignments::employee_id, assignments::account_id))
                .get_results(conn)?;
            for (employee_id, account_id) in gone {
                revoked.push(AssignmentPair {
                    employee_id: parse(&employee_id)?,
                    account_id: parse(&account_id)?,
                });
            }
        }
    }
    Ok(revoked)
}

/// The accounts assigned to the employee, by name: what an employee who is not active would open.
pub fn list_of(
    conn: &mut Conn,
    firm: &FirmScope,
    employee: &EmployeeId,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<(EmployeeAccount, String)>> {
    let mut query = assignments::table
        .inner_join(accounts::table.on(accounts::id.eq(assignments::account_id)))
        .filter(
            assignments::firm_id.eq(firm.id().as_str()).and(assignments::employee_id.eq(employee.as_str())),
        )
        .filter(accounts::status.eq("active"))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(assignments::name_key.ge(after.key.as_str())).filter(
            assignments::name_key.gt(after.key.as_str()).or(assignments::account_id.gt(after.id.as_str())),
        );
    }
    let found: Vec<(String, String, String)> = query
        .order((assignments::name_key, assignments::account_id))
        .limit(rows(limit))
        .select((accounts::id, accounts::name, assignments::name_key))
        .load(conn)?;
    found
        .into_iter()
        .map(|(id, name, key)| {
            let id: AccountId = parse(&id)?;
            Ok((EmployeeAccount { id, name: parse(&name)?, via: Via::Assignment }, key))
        })
        .collect()
}
