//! Icons, drawn into the page: no font and no request.

use leptos::prelude::*;

/// An icon of the Lucide set. It says nothing by itself: the words beside it do.
#[component]
pub(crate) fn Icon(icon: icondata_core::Icon) -> impl IntoView {
    view! {
        <svg
            class="icon"
            aria-hidden="true"
            focusable="false"
            viewBox=icon.view_box.unwrap_or("0 0 24 24")
            fill=icon.fill.unwrap_or("none")
            stroke=icon.stroke.unwrap_or("currentColor")
            stroke-width=icon.stroke_width.unwrap_or("2")
            stroke-linecap=icon.stroke_linecap
            stroke-linejoin=icon.stroke_linejoin
            inner_html=icon.data
        ></svg>
    }
}
