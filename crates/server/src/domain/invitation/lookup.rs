//! What a mailed link is about. Reading changes nothing: mail scanners open links.

use portal_api_types::{FirmRole, Invitation, InvitationKind, Name, Secret};

use crate::auth::link::hash;
use crate::db::Conn;
use crate::domain::{Ctx, Outcome, Refusal};
use crate::store::invitations;

/// The invitation of this token, while its link works.
pub fn lookup(conn: &mut Conn, ctx: &Ctx, token: &Secret) -> Outcome<Invitation> {
    let invitation = invitations::by_token(conn, &hash(token), ctx.now)?.ok_or(Refusal::InvitationGone)?;
    let around = invitations::context(conn, &invitation.id)?;
    let inviter_name = around.inviter_name()?;
    let stored = |name: Option<String>| name.and_then(|name| Name::parse(&name).ok());
    let role = match invitation.kind {
        InvitationKind::Firm => None,
        InvitationKind::Employee => around.employee_role.and_then(|role| role.parse::<FirmRole>().ok()),
        InvitationKind::Member => invitation.member_role()?.and_then(|role| role.as_str().parse().ok()),
    };
    let firm_name = match invitation.kind {
        InvitationKind::Firm => Some(invitation.name.clone()),
        _ => stored(around.firm_name),
    };
    Ok(Invitation {
        kind: invitation.kind,
        email: invitation.email(),
        name: invitation.name.clone(),
        inviter_name,
        account_name: stored(around.account_name),
        firm_name,
        role,
        expires_at: invitation.expires_at.and_utc(),
        user_exists: around.user_exists,
    })
}
