//! What happens when an owner takes a person out of the account: at once, with the open invitations and the keys that the person made.
//! An account never loses its last owner; the account's row is taken first, so that two owners cannot remove each other
//! at the same moment.

use portal_api_types::{MemberRole, UserId, WebhookEventType};

use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::webhook::tell::Event;
use crate::domain::{Actor, Ctx, Outcome, Refusal, api_key, invitation, post, webhook};
use crate::mail::{EndedAccess, Mail};
use crate::store::{accounts, invitations, members};

/// Takes an owner or a member out.
pub fn remove(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    account: &AccountScope,
    user: &UserId,
) -> Outcome<()> {
    accounts::lock(conn, account)?;
    let everyone = members::list(conn, account)?;
    let owners: Vec<&UserId> = everyone
        .iter()
        .filter(|member| member.role == MemberRole::Owner)
        .map(|member| &member.person.user_id)
        .collect();
    let (last, still_owner) = (owners.len() == 1, owners.contains(&&actor.user_id));
    let member = everyone
        .into_iter()
        .find(|member| &member.person.user_id == user)
        .ok_or(Refusal::NotFound("This person is neither an owner nor a member of the account."))?;
    if member.role == MemberRole::Owner && last {
        return Err(Refusal::LastOwner.into());
    }
    // Whoever was an owner when the request came may have been removed while it waited for the row.
    if !still_owner {
        return Err(Refusal::NotFound("There is no such account, or you have no access to it.").into());
    }
    members::delete(conn, account, user)?;
    api_key::revoke::all_made_by(conn, ctx, actor, account, user)?;
    webhook::switch_off::of_leaver(conn, ctx, account, user)?;
    for open in invitations::open_in_account_by(conn, account, user)? {
        invitation::cancel::withdraw(
            conn,
            ctx,
            actor,
            &invitation::cancel::Place::Account(account.as_ref()),
            &open,
        )?;
    }
    if let Some(email) = &member.person.email {
        let mail = Mail::AccessEnded {
            name: member.person.name.to_string(),
            place_name: account.name().to_string(),
            kind: EndedAccess::Account,
        };
        post::notice(conn, ctx, email, &mail)?;
    }
    Event::by(actor, WebhookEventType::MemberRemoved)
        .in_account(&account.as_ref())
        .about(webhook::person(&member))
        .tell(conn, ctx)?;
    Change::by(actor, Action::MemberRemoved)
        .in_account(&account.as_ref())
        .on(user, &member.person.name)
        .with("role", member.role)
        .record(conn, ctx)
}
