//! The matrix as a grid (WAI-ARIA): of any number of rows and columns only those in sight are in the page. One of its
//! boxes can have the focus, and one listener hears for all of them.

mod axes;
mod drawing;
mod moving;

use std::cell::RefCell;
use std::rc::Rc;

use leptos::ev::{Event, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use super::matrix::{Matrix, Pair, Side};
use crate::browser;
use crate::texts::{explain, tr};
use crate::ui::{Busy, Toasts, bound, dynamic, effect, handler, unique_id};
use axes::{Axes, CELL, Drawn, Spot};
use drawing::{all, set, spot};

/// How wide the heads of rows are, and how high those of columns, in pixels, as in the styles.
const HEADS: (usize, usize) = (240, 168);

#[derive(Default)]
struct State {
    drawn: Drawn,
    /// Where the focus is, or goes to.
    active: Spot,
    /// What was shown when that was so: the rows and the columns.
    lines: [Rc<Vec<usize>>; 2],
    /// What was set last, and to what: a range begins there.
    anchor: Option<(Pair, bool)>,
    /// Counts what was looked at: only where one rests is asked about.
    looks: u32,
}

/// What the grid's parts share; a handle that can be copied around.
#[derive(Clone, Copy)]
struct Grid {
    matrix: Matrix,
    toasts: Toasts,
    busy: Busy,
    scroller: NodeRef<html::Div>,
    sizer: NodeRef<html::Div>,
    table: NodeRef<html::Table>,
    state: StoredValue<Rc<RefCell<State>>, LocalStorage>,
    narrow: RwSignal<bool>,
    /// The employee that a narrow screen is about, by the place in what is known; none was chosen yet.
    chosen: RwSignal<Option<u32>>,
    /// Whom and what the mouse or the focus is on.
    here: RwSignal<String>,
}

/// The grid, or on a narrow screen a list for one employee at a time.
#[component]
pub(super) fn MatrixGrid() -> impl IntoView {
    let grid = Grid {
        matrix: Matrix::get(),
        toasts: Toasts::get(),
        busy: Busy::new(),
        scroller: NodeRef::new(),
        sizer: NodeRef::new(),
        table: NodeRef::new(),
        state: StoredValue::new_local(Rc::default()),
        narrow: RwSignal::new(browser::is_narrow()),
        chosen: RwSignal::new(None),
        here: RwSignal::new(String::new()),
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| grid.narrow.set(browser::is_narrow()));
    on_cleanup(move || resized.remove());
    effect(move |_| {
        grid.matrix.track();
        grid.narrow.track();
        grid.chosen.track();
        // Once it is in the page.
        if grid.table.get().is_some() {
            grid.draw(true);
        }
    });
    view! {
        {dynamic(move || grid.narrow.get().then(|| grid.choice()))}
        <div
            class="matrix"
            class:matrix-narrow=bound(move || grid.narrow.get())
            node_ref=grid.scroller
            on:scroll=handler(move |_: Event| grid.draw(false))
        >
            <div class="matrix-size" node_ref=grid.sizer>
                <table
                    role="grid"
                    tabindex="-1"
                    aria-label=tr!(bulk.assignments)
                    aria-busy=bound(move || (grid.matrix.is_asking() || grid.busy.get()).then_some("true"))
                    node_ref=grid.table
                    on:click=handler(move |event: MouseEvent| {
                        if let Some((_, spot)) = box_of(event.target()) {
                            grid.act(spot, event.shift_key());
                        }
                    })
                    on:keydown=handler(move |event| grid.on_key(&event))
                    on:focusin=handler(move |event: web_sys::FocusEvent| grid.enter(event.target(), true))
                    on:mouseover=handler(move |event: MouseEvent| grid.enter(event.target(), false))
                ></table>
            </div>
        </div>
        <p class="matrix-here muted" aria-hidden="true" dir="auto">{dynamic(move || grid.here.get())}</p>
    }
}

impl Grid {
    /// What is drawn, and where one is; nothing once the page was left.
    fn state(self) -> Rc<RefCell<State>> {
        self.state.try_get_value().unwrap_or_default()
    }

    fn axes(self) -> Axes {
        let known = self.matrix.known();
        let known = known.borrow();
        let (employees, more_rows) = known.shown(Side::Employees);
        let (accounts, more_columns) = known.shown(Side::Accounts);
        if !self.narrow.get_untracked() {
            return Axes { rows: employees, columns: accounts, more_rows, more_columns, single: None };
        }
        let chosen = self.chosen_of(&employees);
        let columns = Rc::new(employees.get(chosen).copied().into_iter().collect());
        Axes { rows: accounts, columns, more_rows: more_columns, more_columns: false, single: Some(chosen) }
    }

    /// Whose accounts a narrow screen lists, among those shown: who was chosen, else the first. Who was first stays chosen when
    /// somebody comes in before them.
    fn chosen_of(self, employees: &[usize]) -> usize {
        let known = self.chosen.get_untracked();
        let at = known.and_then(|place| employees.iter().position(|shown| *shown == place as usize));
        if let (None, Some(first)) = (known, employees.first()) {
            self.chosen.set(u32::try_from(*first).ok());
        }
        at.unwrap_or(0)
    }

    /// How wide the heads of rows are, and how high those of columns.
    fn heads(self) -> (usize, usize) {
        if self.narrow.get_untracked() { (0, CELL) } else { HEADS }
    }

    /// On a narrow screen: whose accounts are listed.
    fn choice(self) -> AnyView {
        let id = unique_id("employee");
        let options = move || {
            self.matrix.track();
            let known = self.matrix.known();
            let known = known.borrow();
            self.chosen.track();
            let employees = known.shown(Side::Employees).0;
            let chosen = self.chosen_of(&employees);
            let option = |(index, place): (usize, &usize)| {
                let name = known.line(Side::Employees, *place).name.clone();
                view! { <option value=place.to_string() selected=index == chosen>{name}</option> }
            };
            employees.iter().enumerate().map(option).collect_view()
        };
        view! {
            <div class="field matrix-choice">
                <label class="field-label" for=id.clone()>{tr!(firm.employee)}</label>
                <select
                    id=id
                    class="select"
                    on:change:target=move |event| self.chosen.set(event.target().value().parse().ok())
                >
                    {dynamic(options)}
                </select>
            </div>
        }
        .into_any()
    }

    /// The focus or the mouse has come to a box: its column is marked, and its names are said below.
    fn enter(self, target: Option<EventTarget>, focused: bool) {
        let (Some((element, spot)), Some(table)) = (box_of(target), self.table.get_untracked()) else {
            return;
        };
        let state = self.state();
        if focused {
            // An admin's row is one wide box: below it one goes on in the column that one came from.
            if !(element.has_attribute("data-all") && state.borrow().active.0 == spot.0) {
                state.borrow_mut().active = spot;
            }
            for before in all(&table, "[data-r][tabindex=\"0\"]") {
                set(&before, "tabindex", Some("-1"));
            }
            set(&element, "tabindex", Some("0"));
            set(&table, "tabindex", Some("-1"));
        }
        self.here.set(self.axes().pair(spot).map(|pair| self.name(pair)).unwrap_or_default());
        for head in all(&table, "th.here") {
            set(&head, "class", None);
        }
        let first = state.borrow().drawn.columns.start;
        if let Some(column) = usize::try_from(spot.1).ok().and_then(|column| column.checked_sub(first)) {
            for head in all(&table, &format!("thead th:nth-child({})", column + 2)) {
                set(&head, "class", Some("here"));
            }
        }
    }

    /// Sets a box, a range of them, or all that is shown for a line.
    fn act(self, spot: Spot, range: bool) {
        let axes = self.axes();
        if let Some((side, place)) = axes.line(spot) {
            self.busy.run(async move {
                if let Err(error) = self.matrix.want_line(side, place).await {
                    self.toasts.failed(explain(&error));
                }
            });
            return;
        }
        let Some(pair) = axes.pair(spot) else { return };
        // What is not known yet is taken for empty, as it looks; what the portal says then is no change.
        let (is_on, _) = self.matrix.known().borrow().state(pair).unwrap_or_default();
        let state = self.state();
        // Where it is now; a range cannot begin at what is not shown.
        let anchor = state.borrow().anchor.filter(|_| range);
        let anchor = anchor.and_then(|(pair, on)| Some((axes.spot(pair)?, on)));
        let (from, on) = anchor.unwrap_or((spot, !is_on));
        state.borrow_mut().anchor = Some((pair, on));
        let pairs = (from.0.min(spot.0)..=from.0.max(spot.0))
            .flat_map(|row| (from.1.min(spot.1)..=from.1.max(spot.1)).map(move |column| (row, column)))
            .filter_map(|spot| axes.pair(spot));
        self.matrix.want(pairs.collect(), on);
    }
}

/// The box that something happened to.
fn box_of(target: Option<EventTarget>) -> Option<(Element, Spot)> {
    let element = target?.dyn_into::<Element>().ok()?.closest("[data-r]").ok()??;
    let spot = spot(&element)?;
    Some((element, spot))
}
