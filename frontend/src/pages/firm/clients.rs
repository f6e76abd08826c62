//! Clients.

use leptos::prelude::*;

/// Clients.
#[component]
pub(crate) fn Clients() -> impl IntoView {}
