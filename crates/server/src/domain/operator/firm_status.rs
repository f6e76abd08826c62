//! What happens when the operator suspends a firm or resumes it: nobody can act for a suspended firm, in it or in its clients'
//! accounts, from the next request on. Nothing else changes: resumed, everything is as it was.

use portal_api_types::{AccountRef, FirmId, FirmRef, FirmStatus, OperatorFirm, WebhookEventType};

use super::read;
use crate::auth::scope::OperatorScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::tell::{Event, Listeners};
use crate::domain::{Ctx, Outcome};
use crate::store::webhooks::Audience;
use crate::store::{accounts, directory};

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
        tell(conn, ctx, &place, &Event::by(operator, event).of_firm(&place))?;
        Change::by(operator, action).in_firm(&place).on(&firm.id, &firm.name).record(conn, ctx)?;
    }
    read::firm(conn, operator, id)
}

/// The operator's webhooks are told once, and those of each client of the firm in a copy of their own.
fn tell(conn: &mut Conn, ctx: &Ctx, firm: &FirmRef, event: &Event) -> Outcome<()> {
    let listeners = Listeners::find(conn, Audience::ClientsOf(&firm.id))?;
    let clients = accounts::references(conn, listeners.accounts())?;
    let of_client = |client: &AccountRef| event.clone().in_account(client).only_there();
    let events: Vec<Event> = std::iter::once(event.clone()).chain(clients.iter().map(of_client)).collect();
    listeners.tell(conn, ctx, &events)
}
