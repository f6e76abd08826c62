//! What happens when an admin changes many assignments at once: all or nothing, in one transaction.

use std::collections::HashSet;

use portal_api_types::{
    AssignmentBatch, AssignmentPair, AssignmentResult, ErrorCode, FieldError, MAX_ASSIGNMENT_PAIRS,
};

use super::change::{grant, revoke};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::{Actor, Ctx, Outcome, Refusal};

/// Grants and revokes, and answers how much has changed.
pub fn assign(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    batch: &AssignmentBatch,
) -> Outcome<AssignmentResult> {
    check(batch)?;
    let granted = grant(conn, ctx, actor, firm, &batch.grant, |index| format!("/grant/{index}"))?;
    let revoked = revoke(conn, ctx, actor, firm, &batch.revoke, |index| format!("/revoke/{index}"))?;
    let unchanged = batch.grant.len() + batch.revoke.len() - granted - revoked;
    Ok(AssignmentResult { granted, revoked, unchanged })
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
