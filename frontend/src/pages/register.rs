//! Register.

use leptos::prelude::*;

/// Register.
#[component]
pub(crate) fn Register() -> impl IntoView {}
