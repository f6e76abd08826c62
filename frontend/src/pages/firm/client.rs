//! A client account.

use leptos::prelude::*;
use portal_client::api_types::AccountId;

/// A client account.
#[component]
pub(crate) fn ClientPage(id: AccountId) -> impl IntoView {
    let _ = id;
}
