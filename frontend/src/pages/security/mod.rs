//! Security.

use leptos::prelude::*;

/// Security.
#[component]
pub(crate) fn Security() -> impl IntoView {}
