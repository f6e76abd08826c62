//! Reset.

use leptos::prelude::*;

/// Reset.
#[component]
pub(crate) fn Reset() -> impl IntoView {}
