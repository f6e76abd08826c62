//! AccountActivity.

use leptos::prelude::*;

/// AccountActivity.
#[component]
pub(crate) fn AccountActivity() -> impl IntoView {}
