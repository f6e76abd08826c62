//! The rows of the list of users: people first, then the firms with their people below them.

use leptos::prelude::*;
use portal_client::api_types::{
    AccountFirm, AccountUsers, ConnectionStatus, EmployeeRole, FirmId, FirmPerson, MemberRole, Person,
    UserInvitation, Via,
};
use serde::Serialize;

use super::actions::Actions;
use crate::components::Who;
use crate::texts::tr;
use crate::ui::{Badge, Button, Kind, Tone};

/// A row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Row {
    of: Of,
    /// Whether the person who looks may change it.
    owner: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
enum Of {
    Person(Person, MemberRole),
    Invitation(UserInvitation),
    Firm(AccountFirm),
    Employee { firm_id: FirmId, person: FirmPerson, blocked: bool },
}

/// All rows, in the order of the list.
pub(super) fn rows(users: &AccountUsers, owner: bool) -> Vec<Row> {
    let owners = users.owners.iter().map(|person| Of::Person(person.clone(), MemberRole::Owner));
    let members = users.members.iter().map(|person| Of::Person(person.clone(), MemberRole::Member));
    let invited = users.invitations.iter().map(|invitation| Of::Invitation(invitation.clone()));
    let firms = users.firms.iter().flat_map(|firm| {
        let people = firm.people.iter().map(|person| (person, false));
        let blocked = firm.blocked.iter().map(|person| (person, true));
        let below = people.chain(blocked).filter_map(|(person, blocked)| {
            Some(Of::Employee { firm_id: firm.firm_id.clone()?, person: person.clone(), blocked })
        });
        std::iter::once(Of::Firm(firm.clone())).chain(below)
    });
    owners.chain(members).chain(invited).chain(firms).map(|of| Row { of, owner }).collect()
}

/// Draws a row.
#[component]
pub(super) fn RowView(row: Row, actions: Actions) -> impl IntoView {
    let owner = row.owner;
    match row.of {
        Of::Person(person, role) => person_row(person, role, owner, actions),
        Of::Invitation(invitation) => invitation_row(invitation, owner, actions),
        Of::Firm(firm) => firm_row(firm, owner, actions),
        Of::Employee { firm_id, person, blocked } => employee_row(firm_id, person, blocked, owner, actions),
    }
}

fn person_row(person: Person, role: MemberRole, owner: bool, actions: Actions) -> AnyView {
    let email = person.email.as_ref().map(|email| email.display().to_owned());
    let name = person.name.to_string();
    let buttons = owner.then(|| {
        view! {
            <Button kind=Kind::Quiet on_click=move |_| actions.remove_person(&person, role)>
                {tr!(account.remove_access)}
            </Button>
        }
    });
    draw(
        false,
        name,
        email,
        false,
        member_role(role),
        status(Tone::Good, tr!(account.active)),
        buttons.into_any(),
    )
}

fn invitation_row(invitation: UserInvitation, owner: bool, actions: Actions) -> AnyView {
    let email = invitation.email.as_ref().map(|email| email.display().to_owned());
    let name = invitation.name.to_string();
    let role = member_role(invitation.role);
    let id = invitation.invitation_id;
    let buttons = owner.then(|| actions.invitation_buttons(id, &name)).into_any();
    draw(false, name, email, false, role, status(Tone::Waiting, tr!(account.invited)), buttons)
}

fn firm_row(firm: AccountFirm, owner: bool, actions: Actions) -> AnyView {
    let email = firm.email.as_ref().map(|email| email.display().to_owned());
    let name = firm.name.to_string();
    let status = match firm.status {
        ConnectionStatus::Invited => status(Tone::Waiting, tr!(account.invited)),
        ConnectionStatus::Connected => status(Tone::Good, tr!(account.connected)),
    };
    let buttons = match (firm.invitation_id.clone(), owner) {
        (_, false) => ().into_any(),
        (Some(id), true) => actions.invitation_buttons(id, &name),
        (None, true) => view! {
            <Button kind=Kind::Quiet on_click=move |_| actions.disconnect(&firm)>{tr!(account.remove_access)}</Button>
        }
        .into_any(),
    };
    draw(false, name, email, true, tr!(account.accounting_company), status, buttons)
}

fn employee_row(
    firm_id: FirmId,
    person: FirmPerson,
    blocked: bool,
    owner: bool,
    actions: Actions,
) -> AnyView {
    let name = person.name.to_string();
    let via = match person.via {
        Via::Admin => tr!(account.via_admin),
        Via::Assignment => tr!(account.via_assignment),
    };
    let role = match person.role {
        EmployeeRole::Admin => tr!(account.firm_admin),
        EmployeeRole::Bookkeeper => tr!(account.bookkeeper),
    };
    let status = match blocked {
        true => status(Tone::Bad, tr!(account.blocked)),
        false => status(Tone::Good, tr!(account.active)),
    };
    let words = if blocked { tr!(account.unblock) } else { tr!(account.block) };
    let buttons = owner.then(|| {
        view! {
            <Button
                kind=Kind::Quiet
                on_click=move |_| actions.set_blocked(&firm_id, &person.employee_id, person.name.as_str(), !blocked)
            >
                {words}
            </Button>
        }
    });
    draw(true, name, Some(via.to_owned()), false, role, status, buttons.into_any())
}

fn draw(
    nested: bool,
    name: String,
    below: Option<String>,
    square: bool,
    role: &'static str,
    status: AnyView,
    buttons: AnyView,
) -> AnyView {
    view! {
        <tr class:nested=nested>
            <td><Who name=name below=below.unwrap_or_default() square=square /></td>
            <td data-label=tr!(account.role)>{role}</td>
            <td data-label=tr!(account.status)>{status}</td>
            <td class="end"><div class="row-actions">{buttons}</div></td>
        </tr>
    }
    .into_any()
}

fn status(tone: Tone, words: &'static str) -> AnyView {
    view! { <Badge tone=tone label=words /> }.into_any()
}

pub(super) fn member_role(role: MemberRole) -> &'static str {
    match role {
        MemberRole::Owner => tr!(common.role_owner),
        MemberRole::Member => tr!(common.role_member),
    }
}
