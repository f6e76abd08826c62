//! What happens when an admin changes many assignments at once: all or nothing, in one transaction.

use std::collections::HashSet;

use portal_api_types::{
    AssignmentBatch, AssignmentChanges, AssignmentPair, AssignmentResult, ErrorCode, FieldError,
    MAX_ASSIGNMENT_PAIRS,
};

use super::change::{check_all_known, grant, revoke, sorted};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Actor, Ctx, Outcome, Refusal};
use crate::store::pairs;

/// Grants and revokes, and answers how much has changed.
pub fn assign(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    batch: &AssignmentBatch,
) -> Outcome<AssignmentResult> {
    check(batch)?;
    let granted = grant(conn, ctx, actor, firm, &batch.grant, in_grant)?;
    let revoked = revoke(conn, ctx, actor, firm, &batch.revoke, in_revoke)?;
    Ok(result(batch, AssignmentChanges { granted, revoked }))
}

/// Changes nothing, and answers what [`assign`] would: refuses the same, and finds the same changes.
pub fn try_out(conn: &mut Conn, firm: &FirmScope, batch: &AssignmentBatch) -> Outcome<AssignmentResult> {
    check(batch)?;
    check_all_known(conn, firm, &batch.grant, &in_grant)?;
    check_all_known(conn, firm, &batch.revoke, &in_revoke)?;
    let (grant, revoke) = (sorted(&batch.grant), sorted(&batch.revoke));
    let assigned = pairs::assigned(conn, firm, &[grant.as_slice(), &revoke].concat())?;
    Ok(result(
        batch,
        AssignmentChanges {
            granted: grant.into_iter().filter(|pair| !assigned.contains(pair)).collect(),
            revoked: revoke.into_iter().filter(|pair| assigned.contains(pair)).collect(),
        },
    ))
}

fn in_grant(index: usize) -> String {
    format!("/grant/{index}")
}

fn in_revoke(index: usize) -> String {
    format!("/revoke/{index}")
}

fn result(batch: &AssignmentBatch, changes: AssignmentChanges) -> AssignmentResult {
    let (granted, revoked) = (changes.granted.len(), changes.revoked.len());
    let unchanged = batch.grant.len() + batch.revoke.len() - granted - revoked;
    AssignmentResult { granted, revoked, unchanged, changes: batch.list_changes.then_some(changes) }
}

fn check(batch: &AssignmentBatch) -> Result<(), Refusal> {
    let refuse = |pointer: String, code, detail: String| {
        Err(Refusal::InvalidFields(vec![FieldError { pointer, code, detail }]))
    };
    if batch.grant.len() + batch.revoke.len() > MAX_ASSIGNMENT_PAIRS {
        let detail = format!("At most {MAX_ASSIGNMENT_PAIRS} pairs at once: send the rest in another batch.");
        return refuse(String::new(), ErrorCode::TooManyItems, detail);
    }
    let granted: HashSet<&AssignmentPair> = batch.grant.iter().collect();
    match batch.revoke.iter().position(|pair| granted.contains(pair)) {
        Some(index) => refuse(
            format!("/revoke/{index}"),
            ErrorCode::InvalidValue,
            "The same pair is to be granted and revoked.".to_owned(),
        ),
        None => Ok(()),
    }
}
