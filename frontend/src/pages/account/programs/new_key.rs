//! Makes a key.

use leptos::prelude::*;
use portal_client::api_types::{NewApiKey, Scope, Scopes};

use super::api_keys::words;
use super::explain_at;
use super::listing::Lines;
use super::once::Once;
use super::ticks::ticks;
use crate::account::AccountPage;
use crate::components::{fail, invalid, typed_name};
use crate::format;
use crate::texts::tr;
use crate::ui::{Alert, Busy, Button, Field, Form, Kept, Loader, SubmitButton, TextField};

/// The form `New API key`.
pub(super) fn new_key(once: Once, keys: Loader<Lines>) -> AnyView {
    let page = AccountPage::get();
    let (name, ends) = (Field::new(), Field::new());
    let chosen = Kept::new(Vec::new());
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let scopes = chosen.with_untracked(|chosen| chosen.join(" ").parse::<Scopes>().ok());
        if scopes.is_none() {
            message.set(Some(tr!(programs.no_scope).to_owned()));
        }
        let Some(name_typed) = name.parse(typed_name, invalid) else { return };
        let Some(scopes) = scopes else { return };
        let day = ends.value();
        let key = NewApiKey { name: name_typed, scopes, expires_at: format::end_of_day(&day) };
        busy.run(async move {
            match page.call(|account| account.create_api_key(&key)).await {
                Ok(made) => {
                    let id = (tr!(programs.client_id), made.key.id.to_string());
                    once.reveal(vec![id, (tr!(programs.client_secret), made.secret.into())]);
                    keys.reload();
                }
                Err(error) => {
                    message.try_set(fail(&error, &[("/name", name), ("/expires_at", ends)]));
                    explain_at(&error, "/expires_at", ends, tr!(programs.end_refused));
                }
            }
        });
    };
    let scopes = Scope::ALL.iter().map(|scope| {
        let (name, hint) = words(*scope);
        (scope.as_str(), name, hint)
    });
    view! {
        <Form on_submit=submit>
            <Alert message=message />
            <TextField label=tr!(common.name) field=name description=tr!(programs.key_name_hint) focus=true />
            {ticks(tr!(programs.may), scopes.collect(), chosen)}
            <TextField
                label=tr!(programs.end_date)
                field=ends
                kind="date"
                description=tr!(programs.end_date_hint)
            />
            <div class="dialog-actions">
                <Button on_click=move |_| once.open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=tr!(programs.make_key) />
            </div>
        </Form>
    }
    .into_any()
}
