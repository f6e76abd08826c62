//! Who can get into an account, and who is invited.

use portal_api_types::{
    AccountFirm, AccountUsers, ConnectionStatus, EmployeeRole, FirmId, FirmPerson, InvitationKind,
    MemberRole, UserInvitation, Via,
};

use crate::auth::scope::AccountScope;
use crate::db::Conn;
use crate::domain::{Outcome, Refusal};
use crate::store::employees::Colleague;
use crate::store::invitations::InvitationRecord;
use crate::store::{access, blocks, connections, invitations, members};

/// How much the reader is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Owners: e-mail addresses and whom they keep out.
    Owner,
    /// Everyone else.
    Others,
}

/// Everyone who can get in, by the rule, and the open invitations.
pub fn list_users(conn: &mut Conn, account: &AccountScope, detail: Detail) -> Outcome<AccountUsers> {
    let (mut owners, mut plain) = (Vec::new(), Vec::new());
    for member in members::list(conn, account)? {
        match member.role {
            MemberRole::Owner => owners.push(member.person),
            MemberRole::Member => plain.push(member.person),
        }
    }
    let connected = connections::firms_of(conn, account)?;
    let ids: Vec<FirmId> = connected.iter().map(|firm| firm.id.clone()).collect();
    let inside = access::list_colleagues(conn, account, &ids)?;
    let blocked = blocks::list(conn, account)?;
    let mut firms: Vec<AccountFirm> = connected
        .into_iter()
        .map(|firm| AccountFirm {
            people: people_of(&inside, &firm.id),
            blocked: people_of(&blocked, &firm.id),
            firm_id: Some(firm.id),
            invitation_id: None,
            name: firm.name,
            email: Some(firm.email),
            status: firm.status,
        })
        .collect();
    let mut invited = Vec::new();
    for invitation in invitations::list_in_account(conn, account)? {
        match invitation.kind {
            InvitationKind::Firm => firms.push(invited_firm(&invitation)),
            _ => invited.push(invited_person(&invitation)?),
        }
    }
    let mut users = AccountUsers { owners, members: plain, firms, invitations: invited };
    if detail == Detail::Others {
        hide(&mut users);
    }
    Ok(users)
}

fn people_of(colleagues: &[Colleague], firm: &FirmId) -> Vec<FirmPerson> {
    let of_firm = colleagues.iter().filter(|colleague| &colleague.firm_id == firm);
    of_firm
        .map(|colleague| FirmPerson {
            employee_id: colleague.id.clone(),
            name: colleague.name.clone(),
            role: colleague.role,
            via: if colleague.role == EmployeeRole::Admin { Via::Admin } else { Via::Assignment },
        })
        .collect()
}

/// The row of a firm that has not come yet.
pub fn invited_firm(invitation: &InvitationRecord) -> AccountFirm {
    AccountFirm {
        firm_id: None,
        invitation_id: Some(invitation.id.clone()),
        name: invitation.name.clone(),
        email: Some(invitation.email()),
        status: ConnectionStatus::Invited,
        people: Vec::new(),
        blocked: Vec::new(),
    }
}

fn invited_person(invitation: &InvitationRecord) -> Outcome<UserInvitation> {
    Ok(UserInvitation {
        invitation_id: invitation.id.clone(),
        name: invitation.name.clone(),
        email: Some(invitation.email()),
        // The schema gives every invitation of a member its role.
        role: invitation.member_role()?.ok_or(Refusal::InvitationGone)?,
        expires_at: invitation.expires_at.and_utc(),
    })
}

fn hide(users: &mut AccountUsers) {
    for person in users.owners.iter_mut().chain(&mut users.members) {
        person.email = None;
    }
    for firm in &mut users.firms {
        firm.email = None;
        firm.blocked.clear();
    }
    for invitation in &mut users.invitations {
        invitation.email = None;
    }
}
