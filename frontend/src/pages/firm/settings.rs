//! FirmSettings.

use leptos::prelude::*;

/// FirmSettings.
#[component]
pub(crate) fn FirmSettings() -> impl IntoView {}
