//! What happens when an owner keeps one person of a firm out of the account, or lets them in again. Admins too; and it is
//! about the person, so that another place in a firm is no way around it.

use portal_api_types::{AccessReason, EmployeeId, FirmId, Name, UserId};

use crate::auth::scope::{AccountScope, FirmScope};
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::watch::Watch;
use crate::domain::{Actor, Ctx, Outcome, Refusal, member, post};
use crate::mail::{EndedAccess, Mail};
use crate::store::{blocks, connections, employees};

struct Person {
    firm: FirmScope,
    user: UserId,
    name: Name,
    email: portal_api_types::Email,
}

/// Keeps the person out; again changes nothing.
pub fn block(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    firm: &FirmId,
    employee: &EmployeeId,
) -> Outcome<()> {
    member::power::check_still_owner(conn, account, actor)?;
    let person = find(conn, account, firm, employee)?;
    let watch = Watch::person_in(conn, &person.firm, &person.user, account.id())?;
    if !blocks::insert(conn, account, &person.user, ctx.now)? {
        return Ok(());
    }
    watch.tell(conn, ctx, Some(actor), AccessReason::Blocked)?;
    let mail = Mail::AccessEnded {
        name: person.name.to_string(),
        place_name: account.name().to_string(),
        kind: EndedAccess::Account,
    };
    post::notice(conn, ctx, &person.email, &mail)?;
    record(conn, ctx, actor, account, employee, &person, Action::PersonBlocked)
}

/// Lets the person in again; again changes nothing.
pub fn unblock(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    firm: &FirmId,
    employee: &EmployeeId,
) -> Outcome<()> {
    member::power::check_still_owner(conn, account, actor)?;
    let person = find(conn, account, firm, employee)?;
    let watch = Watch::person_in(conn, &person.firm, &person.user, account.id())?;
    if !blocks::delete(conn, account, &person.user)? {
        return Ok(());
    }
    watch.tell(conn, ctx, Some(actor), AccessReason::Unblocked)?;
    record(conn, ctx, actor, account, employee, &person, Action::PersonUnblocked)
}

fn record(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    employee: &EmployeeId,
    person: &Person,
    action: Action,
) -> Outcome<()> {
    Change::by(actor, action)
        .in_account(&account.as_ref())
        .in_firm(&person.firm.as_ref())
        .on(employee, &person.name)
        .record(conn, ctx)
}

/// The person behind an employee of a firm that is connected to the account.
fn find(conn: &mut Conn, account: &AccountScope, firm: &FirmId, employee: &EmployeeId) -> Outcome<Person> {
    let not_here = Refusal::NotFound("There is no such person of a firm in this account.");
    let firm = connections::firm_of(conn, account, firm)?.ok_or(not_here.clone())?;
    let firm =
        FirmScope::by_portal(firm, "an owner's block of a person in a firm that is connected to the account");
    let record = employees::read(conn, &firm, employee)?.ok_or(not_here.clone())?;
    let user = record.user_id()?.ok_or(not_here)?;
    let email = record.email();
    Ok(Person { firm, user, name: record.name, email })
}
