//! Join.

use leptos::prelude::*;

/// Join.
#[component]
pub(crate) fn Join() -> impl IntoView {}
