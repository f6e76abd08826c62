//! A button that opens a menu (WAI-ARIA menu button).

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

use super::{Show, bound, handler, unique_id};
use crate::browser;

/// Whether the menu is open, and its button.
#[derive(Clone, Copy)]
struct Open {
    open: RwSignal<bool>,
    button: StoredValue<String>,
}

impl Open {
    /// Closes the menu; the focus is on its button again.
    fn close(self) {
        self.open.set(false);
        self.button.with_value(|button| browser::focus(button));
    }
}

/// A menu behind a button.
#[component]
pub(crate) fn Menu(
    /// The button's accessible name.
    #[prop(into)]
    label: String,
    /// The button's look.
    #[prop(default = "btn btn-outline-soft")]
    class: &'static str,
    /// What is on the button.
    button: ViewFn,
    /// Its [`MenuItem`]s and [`MenuLink`]s.
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let id = unique_id("menu");
    let (button_id, menu_id) = (format!("{id}-button"), id);
    let state = Open { open, button: StoredValue::new(button_id.clone()) };
    provide_context(state);

    let show = {
        let menu_id = menu_id.clone();
        move |last: bool| {
            open.set(true);
            let which = if last { "nth-last-child" } else { "nth-child" };
            browser::focus_soon(format!("#{menu_id} :{which}(1 of [role=menuitem])"));
        }
    };
    let on_click = {
        let show = show.clone();
        move |_| if open.get_untracked() { open.set(false) } else { show(false) }
    };
    let on_button_key = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            show(false);
        }
        "ArrowUp" => {
            event.prevent_default();
            show(true);
        }
        _ => {}
    };
    let on_menu_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            // Not also the dialog that the menu may be in.
            event.prevent_default();
            event.stop_propagation();
            state.close();
        } else if event.key() == "Tab" {
            open.set(false);
        } else if let Some(menu) = root.get_untracked() {
            move_focus(&menu, &event);
        }
    };
    let on_focus_out = move |event: FocusEvent| {
        // It also comes when the button is taken out of the page, and everything of the menu has gone with it.
        let Some(root) = root.try_get_untracked().flatten() else { return };
        let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        if !root.contains(to.as_ref()) {
            open.set(false);
        }
    };
    let children = StoredValue::new(children);
    view! {
        <div class="menu-root" node_ref=root on:focusout=on_focus_out>
            <button
                type="button"
                id=button_id.clone()
                class=class
                aria-label=label.clone()
                aria-haspopup="menu"
                aria-expanded=bound(move || open.get().to_string())
                aria-controls=menu_id.clone()
                on:click=handler(on_click)
                on:keydown=handler(on_button_key)
            >
                {button.run()}
            </button>
            <div
                id=menu_id
                class="menu-popup"
                role="menu"
                aria-label=label
                hidden=bound(move || !open.get())
                on:keydown=handler(on_menu_key)
            >
                <Show when=move || open.get()>{children.with_value(|children| children())}</Show>
            </div>
        </div>
    }
}

/// Arrows, Home, End, and the first letter.
fn move_focus(menu: &HtmlElement, event: &KeyboardEvent) {
    let Ok(found) = menu.query_selector_all("[role=menuitem]") else { return };
    let items: Vec<HtmlElement> =
        (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect();
    if items.is_empty() {
        return;
    }
    let active = web_sys::window().and_then(|window| window.document()?.active_element());
    let current = items.iter().position(|item| active.as_ref() == Some(item.as_ref()));
    let last = items.len() - 1;
    let next = match (event.key().as_str(), current) {
        ("ArrowDown", Some(index)) => (index + 1) % items.len(),
        ("ArrowDown" | "Home", _) => 0,
        ("ArrowUp", Some(index)) => index.checked_sub(1).unwrap_or(last),
        ("ArrowUp" | "End", _) => last,
        // It presses buttons by itself, but not links.
        (" ", Some(index)) if items[index].tag_name() == "A" => {
            event.prevent_default();
            items[index].click();
            return;
        }
        (key, current) if key.chars().count() == 1 => {
            let key = key.to_lowercase();
            let starts = |item: &HtmlElement| {
                item.text_content().is_some_and(|text| text.trim().to_lowercase().starts_with(&key))
            };
            let from = current.map_or(0, |index| index + 1);
            match (0..items.len())
                .map(|step| (from + step) % items.len())
                .find(|index| starts(&items[*index]))
            {
                Some(index) => index,
                None => return,
            }
        }
        _ => return,
    };
    event.prevent_default();
    let _ = items[next].focus();
}

/// One thing to do in a [`Menu`].
#[component]
pub(crate) fn MenuItem(
    /// What it does.
    on_select: impl Fn() + 'static,
    /// Whether it takes something away.
    #[prop(optional)]
    danger: bool,
    /// Its words.
    children: Children,
) -> impl IntoView {
    menu_item(Box::new(on_select), danger, children)
}

/// Compiled once, not for each kind of `on_select`.
fn menu_item(on_select: Box<dyn Fn()>, danger: bool, children: Children) -> AnyView {
    let state: Open = expect_context();
    view! {
        <button
            type="button"
            role="menuitem"
            tabindex="-1"
            class=if danger { "menu-item menu-item-danger" } else { "menu-item" }
            on:click=move |_| {
                state.close();
                on_select();
            }
        >
            {children()}
        </button>
    }
    .into_any()
}

/// A place to go to from a [`Menu`]: a link like any other, that can be opened in a new tab.
#[component]
pub(crate) fn MenuLink(
    /// The path of the page.
    href: String,
    /// Its words.
    children: Children,
) -> impl IntoView {
    let state: Open = expect_context();
    view! {
        <a href=href role="menuitem" tabindex="-1" class="menu-item" on:click=handler(move |_| state.close())>
            {children()}
        </a>
    }
}
