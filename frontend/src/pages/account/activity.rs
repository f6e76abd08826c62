//! The audit trail of an account.

use leptos::prelude::*;

use crate::components::{Activity, Trail};

/// The page `Activity`.
#[component]
pub(crate) fn AccountActivity() -> impl IntoView {
    view! { <Activity trail=Trail::of_account() /> }
}
