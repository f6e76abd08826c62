//! The audit trail of a firm.

use leptos::prelude::*;

use crate::components::{Activity, Trail};

/// The page `Activity`.
#[component]
pub(crate) fn FirmActivity() -> impl IntoView {
    view! { <Activity trail=Trail::of_firm() /> }
}
