//! The employee's name, to be corrected by an admin.

use leptos::prelude::*;
use portal_client::api_types::{EmployeeDetail, Name, UpdateEmployee};

use crate::components::{fail, invalid};
use crate::pages::firm::FirmPage;
use crate::texts::tr;
use crate::ui::{Alert, Busy, Field, Form, Loader, SubmitButton, TextField, Toasts};

/// `Name` and `Save`.
#[component]
pub(super) fn Rename(loader: Loader<EmployeeDetail>) -> impl IntoView {
    let page = FirmPage::get();
    let toasts = Toasts::get();
    let field = Field::new();
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let known =
        Memo::new(move |_| loader.with(|detail| detail.employee.name.to_string()).unwrap_or_default());
    // Another's change comes in, unless something is being typed.
    Effect::new(move |before: Option<String>| {
        let name = known.get();
        if before.is_none_or(|before| before == field.value()) {
            field.set(name.clone());
        }
        name
    });
    let submit = move || {
        message.set(None);
        let Some(name) = field.parse(Name::parse, invalid) else { return };
        let Some(id) = untrack(|| loader.with(|detail| detail.employee.id.clone())) else { return };
        let changes = UpdateEmployee { name: Some(name), ..Default::default() };
        busy.run(async move {
            let call = page.call(async |firm| firm.update_employee(&id, &changes).await);
            match call.await {
                Ok(employee) => {
                    field.set(employee.name.to_string());
                    loader.patch(|detail| detail.employee = employee);
                    toasts.done(tr!(firm.renamed));
                }
                Err(error) => {
                    message.try_set(fail(&error, &[("/name", field)]));
                }
            }
        });
    };
    view! {
        <div class="mt-4 max-w-md">
            <Form on_submit=submit>
                <Alert message=message />
                <TextField label=tr!(common.name) field=field />
                <div><SubmitButton busy=busy label=tr!(common.save) /></div>
            </Form>
        </div>
    }
}
