//! Employees.

use leptos::prelude::*;

/// Employees.
#[component]
pub(crate) fn Employees() -> impl IntoView {}
