//! What programs have to do with an account: the keys by which they act in it, and the webhooks by which they are told.

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

use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Field, Icon};

pub(super) use api_keys::ApiKeys;
pub(super) use webhook::WebhookPage;
pub(super) use webhooks::Webhooks;

/// What a list is for, and where its API is described: outside of the app, by the portal.
fn lead(words: &'static str) -> AnyView {
    let href = Session::get().portal().url("/swagger-ui/");
    view! {
        <p class="muted lead">
            {words} " "
            <a class="link" href=href rel="external">
                {tr!(programs.api_docs)}
                <Icon icon=icondata_lu::LuExternalLink />
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
