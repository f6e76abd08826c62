//! What happens when a firm is cut off from an account, by the owner or by the firm: all of its people lose the account
//! at once, with their assignments there.

use portal_api_types::{AccountId, FirmId, WebhookEventType};

use crate::auth::scope::{AccountScope, FirmScope};
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::employee::power;
use crate::domain::webhook::tell::Event;
use crate::domain::{Actor, Ctx, Outcome, Refusal, member, post};
use crate::mail::{EndedAccess, Mail};
use crate::store::{connections, firms};

/// The owner cuts the firm off; the firm is told.
pub fn by_owner(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    firm: &FirmId,
) -> Outcome<()> {
    member::power::check_still_owner(conn, account, actor)?;
    let not_here = Refusal::NotFound("This firm is not connected to the account.");
    // First, as whoever changes the firm's people takes it first: counting its accounts takes it too.
    firms::lock(conn, firm)?;
    let firm = connections::firm_of(conn, account, firm)?.ok_or(not_here.clone())?;
    if !connections::delete(conn, &firm.id, account.id())? {
        return Err(not_here.into());
    }
    let address = firms::email_of(conn, &firm.id)?;
    let mail = Mail::AccessEnded {
        name: firm.name.to_string(),
        place_name: account.name().to_string(),
        kind: EndedAccess::Client,
    };
    post::notice(conn, ctx, &address, &mail)?;
    Event::by(actor, WebhookEventType::FirmDisconnected)
        .in_account(&account.as_ref())
        .of_firm(&firm)
        .tell(conn, ctx)?;
    Change::by(actor, Action::FirmDisconnected)
        .in_account(&account.as_ref())
        .in_firm(&firm)
        .on(&firm.id, &firm.name)
        .record(conn, ctx)
}

/// The firm lets the client go.
pub fn by_firm(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    account: &AccountId,
) -> Outcome<()> {
    power::lock(conn, firm)?;
    power::check_still_admin(conn, firm, actor)?;
    let not_here = Refusal::NotFound("This is not a client account of the firm.");
    let account = connections::account_of(conn, firm, account)?.ok_or(not_here.clone())?;
    if !connections::delete(conn, firm.id(), &account.id)? {
        return Err(not_here.into());
    }
    Event::by(actor, WebhookEventType::FirmDisconnected)
        .in_account(&account)
        .of_firm(&firm.as_ref())
        .tell(conn, ctx)?;
    Change::by(actor, Action::FirmDisconnected)
        .in_account(&account)
        .in_firm(&firm.as_ref())
        .on(&account.id, &account.name)
        .record(conn, ctx)
}
