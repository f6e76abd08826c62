//! The settings of an account.

use leptos::prelude::*;
use portal_client::api_types::{Name, RenameAccount};

use crate::account::AccountPage;
use crate::components::{Heading, fail, invalid};
use crate::pages::home::OpenAccount;
use crate::texts::tr;
use crate::ui::{Alert, Busy, Field, Form, SubmitButton, TextField, Toasts};

/// The page `Settings`.
#[component]
pub(crate) fn AccountSettings() -> impl IntoView {
    view! {
        <Heading title=tr!(common.settings) />
        <section class="card">
            <h2>{tr!(account.name_section)}</h2>
            <Rename />
        </section>
        <section class="card">
            <h2>{tr!(account.open_another)}</h2>
            <p class="muted">{tr!(account.open_another_hint)}</p>
            <OpenAccount />
        </section>
    }
}

#[component]
fn Rename() -> impl IntoView {
    let page = AccountPage::get();
    let toasts = Toasts::get();
    let name = Field::with(untrack(|| page.name()).map(|name| name.to_string()).unwrap_or_default());
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let Some(new) = name.parse(Name::parse, invalid) else { return };
        let rename = RenameAccount { name: new };
        busy.run(async move {
            let renamed = page.call(async |account| account.rename_account(&rename).await).await;
            match renamed {
                Ok(account) => {
                    toasts.done(tr!(account.renamed, name = account.name.as_str()));
                    page.check();
                }
                Err(error) => {
                    message.try_set(fail(&error, &[("/name", name)]));
                }
            }
        });
    };
    view! {
        <Form on_submit=submit>
            <Alert message=message />
            <TextField label=tr!(account.account_name) field=name autocomplete="organization" />
            <div><SubmitButton busy=busy label=tr!(common.save) /></div>
        </Form>
    }
}
