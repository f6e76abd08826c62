//! One table for keys, webhooks and deliveries, compiled once: each list says what its rows are in words.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::components::Pager;
use crate::ui::{
    Badge, Busy, Button, EmptyState, Kind, Loaded, Loader, Memo, Rows, Show, Time, Tone, dynamic,
};

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) id: String,
    /// What the row is called in questions and messages.
    pub(super) name: String,
    /// What stands in its columns.
    pub(super) cells: Vec<Cell>,
}

/// What stands in a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    /// Words, and grey ones below.
    Words(String, String),
    /// The link that the row is opened by; its path; and words below.
    Link(String, String, String),
    /// A moment, and words below.
    Moment(DateTime<Utc>, String),
    /// A mark, and words below.
    Mark(Tone, &'static str, String),
    /// Words that lines are folded below.
    Fold(String, String),
}

/// A page of rows, and where the next one starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lines {
    pub(super) items: Vec<Line>,
    pub(super) next: Option<String>,
}

/// What can be done with each row: the button's words, and what it does.
pub(super) type Action = (&'static str, Box<dyn Fn(Busy, Line)>);

/// The table with its heads, or what is said instead when nothing is there: a title and a hint.
pub(super) fn listing(
    lines: Loader<Lines>,
    heads: Vec<&'static str>,
    empty: (icondata_core::Icon, &'static str, &'static str),
    action: Option<Action>,
) -> AnyView {
    let (heads, action) = (StoredValue::new(heads), StoredValue::new_local(action));
    let is_empty = Memo::new(move |_| lines.with(|lines| lines.items.is_empty()) == Some(true));
    let next = Signal::derive(move || lines.with(|lines| lines.next.clone()).flatten());
    let nothing = move || {
        let (icon, title, hint) = empty;
        view! { <EmptyState icon=icon title=title hint=hint /> }
    };
    let table = move || {
        let columns = heads.get_value().into_iter().map(|head| view! { <th scope="col">{head}</th> });
        let more = action.with_value(|action| {
            action
                .as_ref()
                .map(|(words, _)| view! { <th scope="col"><span class="sr-only">{*words}</span></th> })
        });
        view! {
            <div class="table-wrap">
                <table class="table-list table-programs">
                    <thead>
                        <tr>{columns.collect_view()} {more}</tr>
                    </thead>
                    <Rows
                        each=move || lines.with(|lines| lines.items.clone()).unwrap_or_default()
                        key=|line: &Line| line.id.clone()
                        row=move |line| row(line, heads, action)
                    />
                </table>
            </div>
        }
    };
    view! {
        <Loaded loader=lines lines=3>
            <Show when=move || !is_empty.get() fallback=nothing>{table()}</Show>
            <Pager next=next />
        </Loaded>
    }
    .into_any()
}

fn row(
    line: Memo<Line>,
    heads: StoredValue<Vec<&'static str>>,
    action: StoredValue<Option<Action>, LocalStorage>,
) -> AnyView {
    let cell = |(index, head): (usize, &'static str)| {
        // Each for itself: what is folded open stays open while another column changes.
        let cell = Memo::new(move |_| line.with(|line| line.cells.get(index).cloned()));
        view! { <td data-label=(index > 0).then_some(head)>{dynamic(move || cell.get().map(draw))}</td> }
    };
    let cells = heads.get_value().into_iter().enumerate().map(cell).collect_view();
    let words = action.with_value(|action| action.as_ref().map(|(words, _)| *words));
    let button = words.map(|words| {
        let busy = Busy::new();
        let act = move |_| {
            action.with_value(|action| {
                if let Some((_, act)) = action {
                    act(busy, line.get_untracked());
                }
            });
        };
        view! {
            <td class="end">
                <Button kind=Kind::Quiet busy=busy on_click=act>{words}</Button>
            </td>
        }
    });
    view! { <tr>{cells} {button}</tr> }.into_any()
}

/// Draws what stands in a column.
pub(super) fn draw(cell: Cell) -> AnyView {
    let (first, below) = match cell {
        Cell::Words(words, below) => (view! { <span dir="auto">{words}</span> }.into_any(), below),
        Cell::Link(words, href, below) => {
            (view! { <a class="link who-name" href=href dir="auto">{words}</a> }.into_any(), below)
        }
        Cell::Moment(at, below) => (view! { <Time at=at /> }.into_any(), below),
        Cell::Mark(tone, words, below) => (view! { <Badge tone=tone label=words /> }.into_any(), below),
        Cell::Fold(words, lines) => {
            let fold = view! {
                <details>
                    <summary class="link">{words}</summary>
                    <p class="muted lines" dir="auto">{lines}</p>
                </details>
            };
            (fold.into_any(), String::new())
        }
    };
    let below = (!below.is_empty()).then(|| view! { <span class="muted" dir="auto">{below}</span> });
    view! { <div class="who-words">{first} {below}</div> }.into_any()
}
