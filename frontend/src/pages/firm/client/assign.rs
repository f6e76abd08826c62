//! The dialog that assigns employees to a client account.

use leptos::prelude::*;
use portal_client::EmployeeQuery;
use portal_client::api_types::{AssignmentBatch, AssignmentPair, EmployeeId, EmployeeRole, EmployeeStatus};

use super::details::Client;
use crate::components::{Checklist, Choice};
use crate::pages::firm::FirmPage;
use crate::texts::{explain, tr};
use crate::ui::{Alert, Busy, Button, Dialog, Form, Kept, Loader, SubmitButton, Toasts};

/// `Assign employee`: several can be chosen.
#[component]
pub(super) fn AssignDialog(open: RwSignal<bool>, loader: Loader<Client>) -> impl IntoView {
    view! {
        <Dialog open=open title=tr!(firm.assign_employee).to_owned()>
            <AssignForm open=open loader=loader />
        </Dialog>
    }
}

#[component]
fn AssignForm(open: RwSignal<bool>, loader: Loader<Client>) -> impl IntoView {
    let page = FirmPage::get();
    let toasts = Toasts::get();
    let chosen = Kept::new(Vec::<Choice>::new());
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        let Some(account) = untrack(|| loader.with(|client| client.account.clone())) else { return };
        // Each is an id: the portal has said so.
        let pair = |choice: &Choice| {
            let employee_id = EmployeeId::parse(&choice.id).ok()?;
            Some(AssignmentPair { employee_id, account_id: account.id.clone() })
        };
        let grant: Vec<_> = chosen.with_untracked(|chosen| chosen.iter().filter_map(pair).collect());
        if grant.is_empty() {
            message.set(Some(tr!(firm.assign_nobody).to_owned()));
            return;
        }
        message.set(None);
        let first = chosen.with_untracked(|chosen| chosen.first().map(|choice| choice.name.clone()));
        let batch = AssignmentBatch { grant, ..AssignmentBatch::default() };
        busy.run(async move {
            let call = page.call(|firm| firm.assign_accounts(&batch));
            match call.await {
                Ok(_) => {
                    open.try_set(false);
                    loader.reload();
                    let account = account.name.as_str();
                    let said = match (batch.grant.len(), first) {
                        (1, Some(name)) => tr!(firm.account_granted, account = account, name = name),
                        (count, _) => tr!(firm.people_assigned, account = account, count = count),
                    };
                    page.say_changed(toasts, said, batch.grant, true, move || loader.reload());
                }
                Err(error) => {
                    message.try_set(Some(explain(&error)));
                }
            }
        });
    };
    view! {
        <Form on_submit=submit>
            <Checklist
                label=tr!(common.employees)
                search=tr!(firm.search_employees)
                empty=tr!(firm.no_employee_fits)
                chosen=chosen
                fetch=move |q, cursor| {
                    let there: Vec<EmployeeId> = untrack(|| loader.with(|client| client.people.clone()))
                        .flatten()
                        .unwrap_or_default()
                        .into_iter()
                        .map(|person| person.employee_id)
                        .collect();
                    async move {
                        let query = EmployeeQuery { q, cursor, ..Default::default() };
                        let call = page.call(|firm| firm.list_employees(&query));
                        let found = call.await.map_err(|error| explain(&error))?;
                        // Who has the account already, and who could not use it, is no choice.
                        let fits = found.items.into_iter().filter(|employee| {
                            employee.role == EmployeeRole::Bookkeeper
                                && employee.status != EmployeeStatus::Deactivated
                                && !there.contains(&employee.id)
                        });
                        let choices = fits.map(|employee| Choice {
                            id: employee.id.to_string(),
                            name: employee.name.to_string(),
                            detail: Some(employee.email.display().to_owned()),
                        });
                        Ok((choices.collect(), found.next_cursor))
                    }
                }
            />
            <Alert message=message />
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=tr!(firm.assign) />
            </div>
        </Form>
    }
}
