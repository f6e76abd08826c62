//! An employee.

use leptos::prelude::*;
use portal_client::api_types::EmployeeId;

/// An employee.
#[component]
pub(crate) fn EmployeePage(id: EmployeeId) -> impl IntoView {
    let _ = id;
}
