//! The account switcher: a WAI-ARIA combobox with a listbox, over any number of accounts.
//!
//! The portal searches; the list is fetched page by page as one scrolls, and only the rows in sight are drawn.

mod rows;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use portal_client::api_types::AccountId;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, Node};

use crate::account::AccountPage;
use crate::address::Address;
use crate::browser;
use crate::components::Here;
use crate::live::Live;
use crate::routes::{AccountTab, Route};
use crate::texts::tr;
use crate::ui::{Avatar, For, Icon, Kept, Memo, Show, bound, dynamic, effect, handler};
use rows::{Row, Rows};
pub(crate) use rows::{how, role};

/// The height of a row in pixels, the same as in the styles.
const ROW_HEIGHT: i32 = 52;
/// How many rows are in sight, and how many more are drawn above and below.
const IN_SIGHT: i32 = 8;
const BEYOND: i32 = 4;

/// The button `Switch account` with what it opens.
#[component]
pub(crate) fn Switcher() -> impl IntoView {
    let here = Here::get();
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let name = move || here.account().and_then(AccountPage::name);
    let rows = Rows::new();
    // Counts how often it was asked for while it was open.
    let again = RwSignal::new(0_u32);
    let live = Live::get();
    // Each time it opens, and when access changes while it is open.
    let mut was_open = false;
    effect(move |_| {
        let is_open = open.get();
        if is_open {
            live.access();
            if was_open { rows.refresh() } else { rows.start() }
        }
        was_open = is_open;
    });

    let shortcut = window_event_listener(leptos::ev::keydown, move |event| {
        let is_shortcut = (event.ctrl_key() || event.meta_key())
            && !event.alt_key()
            && event.key().eq_ignore_ascii_case("k");
        if is_shortcut {
            event.prevent_default();
            // What is below a dialog waits until the dialog is done with.
            if !browser::has_dialog() {
                if open.get_untracked() {
                    again.update(|again| *again = again.wrapping_add(1));
                }
                open.set(true);
            }
        }
    });
    on_cleanup(move || shortcut.remove());

    let on_focus_out = move |event: FocusEvent| {
        // It also comes when the button is taken out of the page, and everything of the switcher has gone with it.
        let Some(root) = root.try_get_untracked().flatten() else { return };
        let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        if !root.contains(to.as_ref()) {
            open.set(false);
        }
    };
    view! {
        <div class="switcher" node_ref=root on:focusout=on_focus_out>
            <button
                type="button"
                id="switcher-button"
                class="btn btn-ghost switcher-button"
                aria-haspopup="dialog"
                aria-expanded=bound(move || open.get().to_string())
                on:click=handler(move |_| open.update(|open| *open = !*open))
            >
                {dynamic(move || match name() {
                    Some(name) => view! { <Avatar name=name.to_string() square=true /> }.into_any(),
                    None => view! { <Icon icon=icondata_lu::LuBuilding2 /> }.into_any(),
                })}
                // First in the button's name, which goes on with what is seen.
                <span class="sr-only">{tr!(common.switch_account)}</span>
                <span class="truncate" dir="auto">
                    {dynamic(move || name().map_or_else(|| tr!(common.choose_account).to_owned(), |name| name.to_string()))}
                </span>
                <Icon icon=icondata_lu::LuChevronsUpDown />
            </button>
            <Show when=move || open.get()>
                <Popup open=open again=again rows=rows />
            </Show>
        </div>
    }
}

