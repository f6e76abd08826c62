//! What happens when accounts are assigned or taken away: one function each, whatever path the change comes by. Each pair
//! that really changes is one entry of the audit trail.

use std::collections::{BTreeSet, HashMap};

use portal_api_types::{
    AccessReason, AccountId, AccountRef, AssignmentPair, EmployeeId, ErrorCode, FieldError, Name,
};

use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change, record_all};
use crate::domain::employee::power;
use crate::domain::webhook::watch::Watch;
use crate::domain::{Actor, Ctx, Outcome, Refusal};
use crate::store::{assignments, connections, employees};

/// The names of what pairs point at; every pair's employee and account is the firm's.
pub struct Known {
    /// The employees' names.
    pub employees: HashMap<EmployeeId, Name>,
    /// The accounts.
    pub accounts: HashMap<AccountId, AccountRef>,
}

/// Assigns the pairs and answers those that are new. `pointer` says where in the body a pair is, for a refusal.
pub fn grant(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    pairs: &[AssignmentPair],
    pointer: impl Fn(usize) -> String,
) -> Outcome<Vec<AssignmentPair>> {
    let known = check_all_known(conn, firm, pairs, &pointer)?;
    grant_known(conn, ctx, actor, firm, &known, pairs)
}

/// Assigns pairs that are known to be the firm's, and answers those that are new.
pub fn grant_known(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    known: &Known,
    pairs: &[AssignmentPair],
) -> Outcome<Vec<AssignmentPair>> {
    let pairs = sorted(pairs);
    // The firm's row comes first, where it is taken.
    let watch = Watch::pairs(conn, firm, &pairs)?;
    power::check_still_admin(conn, firm, actor)?;
    let granted = assignments::grant(conn, firm, &pairs, ctx.now)
        .map_err(|failure| failure.dangling_as(Refusal::NamesUnknown(Vec::new())))?;
    record(conn, ctx, actor, firm, known, &granted, Action::AssignmentGranted)?;
    watch.tell(conn, ctx, Some(actor), AccessReason::Assigned)?;
    Ok(granted)
}

/// Takes the pairs away and answers those that were there.
pub fn revoke(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    pairs: &[AssignmentPair],
    pointer: impl Fn(usize) -> String,
) -> Outcome<Vec<AssignmentPair>> {
    let known = check_all_known(conn, firm, pairs, &pointer)?;
    revoke_known(conn, ctx, actor, firm, &known, pairs)
}

/// Takes away pairs that are known to be the firm's, and answers those that were there.
pub fn revoke_known(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    known: &Known,
    pairs: &[AssignmentPair],
) -> Outcome<Vec<AssignmentPair>> {
    let pairs = sorted(pairs);
    // The firm's row comes first, where it is taken.
    let watch = Watch::pairs(conn, firm, &pairs)?;
    power::check_still_admin(conn, firm, actor)?;
    let revoked = assignments::revoke(conn, firm, &pairs)?;
    record(conn, ctx, actor, firm, known, &revoked, Action::AssignmentRevoked)?;
    watch.tell(conn, ctx, Some(actor), AccessReason::Unassigned)?;
    Ok(revoked)
}

/// Each pair once, in one order everywhere: two batches at the same moment then never wait for each other in a circle.
pub fn sorted(pairs: &[AssignmentPair]) -> Vec<AssignmentPair> {
    let unique: BTreeSet<&AssignmentPair> = pairs.iter().collect();
    unique.into_iter().cloned().collect()
}

/// One id that is not the firm's refuses them all, and says no more than that it is not here.
pub fn check_all_known(
    conn: &mut Conn,
    firm: &FirmScope,
    pairs: &[AssignmentPair],
    pointer: &impl Fn(usize) -> String,
) -> Outcome<Known> {
    let employee_ids: BTreeSet<&EmployeeId> = pairs.iter().map(|pair| &pair.employee_id).collect();
    let account_ids: BTreeSet<&AccountId> = pairs.iter().map(|pair| &pair.account_id).collect();
    let employee_ids: Vec<EmployeeId> = employee_ids.into_iter().cloned().collect();
    let account_ids: Vec<AccountId> = account_ids.into_iter().cloned().collect();
    let employees: HashMap<_, _> = employees::names_of(conn, firm, &employee_ids)?.into_iter().collect();
    let accounts: HashMap<_, _> = connections::accounts_of(conn, firm, &account_ids)?
        .into_iter()
        .map(|account| (account.id.clone(), account))
        .collect();
    let unknown: Vec<FieldError> = pairs
        .iter()
        .enumerate()
        .filter(|(_, pair)| {
            !employees.contains_key(&pair.employee_id) || !accounts.contains_key(&pair.account_id)
        })
        // Enough to find the mistake by.
        .take(20)
        .map(|(index, _)| FieldError {
            pointer: pointer(index),
            code: ErrorCode::NotFound,
            detail: "The firm has no such employee or client account.".to_owned(),
        })
        .collect();
    if unknown.is_empty() {
        Ok(Known { employees, accounts })
    } else {
        Err(Refusal::NamesUnknown(unknown).into())
    }
}

fn record(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    known: &Known,
    changed: &[AssignmentPair],
    action: Action,
) -> Outcome<()> {
    let changes = changed.iter().filter_map(|pair| {
        let (name, account) =
            (known.employees.get(&pair.employee_id)?, known.accounts.get(&pair.account_id)?);
        Some(
            Change::by(actor, action).in_account(account).in_firm(&firm.as_ref()).on(&pair.employee_id, name),
        )
    });
    record_all(conn, ctx, changes)
}
