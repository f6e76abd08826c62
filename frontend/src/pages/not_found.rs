//! An address that leads nowhere.

use leptos::prelude::*;

use crate::components::Heading;
use crate::routes::Route;
use crate::texts::tr;

/// Says so, and leads back.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    view! {
        <Heading title=tr!(common.not_found) />
        <p class="muted">{tr!(common.not_found_hint)}</p>
        <p class="after-table"><a class="btn btn-primary" href=Route::Home.to_string()>{tr!(common.to_start)}</a></p>
    }
}
