//! The employee's name, to be corrected by an admin.

use leptos::prelude::*;
use portal_client::api_types::{EmployeeDetail, UpdateEmployee};

use crate::components::NameForm;
use crate::pages::firm::FirmPage;
use crate::texts::tr;
use crate::ui::{Field, Loader, Memo, Toasts, effect};

/// `Name` and `Save`.
#[component]
pub(super) fn Rename(loader: Loader<EmployeeDetail>) -> impl IntoView {
    let page = FirmPage::get();
    let toasts = Toasts::get();
    let field = Field::new();
    let known =
        Memo::new(move |_| loader.with(|detail| detail.employee.name.to_string()).unwrap_or_default());
    // Another's change comes in, unless something is being typed.
    let mut before = String::new();
    effect(move |_| {
        let name = known.get();
        if before == field.value() {
            field.set(name.clone());
        }
        before = name;
    });
    let save = move |name| async move {
        let Some(id) = untrack(|| loader.with(|detail| detail.employee.id.clone())) else { return Ok(()) };
        let changes = UpdateEmployee { name: Some(name), ..Default::default() };
        let employee = page.call(|firm| firm.update_employee(&id, &changes)).await?;
        field.set(employee.name.to_string());
        loader.patch(|detail| detail.employee = employee);
        toasts.done(tr!(firm.renamed));
        Ok(())
    };
    view! {
        <div class="mt-4">
            <NameForm label=tr!(common.name) field=field autocomplete="off" save=save />
        </div>
    }
}
