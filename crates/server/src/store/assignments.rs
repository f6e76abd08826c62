//! Which employee works on which account.

use diesel::prelude::*;
use diesel::sql_types::Text;
use portal_api_types::{AccountId, AssignmentPair, EmployeeAccount, EmployeeId, Via};

use super::{After, json_rows, parse, rows};
use crate::auth::scope::FirmScope;
use crate::clock::Time;
use crate::db::{Conn, Question};
use crate::domain::Outcome;
use crate::schema::{accounts, assignments};

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

/// Takes the pairs away and answers those that were there. The pairs must be sorted. One statement an employee.
pub fn revoke(conn: &mut Conn, firm: &FirmScope, pairs: &[AssignmentPair]) -> Outcome<Vec<AssignmentPair>> {
    let mut revoked = Vec::with_capacity(pairs.len());
    for of_employee in pairs.chunk_by(|a, b| a.employee_id == b.employee_id) {
        let accounts: Vec<[&str; 1]> = of_employee.iter().map(|pair| [pair.account_id.as_str()]).collect();
        let (condition, asked) = match accounts[..] {
            [[one]] => ("account_id = $3".to_owned(), one.to_owned()),
            _ => {
                let those =
                    format!("(account_id IN (SELECT p.value ->> 0 FROM json_each($3) p)){}", conn.in_table());
                (those, json_rows(&accounts)?)
            }
        };
        let question = Question::new(format!(
            "DELETE FROM assignments WHERE firm_id = $1 AND employee_id = $2 AND {condition} \
             RETURNING employee_id, account_id"
        ));
        let employee = of_employee[0].employee_id.as_str();
        let gone = question.text(firm.id().as_str()).text(employee).text(asked).load::<PairRow>(conn)?;
        for pair in gone {
            revoked.push(pair.parse()?);
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