#[component]
fn Popup(open: RwSignal<bool>, again: RwSignal<u32>, rows: Rows) -> impl IntoView {
    let here = Here::get();
    // The account that the arrows or the mouse went to. Rows come and go above it: it is not a place in the list.
    let chosen = Kept::new(None::<AccountId>);
    // Until they went anywhere, or when it has gone, it is the first.
    let active = Memo::new(move |_| chosen.with(|id| rows.position(id.as_ref()?)).unwrap_or(0));
    let scrolled = Kept::new(0_i32);
    // Enter was pressed before the answer was there.
    let entered = RwSignal::new(false);
    let list = NodeRef::<html::Div>::new();
    let address = Address::get();

    // Another question, another list: its first row is the one that Enter takes.
    effect(move |_| {
        rows.asked();
        chosen.set(None);
        scrolled.set(0);
        if let Some(list) = list.get_untracked() {
            list.set_scroll_top(0);
        }
    });
    let close = move || {
        open.set(false);
        browser::focus("switcher-button");
    };
    let choose = StoredValue::new_local(move |row: &Row| {
        open.set(false);
        rows.keep(&row.account);
        let route = Route::Account(row.account.id.clone(), AccountTab::Overview);
        address.go(&route.to_string());
        // A page that was open already is not drawn anew, and takes the focus as little as it did before.
        browser::rescue_focus(None);
    });
    let move_to = move |index: usize| {
        chosen.set(untrack(|| rows.row(index)).map(|row| row.account.id));
        let Some(list) = list.get_untracked() else { return };
        let top = i32::try_from(index).unwrap_or(0) * ROW_HEIGHT;
        let (from, height) = (list.scroll_top(), list.client_height());
        if top < from {
            list.set_scroll_top(top);
        } else if top + ROW_HEIGHT > from + height {
            list.set_scroll_top(top + ROW_HEIGHT - height);
        }
    };
    // How often the arrow was pressed before the rows were there.
    let steps = StoredValue::new(0_usize);
    let go_down = move || {
        let (wanted, last) = (steps.get_value(), untrack(|| rows.len()).checked_sub(1));
        if let (1.., Some(last)) = (wanted, last) {
            steps.set_value(0);
            move_to(wanted.min(last));
        }
    };
    // It starts over: what was begun, an Enter that waits for its answer too, is not meant any more.
    let field = NodeRef::<html::Input>::new();
    let mut before = again.get_untracked();
    effect(move |_| {
        let now = again.get();
        if std::mem::replace(&mut before, now) != now {
            entered.set(false);
            steps.set_value(0);
            chosen.set(None);
            rows.start();
            if let Some(field) = field.get_untracked() {
                field.set_value("");
                let _ = field.focus();
            }
        }
    });
    effect(move |_| {
        if rows.len() > 0 {
            go_down();
        }
    });
    effect(move |_| {
        if entered.get() && rows.are_settled() {
            entered.set(false);
            go_down();
            let row = untrack(|| rows.row(active.get()));
            // Where the account that was meant has gone, no other one is entered in its place.
            match (row, chosen.get_untracked()) {
                (Some(row), None) => choose.with_value(|choose| choose(&row)),
                (Some(row), Some(id)) if id == row.account.id => choose.with_value(|choose| choose(&row)),
                _ => chosen.set(None),
            }
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let last = untrack(|| rows.len()).saturating_sub(1);
        let current = active.get_untracked();
        let page = usize::try_from(IN_SIGHT).unwrap_or(1);
        // Round and round only where all rows are there: before that, the last one is not the last.
        let is_whole = untrack(|| rows.total()) >= 0;
        match event.key().as_str() {
            "ArrowDown" if untrack(|| rows.len()) == 0 => steps.update_value(|steps| *steps += 1),
            "ArrowDown" => move_to(if current < last || !is_whole { (current + 1).min(last) } else { 0 }),
            "ArrowUp" => move_to(current.checked_sub(1).unwrap_or(if is_whole { last } else { 0 })),
            "PageDown" => move_to((current + page).min(last)),
            "PageUp" => move_to(current.saturating_sub(page)),
            "Enter" => entered.set(true),
            "Escape" => close(),
            _ => return,
        }
        event.prevent_default();
    };
    // Drawn are the rows in sight; more are fetched before the end comes into sight.
    let window = Memo::new(move |_| {
        let first = (scrolled.get() / ROW_HEIGHT - BEYOND).max(0);
        let last = first + IN_SIGHT + 2 * BEYOND;
        (usize::try_from(first).unwrap_or(0), usize::try_from(last).unwrap_or(0))
    });
    effect(move |_| {
        let (_, last) = window.get();
        if last + usize::try_from(IN_SIGHT).unwrap_or(0) >= rows.len() {
            rows.load_more();
        }
    });
    let visible = move || {
        let (first, last) = window.get();
        rows.slice(first, last)
    };
    let current_id = move || here.account().map(AccountPage::id);
    let status = move || match (rows.error(), rows.is_asking(), rows.len()) {
        (Some(error), _, _) => error,
        (None, true, 0) => tr!(common.loading).to_owned(),
        (None, _, 0) if rows.has_question() => tr!(common.no_account_found).to_owned(),
        (None, _, 0) => tr!(common.no_account_yet).to_owned(),
        _ => String::new(),
    };
    browser::focus_soon("#switcher-search");
    view! {
        <div class="switcher-popup" role="dialog" aria-label=tr!(common.switch_account)>
            <div class="search-field">
                <Icon icon=icondata_lu::LuSearch />
                <input
                    id="switcher-search"
                    node_ref=field
                    class="input"
                    type="text"
                    role="combobox"
                    aria-label=tr!(common.search_accounts)
                    placeholder=tr!(common.search_accounts)
                    aria-expanded="true"
                    aria-controls="switcher-list"
                    aria-autocomplete="list"
                    aria-activedescendant=bound(move || (rows.len() > 0).then(|| format!("switcher-{}", active.get())))
                    autocomplete="off"
                    spellcheck="false"
                    on:input:target=move |event| {
                        entered.set(false);
                        steps.set_value(0);
                        chosen.set(None);
                        rows.ask(&event.target().value());
                    }
                    on:keydown=handler(on_key)
                />
                <kbd class="key" aria-hidden="true">
                    {if browser::has_command_key() { "⌘K" } else { "Ctrl K" }}
                </kbd>
            </div>
            <p class="switcher-status" role="status">{status}</p>
            <div
                id="switcher-list"
                class="switcher-list"
                role="listbox"
                aria-label=tr!(common.accounts)
                aria-busy=bound(move || rows.is_asking().to_string())
                tabindex="-1"
                node_ref=list
                on:scroll:target=move |event| scrolled.set(event.target().scroll_top())
            >
                <div
                    class="switcher-rows"
                    role="presentation"
                    style:height=bound(move || format!("{}px", rows.len() * usize::try_from(ROW_HEIGHT).unwrap_or(0)))
                >
                    <For each=visible key=|(index, row)| format!("{index} {}", row.key()) let((index, row))>
                        <Option
                            index=index
                            rows=rows
                            active=active
                            chosen=chosen
                            current=Signal::derive(current_id)
                            row=row
                            on_choose=move |row: &Row| choose.with_value(|choose| choose(row))
                        />
                    </For>
                </div>
            </div>
        </div>
    }
}

#[component]
fn Option(
    index: usize,
    row: Row,
    rows: Rows,
    active: Memo<usize>,
    chosen: Kept<Option<AccountId>>,
    #[prop(into)] current: Signal<Option<AccountId>>,
    on_choose: impl Fn(&Row) + 'static,
) -> impl IntoView {
    let account = row.account.clone();
    let name = account.name.to_string();
    let how = rows::how(&account);
    let id = account.id.clone();
    let own_id = account.id.clone();
    let top = i32::try_from(index).unwrap_or(0) * ROW_HEIGHT;
    view! {
        <div
            id=format!("switcher-{index}")
            class="switcher-option"
            class:active=bound(move || active.get() == index)
            role="option"
            aria-label=name.clone()
            aria-description=how.clone()
            aria-selected=bound(move || (active.get() == index).to_string())
            aria-current=bound(move || current.with(|current| current.as_ref() == Some(&id)).then_some("true"))
            aria-setsize=bound(move || rows.total().to_string())
            aria-posinset=index + 1
            style:top=format!("{top}px")
            on:mousemove=handler(move |_| chosen.set(Some(own_id.clone())))
            // The focus stays in the field.
            on:mousedown=|event| event.prevent_default()
            on:click=handler(move |_| on_choose(&row))
        >
            <Avatar name=name.clone() square=true />
            <span class="switcher-words">
                <span class="truncate" dir="auto">{name.clone()}</span>
                // Drawn by the styles, as is the mark: an option is named after the account and nothing else.
                <span class="switcher-how muted truncate" dir="auto" data-words=how.clone()></span>
            </span>
            {row.recent.then(|| view! { <span class="switcher-mark mark" data-words=tr!(common.recent)></span> })}
        </div>
    }
}
