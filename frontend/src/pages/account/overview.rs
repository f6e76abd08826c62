//! Overview.

use leptos::prelude::*;

/// Overview.
#[component]
pub(crate) fn Overview() -> impl IntoView {}
