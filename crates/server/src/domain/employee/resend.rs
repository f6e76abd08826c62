//! What happens when an admin sends an employee's invitation again: a new link goes out and the old one is dead.

use portal_api_types::{EmployeeId, EmployeeStatus};

use super::{invite, power, read};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::rate_limit::Limit;
use crate::domain::{Actor, Ctx, Outcome, Refusal, Services, invitation, post};
use crate::store::invitations;

/// Sends the invitation again.
pub async fn resend(
    services: &Services,
    ctx: Ctx,
    actor: Actor,
    firm: FirmScope,
    id: EmployeeId,
) -> Outcome<()> {
    let (place, wanted) = (firm.clone(), id.clone());
    let employee = services.db.read(move |conn| read::find(conn, &place, &wanted)).await?;
    let limits = [
        Limit::Inviter(actor.user_id.clone()),
        Limit::InvitingFirm(firm.id().clone()),
        Limit::Recipient(employee.email()),
    ];
    invitation::limits::count(services, &ctx, limits).await?;
    services.db.write(move |conn| renew(conn, &ctx, &actor, &firm, &id)).await
}

fn renew(conn: &mut Conn, ctx: &Ctx, actor: &Actor, firm: &FirmScope, id: &EmployeeId) -> Outcome<()> {
    power::lock(conn, firm)?;
    power::check_still_admin(conn, firm, actor)?;
    let employee = read::find(conn, firm, id)?;
    if employee.status != EmployeeStatus::Invited {
        return Err(Refusal::EmployeeJoined.into());
    }
    // None is open when the inviter has left: then this makes a new one, on purpose.
    if let Some(open) = invitations::open_of_employee(conn, firm, id)? {
        invitations::mark_cancelled(conn, &open.id)?;
        post::withdraw(conn, ctx, &open.token_hash)?;
    }
    invite::send_link(conn, ctx, actor, firm, &employee)?;
    Change::by(actor, Action::InvitationResent)
        .in_firm(&firm.as_ref())
        .on(id, &employee.name)
        .with("email", employee.email())
        .record(conn, ctx)
}
