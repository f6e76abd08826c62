//! What happens when an admin renames the firm.

use portal_api_types::{Firm, FirmRef, Name};

use super::read::read;
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::employee::power;
use crate::domain::{Actor, Ctx, Outcome};
use crate::store::firms;

/// Renames the firm, and answers its new state.
pub fn rename(conn: &mut Conn, ctx: &Ctx, actor: &Actor, firm: &FirmScope, name: &Name) -> Outcome<Firm> {
    power::lock(conn, firm)?;
    power::check_still_admin(conn, firm, actor)?;
    firms::rename(conn, firm, name)?;
    let renamed = FirmRef { id: firm.id().clone(), name: name.clone() };
    Change::by(actor, Action::FirmRenamed)
        .in_firm(&renamed)
        .on(firm.id(), name)
        .with("old_name", firm.name())
        .record(conn, ctx)?;
    read(conn, firm)
}
