//! The name that others see.

use leptos::prelude::*;
use portal_client::api_types::UpdateMe;

use crate::components::NameForm;
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Field, Toasts};

/// `Name`, `Save`.
#[component]
pub(super) fn YourName() -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let name = Field::with(untrack(|| session.me()).map(|me| me.name.to_string()).unwrap_or_default());
    let save = move |name| async move {
        let changes = UpdateMe { name: Some(name), ..UpdateMe::default() };
        let me = session.call(|signed_in| signed_in.update_me(&changes)).await?;
        session.set_me(me);
        toasts.done(tr!(security.name_saved));
        Ok(())
    };
    view! {
        <NameForm
            label=tr!(common.name)
            field=name
            autocomplete="name"
            description=tr!(security.name_hint)
            save=save
        />
    }
}
