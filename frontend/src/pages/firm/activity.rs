//! FirmActivity.

use leptos::prelude::*;

/// FirmActivity.
#[component]
pub(crate) fn FirmActivity() -> impl IntoView {}
