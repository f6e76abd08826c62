//! What the portal does not know any more of a batch: it refuses the batch as a whole, and names the first of those pairs.

use std::collections::HashSet;

use portal_client::Error;
use portal_client::api_types::{AccountId, AssignmentBatch, AssignmentPair, EmployeeId, ErrorCode};

use crate::pages::firm::FirmPage;

/// Leaves out whoever and whatever has gone, as a refusal names it; how many pairs that were. None of them when the refusal is
/// about something else.
pub(super) async fn leave_out(page: FirmPage, batch: &mut AssignmentBatch, refusal: &Error) -> usize {
    let named = named(batch, refusal);
    let employees: HashSet<EmployeeId> = named.iter().map(|pair| pair.employee_id.clone()).collect();
    let mut gone = HashSet::new();
    for id in employees {
        let found = page.call(|firm| firm.read_employee(&id)).await;
        if found.is_err_and(|error| error.code() == Some(ErrorCode::NotFound)) {
            gone.insert(id);
        }
    }
    // Whose employee is still there, is named for the account.
    let accounts: HashSet<AccountId> = named
        .into_iter()
        .filter(|pair| !gone.contains(&pair.employee_id))
        .map(|pair| pair.account_id)
        .collect();
    let stays =
        |pair: &AssignmentPair| !gone.contains(&pair.employee_id) && !accounts.contains(&pair.account_id);
    let before = count(batch);
    batch.grant.retain(stays);
    batch.revoke.retain(stays);
    before - count(batch)
}

/// How many pairs it has.
fn count(batch: &AssignmentBatch) -> usize {
    batch.grant.len() + batch.revoke.len()
}

/// The pairs that a refusal points at.
fn named(batch: &AssignmentBatch, refusal: &Error) -> Vec<AssignmentPair> {
    let Error::Problem { problem, .. } = refusal else { return Vec::new() };
    if problem.code != ErrorCode::NotFound {
        return Vec::new();
    }
    let pair = |pointer: &str| {
        let (list, index) = pointer.strip_prefix('/')?.split_once('/')?;
        let pairs = if list == "grant" { &batch.grant } else { &batch.revoke };
        pairs.get(index.parse::<usize>().ok()?).cloned()
    };
    problem.errors.iter().filter_map(|error| pair(&error.pointer)).collect()
}
