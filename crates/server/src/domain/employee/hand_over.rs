//! What happens when an admin hands an employee's accounts to a colleague, and keeps, deactivates or removes the employee: one
//! transaction, through what each of these is alone.

use std::collections::HashMap;

use portal_api_types::{
    AccountRef, AfterHandover, AssignmentPair, EmployeeId, EmployeeStatus, ErrorCode, FieldError, Handover,
    HandoverResult, UpdateEmployee,
};

use super::{power, read, remove, update};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::assignment::change::{Known, grant_known, revoke_known};
use crate::domain::{Actor, Ctx, Outcome, Refusal};
use crate::store::employees::{self, EmployeeRecord};
use crate::store::{blocks, pairs};

/// Moves every assignment of the employee, also those in accounts that the operator has suspended meanwhile: nobody would
/// have them when these come back.
pub fn hand_over(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    id: &EmployeeId,
    handover: &Handover,
) -> Outcome<HandoverResult> {
    power::lock(conn, firm)?;
    power::check_still_admin(conn, firm, actor)?;
    // An assignment that is being made at this moment is there to be moved, or comes after all this.
    employees::lock(conn, firm, id)?;
    let from = read::find(conn, firm, id)?;
    let to = find_colleague(conn, firm, id, &handover.to)?;
    let accounts = pairs::accounts_of(conn, firm, id)?;
    let (there, here) = (pairs_of(&to.id, &accounts), pairs_of(id, &accounts));
    let known = Known {
        employees: HashMap::from([(from.id, from.name), (to.id, to.name)]),
        accounts: accounts.into_iter().map(|account| (account.id.clone(), account)).collect(),
    };
    let moved = grant_known(conn, ctx, actor, firm, &known, &there)?;
    let barred = blocks::accounts_of(conn, firm, &handover.to)?;
    let kept_out = moved.iter().filter(|pair| barred.contains(&pair.account_id)).count();
    // A removal would take them along, and leave nothing of it in the accounts' trails.
    revoke_known(conn, ctx, actor, firm, &known, &here)?;
    match handover.then {
        AfterHandover::Keep => {}
        AfterHandover::Deactivate => {
            let deactivated =
                UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
            update::update(conn, ctx, actor, firm, id, &deactivated)?;
        }
        AfterHandover::Remove => remove::remove(conn, ctx, actor, firm, id)?,
    }
    Ok(HandoverResult { moved: moved.len(), already_there: there.len() - moved.len(), kept_out })
}

fn pairs_of(employee: &EmployeeId, accounts: &[AccountRef]) -> Vec<AssignmentPair> {
    let pair = |account: &AccountRef| AssignmentPair {
        employee_id: employee.clone(),
        account_id: account.id.clone(),
    };
    accounts.iter().map(pair).collect()
}

/// Somebody else in the firm, who works there or is about to.
fn find_colleague(
    conn: &mut Conn,
    firm: &FirmScope,
    from: &EmployeeId,
    id: &EmployeeId,
) -> Outcome<EmployeeRecord> {
    let mistake =
        |code, detail: &str| vec![FieldError { pointer: "/to".to_owned(), code, detail: detail.to_owned() }];
    if id == from {
        let detail = "Hand the accounts to somebody else: this is the same employee.";
        return Err(Refusal::InvalidFields(mistake(ErrorCode::InvalidValue, detail)).into());
    }
    let Some(colleague) = employees::read(conn, firm, id)? else {
        let detail = "The firm has no such employee.";
        return Err(Refusal::NamesUnknown(mistake(ErrorCode::NotFound, detail)).into());
    };
    if colleague.status == EmployeeStatus::Deactivated {
        let detail = "This colleague is deactivated, and could not work on the accounts.";
        return Err(Refusal::InvalidFields(mistake(ErrorCode::InvalidValue, detail)).into());
    }
    Ok(colleague)
}
