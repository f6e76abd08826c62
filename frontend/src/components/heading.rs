//! Headings of pages: they name the tab, and take the focus when one comes from another page.

use std::cell::Cell;

use leptos::prelude::*;

use crate::browser;
use crate::texts::tr;
use crate::ui::dynamic;

thread_local! { static FIRST: Cell<bool> = const { Cell::new(true) }; }

/// The heading of a page, with what can be done on the page beside it.
#[component]
pub(crate) fn Heading(
    /// The words.
    #[prop(into)]
    title: Signal<String>,
    /// Buttons beside it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    Effect::new(move |_| browser::set_title(&format!("{} · {}", title.get(), tr!(common.product))));
    // A reload leaves the focus to the browser; a click on a link brings it to the new page.
    if !FIRST.replace(false) {
        browser::focus_heading();
    }
    view! {
        <header class="page-header">
            <h1 tabindex="-1">{dynamic(move || title.get())}</h1>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}

/// The frame of what is seen without being signed in: one card in the middle.
#[component]
pub(crate) fn PublicCard(
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// What is on the card.
    children: Children,
) -> impl IntoView {
    view! {
        <main class="page-centred" id="main">
            <p class="brand">{tr!(common.product)}</p>
            <div class="card-public">
                <Heading title=title />
                {children()}
            </div>
        </main>
    }
}
