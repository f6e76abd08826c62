//! Headings of pages: they name the tab, and take the focus when one comes from another page.

use std::cell::Cell;

use leptos::prelude::*;

use crate::account::AccountPage;
use crate::app::Language;
use crate::browser;
use crate::components::Here;
use crate::pages::firm::FirmPage;
use crate::texts::{self, Locale, tr};
use crate::ui::{Toasts, dynamic, effect, handler};

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
    let here = Here::get();
    // Where one was in a firm before, it is still in the context: then it has no name any more.
    let firm = use_context::<FirmPage>().and_then(FirmPage::name);
    effect(move |_| {
        let title = title.get();
        // Tabs of two accounts, or of two firms, are told apart by it.
        let account = here.account().and_then(AccountPage::name).map(|name| name.to_string());
        let place = account.or_else(|| firm.clone()).filter(|place| *place != title);
        let words = [Some(title), place, Some(tr!(common.product).to_owned())];
        browser::set_title(&words.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    });
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

/// The frame of what is seen without being signed in: one card in the middle, and the other languages below.
#[component]
pub(crate) fn PublicCard(
    /// The heading.
    #[prop(into)]
    title: Signal<String>,
    /// What is on the card.
    children: Children,
) -> impl IntoView {
    let (language, toasts) = (Language::get(), Toasts::get());
    let others = Locale::ALL.iter().filter(|locale| **locale != texts::locale()).map(|locale| {
        view! {
            <button type="button" class="link" lang=locale.as_str() on:click=handler(move |_| language.choose(*locale, toasts))>
                {texts::own_name(*locale)}
            </button>
        }
    });
    view! {
        <main class="page-centred" id="main">
            <p class="brand">{tr!(common.product)}</p>
            <div class="card-public">
                <Heading title=title />
                {children()}
            </div>
            <p class="card-links">{others.collect_view()}</p>
        </main>
    }
}
