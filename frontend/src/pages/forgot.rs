//! Forgot.

use leptos::prelude::*;

/// Forgot.
#[component]
pub(crate) fn Forgot() -> impl IntoView {}
