//! The rows of the list of users: people first, then the firms with their people below them.

use leptos::prelude::*;
use portal_client::api_types::{
    AccountFirm, AccountUsers, ConnectionStatus, Email, EmployeeId, EmployeeRole, FirmId, FirmPerson,
    InvitationId, MemberRole, UserId, Via,
};

use super::actions::Actions;
use crate::components::Who;
use crate::texts::{lowercase, tr};
use crate::ui::{Badge, Busy, Button, Kind, Memo, Show, Tone, dynamic};

/// A row: what it shows, and what an owner can do with it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) name: String,
    below: Option<String>,
    square: bool,
    pub(super) role: &'static str,
    status: (Tone, &'static str),
    pub(super) of: Of,
}

/// What a row stands for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Of {
    Person { id: UserId, is_only_owner: bool },
    Invitation(InvitationId),
    Firm { id: FirmId, people: Vec<String> },
    Employee { firm: FirmId, id: EmployeeId, blocked: bool },
}

impl Row {
    /// What stays the same while its name or its status changes.
    pub(super) fn key(&self) -> String {
        match &self.of {
            Of::Person { id, .. } => id.to_string(),
            Of::Invitation(id) => id.to_string(),
            Of::Firm { id, .. } => id.to_string(),
            Of::Employee { id, .. } => id.to_string(),
        }
    }
}

/// All rows, in the order of the list.
pub(super) fn rows(users: &AccountUsers) -> Vec<Row> {
    let direct = [(&users.owners, MemberRole::Owner), (&users.members, MemberRole::Member)];
    let people = direct.into_iter().flat_map(|(people, role)| {
        people.iter().map(move |person| Row {
            name: person.name.to_string(),
            below: shown(person.email.as_ref()),
            square: false,
            role: member_role(role),
            status: (Tone::Good, tr!(account.active)),
            of: Of::Person {
                id: person.user_id.clone(),
                is_only_owner: role == MemberRole::Owner && users.owners.len() == 1,
            },
        })
    });
    let invited = users.invitations.iter().map(|invitation| Row {
        name: invitation.name.to_string(),
        below: shown(invitation.email.as_ref()),
        square: false,
        role: member_role(invitation.role),
        status: (Tone::Waiting, tr!(account.invited)),
        of: Of::Invitation(invitation.invitation_id.clone()),
    });
    people.chain(invited).chain(users.firms.iter().flat_map(with_people)).collect()
}

/// A firm, and its people by name: blocking one of them moves no row.
fn with_people(firm: &AccountFirm) -> Vec<Row> {
    let of = match (&firm.firm_id, &firm.invitation_id) {
        (Some(id), _) => {
            let people = firm.people.iter().map(|person| person.name.to_string()).collect();
            Of::Firm { id: id.clone(), people }
        }
        (None, Some(id)) => Of::Invitation(id.clone()),
        (None, None) => return Vec::new(),
    };
    let status = match firm.status {
        ConnectionStatus::Invited => (Tone::Waiting, tr!(account.invited)),
        ConnectionStatus::Connected => (Tone::Good, tr!(account.connected)),
    };
    let mut rows = vec![Row {
        name: firm.name.to_string(),
        below: shown(firm.email.as_ref()),
        square: true,
        role: tr!(account.accounting_company),
        status,
        of,
    }];
    if let Some(id) = &firm.firm_id {
        let may = firm.people.iter().map(|person| employee(id, person, false));
        rows.extend(may.chain(firm.blocked.iter().map(|person| employee(id, person, true))));
        rows[1..].sort_by_cached_key(|row| (lowercase(&row.name), row.key()));
    }
    rows
}

fn employee(firm: &FirmId, person: &FirmPerson, blocked: bool) -> Row {
    Row {
        name: person.name.to_string(),
        below: Some(match person.via {
            Via::Admin => tr!(account.via_admin).to_owned(),
            Via::Assignment => tr!(account.via_assignment).to_owned(),
        }),
        square: false,
        role: firm_role(person.role),
        status: match blocked {
            true => (Tone::Bad, tr!(account.blocked)),
            false => (Tone::Good, tr!(account.active)),
        },
        of: Of::Employee { firm: firm.clone(), id: person.employee_id.clone(), blocked },
    }
}

fn shown(email: Option<&Email>) -> Option<String> {
    email.map(|email| email.display().to_owned())
}

/// Draws a row.
pub(super) fn draw(row: Memo<Row>, actions: Actions) -> AnyView {
    let nested = row.with_untracked(|row| matches!(row.of, Of::Employee { .. }));
    let who = move || {
        let Row { name, below, square, .. } = row.get();
        view! { <Who name=name below=below.unwrap_or_default() square=square /> }
    };
    let status = move || {
        let (tone, words) = row.with(|row| row.status);
        view! { <Badge tone=tone label=words /> }
    };
    view! {
        <tr class:nested=nested>
            <td>{who}</td>
            <td data-label=tr!(account.role)>{dynamic(move || row.with(|row| row.role))}</td>
            <td data-label=tr!(account.status)>{status}</td>
            <td class="end">
                <Show when=move || actions.owner()>
                    <div class="row-actions">{buttons(row, actions)}</div>
                </Show>
            </td>
        </tr>
    }
    .into_any()
}

/// What a row stands for does not change; a button reads the rest when it is pressed.
fn buttons(row: Memo<Row>, actions: Actions) -> AnyView {
    let busy = Busy::new();
    match row.with_untracked(|row| row.of.clone()) {
        Of::Person { .. } | Of::Firm { .. } => {
            let stays = move || row.with(|row| matches!(row.of, Of::Person { is_only_owner: true, .. }));
            view! {
                <Show when=move || !stays() fallback=|| view! { <span class="muted">{tr!(account.only_owner)}</span> }>
                    <Button kind=Kind::Quiet on_click=move |_| actions.remove(&row.get_untracked())>
                        {tr!(account.remove_access)}
                    </Button>
                </Show>
            }
            .into_any()
        }
        Of::Invitation(id) => {
            let again = id.clone();
            view! {
                <Button kind=Kind::Quiet busy=busy on_click=move |_| actions.resend(busy, again.clone(), row)>
                    {tr!(account.resend)}
                </Button>
                <Button kind=Kind::Quiet on_click=move |_| actions.cancel(id.clone(), row)>
                    {tr!(account.cancel_invitation)}
                </Button>
            }
            .into_any()
        }
        Of::Employee { .. } => {
            let blocked = move || row.with(|row| matches!(row.of, Of::Employee { blocked: true, .. }));
            view! {
                <Button kind=Kind::Quiet busy=busy on_click=move |_| actions.turn(busy, row.get_untracked())>
                    {dynamic(move || if blocked() { tr!(account.unblock) } else { tr!(account.block) })}
                </Button>
            }
            .into_any()
        }
    }
}

pub(in crate::pages::account) fn firm_role(role: EmployeeRole) -> &'static str {
    match role {
        EmployeeRole::Admin => tr!(account.firm_admin),
        EmployeeRole::Bookkeeper => tr!(account.bookkeeper),
    }
}

pub(super) fn member_role(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => tr!(common.role_owner),
        MemberRole::Member => tr!(common.role_member),
    }
}
