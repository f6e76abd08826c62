//! A row of a table that opens what it stands for.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::address::Address;
use crate::routes::Route;

/// A row: a click anywhere on it goes where the link in it goes. The link is what the keyboard and screen readers use.
#[component]
pub(crate) fn LinkRow(
    /// Where to.
    route: Route,
    /// Its cells.
    children: Children,
) -> impl IntoView {
    let address = Address::get();
    let open = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let on_control = target.and_then(|target| target.closest("a, button, input, label").ok().flatten());
        if on_control.is_none() {
            address.go(&route.to_string());
        }
    };
    view! { <tr class="cursor-pointer" on:click=open>{children()}</tr> }
}
