//! The question before somebody is deactivated or removed: everything that goes with them, and who takes over.

use leptos::prelude::*;
use portal_client::EmployeeQuery;
use portal_client::api_types::{
    AfterHandover, Departure, EmployeeDetail, EmployeeId, EmployeeStatus, Handover, UpdateEmployee,
};

use super::actions::access;
use crate::address::Address;
use crate::components::SearchBox;
use crate::format;
use crate::live::Live;
use crate::pages::firm::FirmPage;
use crate::routes::{FirmTab, Route};
use crate::texts::{explain, tr};
use crate::ui::{
    Alert, Busy, Button, Dialog, For, Form, Kept, Loaded, Loader, SubmitButton, Toasts, bound, dynamic,
    handler, unique_id,
};

/// How many colleagues are offered at once; one searches for others.
const OFFERED: u16 = 8;

/// A colleague, by id and name.
type Colleague = (EmployeeId, String);

/// The dialog before an employee leaves, for a while (`Deactivate`) or for good (`Remove`).
#[component]
pub(super) fn LeaveDialog(
    open: RwSignal<bool>,
    /// For good.
    remove: bool,
    loader: Loader<EmployeeDetail>,
    leaving: RwSignal<bool>,
) -> impl IntoView {
    let title = Signal::derive(move || {
        let name = loader.with(|detail| detail.employee.name.to_string()).unwrap_or_default();
        if remove { tr!(firm.remove_title, name = name) } else { tr!(firm.deactivate_title, name = name) }
    });
    view! {
        <Dialog open=open title=title>
            <Leave open=open remove=remove loader=loader leaving=leaving />
        </Dialog>
    }
}

#[component]
fn Leave(
    open: RwSignal<bool>,
    remove: bool,
    loader: Loader<EmployeeDetail>,
    leaving: RwSignal<bool>,
) -> impl IntoView {
    let page = FirmPage::get();
    let (toasts, live) = (Toasts::get(), Live::get());
    let address = Address::get();
    let id = StoredValue::new(untrack(|| loader.with(|detail| detail.employee.id.clone())));
    let departure = Loader::new(move || async move {
        // The dialog is opened by a button of the employee who is shown.
        let Some(id) = id.get_value() else { return std::future::pending().await };
        page.call(|firm| firm.read_departure(&id)).await.map_err(|error| explain(&error))
    });
    let to = Kept::new(None::<Colleague>);
    let busy = Busy::new();
    let message = RwSignal::new(None::<String>);
    let submit = move || {
        let Some(id) = id.get_value() else { return };
        let name = untrack(|| loader.with(|detail| detail.employee.name.to_string())).unwrap_or_default();
        let to = to.get_untracked();
        let list = Route::Firm(page.id(), FirmTab::Employees).to_string();
        message.set(None);
        busy.run(async move {
            leaving.try_set(remove);
            let done = leave(page, id, remove, to.as_ref()).await;
            leaving.try_set(remove && done.is_ok());
            let handed = match done {
                Ok(handed) => handed,
                Err(error) => {
                    message.try_set(Some(error));
                    return;
                }
            };
            let mut said = if remove {
                tr!(firm.was_removed, name = name)
            } else {
                tr!(firm.was_deactivated, name = name)
            };
            if let Some((count, (_, colleague))) = handed.zip(to) {
                said = format!("{said} {}", tr!(bulk.handed_over, count = count, name = colleague));
            }
            toasts.done(said);
            open.try_set(false);
            if remove {
                address.go(&list);
            } else {
                live.refresh();
            }
        });
    };
    let cannot = Signal::derive(move || departure.with(|departure| departure.is_last_admin) != Some(false));
    let button = if remove { tr!(firm.remove) } else { tr!(firm.deactivate) };
    view! {
        <Form on_submit=submit>
            <Loaded loader=departure lines=3>
                {dynamic(move || departure.get().map(|departure| consequences(departure, remove)))}
                {dynamic(move || {
                    let id = departure.with(|departure| {
                        (departure.assigned_count > 0).then(|| departure.employee.id.clone())
                    });
                    id.flatten().map(|id| view! { <Colleagues of=id to=to /> })
                })}
            </Loaded>
            <Alert message=message />
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=button danger=true disabled=cannot />
            </div>
        </Form>
    }
}

/// Lets the employee go; how many accounts a colleague has got, if one takes over.
async fn leave(
    page: FirmPage,
    id: EmployeeId,
    remove: bool,
    to: Option<&Colleague>,
) -> Result<Option<usize>, String> {
    let answer = match to {
        Some((to, _)) => {
            let then = if remove { AfterHandover::Remove } else { AfterHandover::Deactivate };
            let handover = Handover { to: to.clone(), then };
            let call = page.call(|firm| firm.hand_over_accounts(&id, &handover));
            call.await.map(|result| Some(result.moved + result.already_there))
        }
        None if remove => page.call(|firm| firm.remove_employee(&id)).await.map(|()| None),
        None => {
            let changes = UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..Default::default() };
            page.call(|firm| firm.update_employee(&id, &changes)).await.map(|_| None)
        }
    };
    answer.map_err(|error| explain(&error))
}

