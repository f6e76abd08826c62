//! What happens when an invitation is cancelled: its link is dead at once, and its mail, if it still waits, is not sent.

use portal_api_types::{AccountRef, FirmRef, InvitationId};

use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::{Actor, By, Ctx, Outcome, Refusal, member, post};
use crate::store::invitations::{self, InvitationRecord};

/// Where an invitation was made.
#[derive(Debug, Clone)]
pub enum Place {
    /// In an account.
    Account(AccountRef),
    /// In a firm.
    Firm(FirmRef),
}

/// An owner cancels an invitation into the account.
pub fn cancel(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    id: &InvitationId,
) -> Outcome<()> {
    member::power::check_still_owner(conn, account, actor)?;
    let not_here = Refusal::NotFound("There is no such open invitation in this account.");
    let invitation = invitations::open_in_account(conn, account, id)?.ok_or(not_here.clone())?;
    if withdraw(conn, ctx, actor, &Place::Account(account.as_ref()), &invitation)? {
        Ok(())
    } else {
        Err(not_here.into())
    }
}

/// Kills an open invitation, for whatever reason; false when it was not open any more.
pub fn withdraw<'a>(
    conn: &mut Conn,
    ctx: &Ctx,
    who: impl Into<By<'a>>,
    place: &Place,
    invitation: &InvitationRecord,
) -> Outcome<bool> {
    if !invitations::mark_cancelled(conn, &invitation.id)? {
        return Ok(false);
    }
    post::withdraw(conn, ctx, &invitation.token_hash)?;
    let change = Change::by(who, Action::InvitationCancelled)
        .on(&invitation.id, &invitation.name)
        .with("email", invitation.email());
    let change = match place {
        Place::Account(account) => change.in_account(account),
        Place::Firm(firm) => change.in_firm(firm),
    };
    change.record(conn, ctx)?;
    Ok(true)
}
