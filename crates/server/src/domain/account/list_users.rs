//! Who can get into an account, and who is invited.

use std::collections::HashMap;

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
    let mut inside = by_firm(access::list_colleagues(conn, account, &ids)?);
    let mut blocked = by_firm(blocks::list(conn, account)?);
    let mut firms: Vec<AccountFirm> = connected
        .into_iter()
        .map(|firm| AccountFirm {
            people: inside.remove(&firm.id).unwrap_or_default(),
            blocked: blocked.remove(&firm.id).unwrap_or_default(),
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

fn by_firm(colleagues: Vec<Colleague>) -> HashMap<FirmId, Vec<FirmPerson>> {
    let mut firms: HashMap<FirmId, Vec<FirmPerson>> = HashMap::new();
    for colleague in colleagues {
        let via = if colleague.role == EmployeeRole::Admin { Via::Admin } else { Via::Assignment };
        let person =
            FirmPerson { employee_id: colleague.id, name: colleague.name, role: colleague.role, via };
        firms.entry(colleague.firm_id).or_default().push(person);
    }
    firms
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