/// Everything that goes with the employee.
fn consequences(departure: Departure, remove: bool) -> AnyView {
    let Departure { employee, assigned_count, sole_count, accounts, .. } = departure;
    let (name, access) = (employee.name.as_str(), access(employee.account_count));
    let body = if departure.is_last_admin {
        tr!(errors.last_admin).to_owned()
    } else if remove {
        tr!(firm.remove_body, name = name, access = access)
    } else {
        tr!(firm.deactivate_body, name = name, access = access)
    };
    let more = |all: i64, named: usize| {
        let rest = all - i64::try_from(named).unwrap_or(all);
        (rest > 0).then(|| tr!(bulk.more, count = format::number(rest)))
    };
    let named: Vec<String> = accounts.iter().map(|account| account.name.to_string()).collect();
    let named: Vec<String> = named.into_iter().chain(more(assigned_count, accounts.len())).collect();
    let invitations = departure.open_invitations;
    let invited = i64::try_from(departure.open_invitation_count).unwrap_or(i64::MAX);
    let more_invitations = more(invited, invitations.len());
    let mut items = Vec::new();
    if assigned_count > 0 {
        items.push(tr!(bulk.goes_accounts, names = named.join(", ")));
    }
    if sole_count > 0 {
        items.push(tr!(bulk.goes_sole, count = format::number(sole_count)));
    }
    items.extend(
        invitations
            .iter()
            .map(|open| tr!(firm.invitation_ends, name = open.name.as_str(), email = open.email.display())),
    );
    items.extend(more_invitations);
    let items: Vec<_> = items.into_iter().map(|item| view! { <li dir="auto">{item}</li> }).collect();
    view! {
        <p>{body}</p>
        {(!items.is_empty()).then(|| view! { <ul class="consequences">{items}</ul> })}
    }
    .into_any()
}

/// `Hand over to a colleague`: nobody, or one of those who are found.
#[component]
fn Colleagues(of: EmployeeId, to: Kept<Option<Colleague>>) -> impl IntoView {
    let page = FirmPage::get();
    let asked = RwSignal::new(String::new());
    let of = StoredValue::new(of);
    let found = Loader::new(move || {
        let q = Some(asked.get()).filter(|text| !text.is_empty());
        let query = EmployeeQuery { q, limit: Some(OFFERED), ..Default::default() };
        async move {
            let call = page.call(|firm| firm.list_employees(&query));
            let found = call.await.map_err(|error| explain(&error))?;
            let fits = found.items.into_iter().filter(|employee| {
                employee.status != EmployeeStatus::Deactivated
                    && Some(&employee.id) != of.try_get_value().as_ref()
            });
            let colleague = |employee: portal_client::api_types::Employee| {
                (employee.id, employee.name.to_string(), employee.email.display().to_owned())
            };
            Ok(fits.map(colleague).collect::<Vec<_>>())
        }
    });
    // Who was chosen stays, whatever is searched for next.
    let rows = move || {
        let found = found.get().unwrap_or_default();
        let is_found = |id: &EmployeeId| found.iter().any(|(found, ..)| found == id);
        let chosen = to.get().filter(|(id, _)| !is_found(id));
        let mut rows: Vec<(Option<Colleague>, String)> = vec![(None, String::new())];
        rows.extend(chosen.map(|chosen| (Some(chosen), String::new())));
        rows.extend(found.into_iter().map(|(id, name, email)| (Some((id, name)), email)));
        rows
    };
    let group = unique_id("colleague");
    let row = move |(colleague, email): (Option<Colleague>, String)| {
        let name = colleague.as_ref().map_or_else(|| tr!(bulk.nobody).to_owned(), |(_, name)| name.clone());
        let own = colleague.as_ref().map(|(id, _)| id.clone());
        let checked = move || to.with(|to| to.as_ref().map(|(id, _)| id.clone()) == own);
        view! {
            <label class="choice">
                <input
                    type="radio"
                    class="radio radio-sm"
                    name=group.clone()
                    prop:checked=bound(checked)
                    on:change=handler(move |_: web_sys::Event| to.set(colleague.clone()))
                />
                <span class="grow min-w-0 wrap-anywhere" dir="auto">{name}</span>
                <span class="field-description truncate">{email}</span>
            </label>
        }
    };
    view! {
        <fieldset class="field handover">
            <legend class="field-label">{tr!(bulk.hand_over)}</legend>
            <SearchBox label=tr!(bulk.search_colleagues).to_owned() asked=asked on_search=move |text| asked.set(text) />
            <Loaded loader=found lines=2>
                <For
                    each=rows
                    key=|(colleague, _)| colleague.as_ref().map(|(id, _)| id.to_string()).unwrap_or_default()
                    children=row.clone()
                />
            </Loaded>
        </fieldset>
    }
}
