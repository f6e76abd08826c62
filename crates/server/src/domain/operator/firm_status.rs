//! What happens when the operator suspends a firm or resumes it: nobody can act for a suspended firm, in it or in its clients'
//! accounts, from the next request on. Nothing else changes: resumed, everything is as it was.

use portal_api_types::{FirmId, FirmRef, FirmStatus, OperatorFirm};

use super::read;
use crate::auth::scope::OperatorScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::{Ctx, Outcome};
use crate::store::directory;

/// Gives the firm this status, and answers its new state.
pub fn set(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    id: &FirmId,
    status: FirmStatus,
) -> Outcome<OperatorFirm> {
    if directory::set_firm_status(conn, operator, id, status)? {
        let action = match status {
            FirmStatus::Active => Action::FirmResumed,
            FirmStatus::Suspended => Action::FirmSuspended,
        };
        let firm = read::firm(conn, operator, id)?;
        Change::by(operator, action)
            .in_firm(&FirmRef { id: firm.id.clone(), name: firm.name.clone() })
            .on(&firm.id, &firm.name)
            .record(conn, ctx)?;
    }
    read::firm(conn, operator, id)
}
