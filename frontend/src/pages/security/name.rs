//! The name that others see.

use leptos::prelude::*;
use portal_client::api_types::{Name, UpdateMe};

use crate::components::{fail, invalid};
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Alert, Busy, Field, Form, SubmitButton, TextField, Toasts};

/// `Your name`, `Save`.
#[component]
pub(super) fn NameForm() -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let name = Field::with(untrack(|| session.me()).map(|me| me.name.to_string()).unwrap_or_default());
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let Some(typed) = name.parse(Name::parse, invalid) else { return };
        let changes = UpdateMe { name: Some(typed), ..UpdateMe::default() };
        busy.run(async move {
            let changed = session.call(async |signed_in| signed_in.update_me(&changes).await).await;
            match changed {
                Ok(me) => {
                    session.set_me(me);
                    toasts.done(tr!(security.name_saved));
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
            <TextField
                label=tr!(security.your_name)
                field=name
                autocomplete="name"
                description=tr!(security.name_hint)
            />
            <div class="row-actions">
                <SubmitButton busy=busy label=tr!(common.save) />
            </div>
        </Form>
    }
}
