//! People of firms whom an owner keeps out of an account.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use portal_api_types::{AccountId, EmployeeId, UserId};

use super::employees::{COLLEAGUE, Colleague};
use super::parse;
use crate::auth::scope::{AccountScope, FirmScope};
use crate::clock::Time;
use crate::db::Conn;
use crate::domain::Outcome;
use crate::schema::{account_blocks, assignments, employees, firm_accounts};

/// Keeps the person out; false when they were kept out already.
pub fn insert(conn: &mut Conn, account: &AccountScope, user: &UserId, now: Time) -> Outcome<bool> {
    let inserted = diesel::sql_query(
        "INSERT INTO account_blocks (account_id, user_id, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (account_id, user_id) DO NOTHING",
    )
    .bind::<Text, _>(account.id().as_str())
    .bind::<Text, _>(user.as_str())
    .bind::<Timestamp, _>(now)
    .execute(conn)?;
    Ok(inserted == 1)
}

/// Lets the person in again; false when they were not kept out.
pub fn delete(conn: &mut Conn, account: &AccountScope, user: &UserId) -> Outcome<bool> {
    Ok(diesel::delete(account_blocks::table.find((account.id().as_str(), user.as_str()))).execute(conn)? == 1)
}

/// Active employees of the connected firms whom the owner keeps out.
pub fn list(conn: &mut Conn, account: &AccountScope) -> Outcome<Vec<Colleague>> {
    Ok(account_blocks::table
        .inner_join(employees::table.on(employees::user_id.eq(account_blocks::user_id.nullable())))
        .inner_join(
            firm_accounts::table.on(firm_accounts::firm_id
                .eq(employees::firm_id)
                .and(firm_accounts::account_id.eq(account_blocks::account_id))),
        )
        .filter(account_blocks::account_id.eq(account.id().as_str()).and(employees::status.eq("active")))
        .order((employees::name_key, employees::id))
        .select(COLLEAGUE)
        .load(conn)?)
}

/// The accounts that are assigned to the employee, and whose owners keep the employee out.
pub fn accounts_of(conn: &mut Conn, firm: &FirmScope, employee: &EmployeeId) -> Outcome<HashSet<AccountId>> {
    let found: Vec<String> = assignments::table
        .inner_join(employees::table.on(employees::id.eq(assignments::employee_id)))
        .inner_join(
            account_blocks::table.on(account_blocks::account_id
                .eq(assignments::account_id)
                .and(employees::user_id.eq(account_blocks::user_id.nullable()))),
        )
        .filter(
            assignments::firm_id.eq(firm.id().as_str()).and(assignments::employee_id.eq(employee.as_str())),
        )
        .select(account_blocks::account_id)
        .load(conn)?;
    found.iter().map(|account| parse(account)).collect()
}
