//! Users.

use leptos::prelude::*;

/// Users.
#[component]
pub(crate) fn Users() -> impl IntoView {}
