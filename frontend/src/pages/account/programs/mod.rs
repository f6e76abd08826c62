//! What programs have to do with an account: the keys by which they act in it, and the webhooks by which they are told.
//! Pages that few people see: what can be compiled once is a function, not a component.

mod api_keys;
mod deliveries;
mod listing;
mod new_key;
mod once;
mod ticks;
mod webhook;
mod webhook_form;
mod webhooks;

use leptos::prelude::*;
use portal_client::Error;

use crate::components::Heading;
use crate::pages::account::settings::settings_pages;
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Button, Field, Icon, Kind};
use once::Once;

pub(super) use api_keys::api_keys;
pub(super) use webhook::webhook;
pub(super) use webhooks::webhooks;

/// The top of a list: the button that makes something, what it is for, and where its API is described: outside of the
/// app, by the portal.
fn top(title: &'static str, words: &'static str, new: &'static str, once: Once) -> AnyView {
    let href = Session::get().portal().url("/swagger-ui/");
    view! {
        <Heading title=title>
            <Button kind=Kind::Primary on_click=move |_| once.open.set(true)>
                <Icon icon=icondata_lu::LuPlus />
                {new}
            </Button>
        </Heading>
        {settings_pages()}
        <p class="muted lead">
            {words} " "
            <a class="link" href=href rel="external">
                {tr!(programs.api_docs)}
            </a>
        </p>
    }
    .into_any()
}

/// Says at a field what its rule is, where the portal's code alone does not.
fn explain_at(error: &Error, pointer: &str, field: Field, words: &'static str) {
    let errors = error.problem().map(|problem| problem.errors.as_slice()).unwrap_or_default();
    if errors.iter().any(|wrong| wrong.pointer == pointer) {
        field.fail(words);
    }
}
