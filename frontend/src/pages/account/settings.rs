//! AccountSettings.

use leptos::prelude::*;

/// AccountSettings.
#[component]
pub(crate) fn AccountSettings() -> impl IntoView {}
