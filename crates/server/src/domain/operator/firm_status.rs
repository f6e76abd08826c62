//! What happens when the operator suspends a firm or resumes it: nobody can act for a suspended firm, in it or in its clients'
//! accounts, from the next request on. Nothing else changes: resumed, everything is as it was.

use portal_api_types::{FirmId, FirmRef, FirmStatus, OperatorFirm, WebhookEventType};

use super::read;
use crate::auth::scope::OperatorScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::tell::Event;
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
        let (action, event) = match status {
            FirmStatus::Active => (Action::FirmResumed, WebhookEventType::FirmResumed),
            FirmStatus::Suspended => (Action::FirmSuspended, WebhookEventType::FirmSuspended),
        };
        let firm = read::firm(conn, operator, id)?;
        let place = FirmRef { id: firm.id.clone(), name: firm.name.clone() };
        Event::by(operator, event).of_firm(&place).tell(conn, ctx)?;
        Change::by(operator, action).in_firm(&place).on(&firm.id, &firm.name).record(conn, ctx)?;
    }
    read::firm(conn, operator, id)
}
