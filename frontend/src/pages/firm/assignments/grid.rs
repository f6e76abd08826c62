//! The matrix as a grid (WAI-ARIA): of any number of rows and columns only those in sight are in the page. One of its
//! boxes can have the focus; arrows, Home, End and the page keys move it.
//!
//! It is written as HTML and not as a view: there are hundreds of boxes, which come and go while one scrolls.

use std::fmt::Write as _;
use std::ops::Range;

use leptos::ev::{Event, KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::matrix::{Line, Matrix, Side};
use crate::browser;
use crate::components::DEBOUNCE;
use crate::texts::tr;
use crate::ui::{Busy, Toasts, bound, dynamic, handler, unique_id};

/// How wide and high a box is, in pixels, as in the styles.
const CELL: usize = 44;
/// How wide the heads of rows are, and how high those of columns.
const ROW_HEAD: usize = 240;
const COLUMN_HEAD: usize = 168;
/// What is drawn begins and ends at multiples of this, so that not every step of scrolling draws.
const STEP: usize = 8;

/// A box by its row and column among what is shown; the heads are at -1.
type Spot = (isize, isize);

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
struct Drawn {
    version: u32,
    rows: Range<usize>,
    columns: Range<usize>,
    /// On a narrow screen: the one employee whose accounts are listed.
    single: Option<usize>,
}

#[derive(Default)]
struct State {
    drawn: Drawn,
    /// Where the focus is, or goes to.
    active: Spot,
    /// What was set last, and to what: a range begins there.
    anchor: Option<(Spot, bool)>,
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
    state: StoredValue<State, LocalStorage>,
    narrow: RwSignal<bool>,
    /// The employee that a narrow screen is about, among those shown.
    chosen: RwSignal<usize>,
    /// Whom and what the mouse or the focus is on.
    here: RwSignal<String>,
}

/// The rows and the columns, by their places.
struct Axes {
    rows: Vec<usize>,
    columns: Vec<usize>,
    more_rows: bool,
    more_columns: bool,
    single: Option<usize>,
}

impl Axes {
    fn side_of_rows(&self) -> Side {
        if self.single.is_some() { Side::Accounts } else { Side::Employees }
    }

    fn side_of_columns(&self) -> Side {
        if self.single.is_some() { Side::Employees } else { Side::Accounts }
    }

    /// The employee and the account of a box.
    fn pair(&self, (row, column): Spot) -> Option<(usize, usize)> {
        let row = *self.rows.get(usize::try_from(row).ok()?)?;
        let column = *self.columns.get(usize::try_from(column).ok()?)?;
        Some(if self.single.is_some() { (column, row) } else { (row, column) })
    }
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
        state: StoredValue::new_local(State::default()),
        narrow: RwSignal::new(browser::is_narrow()),
        chosen: RwSignal::new(0),
        here: RwSignal::new(String::new()),
    };
    let resized = window_event_listener(leptos::ev::resize, move |_| grid.narrow.set(browser::is_narrow()));
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        grid.matrix.track();
        grid.narrow.track();
        grid.chosen.track();
        // Once it is in the page.
        if grid.table.get().is_some() {
            grid.draw(true);
        }
    });
    let busy = bound(move || (grid.matrix.is_asking() || grid.busy.get()).to_string());
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
                    aria-busy=busy
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
    fn axes(self) -> Axes {
        let (employees, more_employees) = self.matrix.shown(Side::Employees);
        let (accounts, more_accounts) = self.matrix.shown(Side::Accounts);
        if self.narrow.get_untracked() {
            let chosen = self.chosen.get_untracked().min(employees.len().saturating_sub(1));
            let columns: Vec<usize> = employees.get(chosen).copied().into_iter().collect();
            let single = Some(chosen);
            return Axes { rows: accounts, columns, more_rows: more_accounts, more_columns: false, single };
        }
        let (more_rows, more_columns) = (more_employees, more_accounts);
        Axes { rows: employees, columns: accounts, more_rows, more_columns, single: None }
    }

    /// On a narrow screen: whose accounts are listed.
    fn choice(self) -> AnyView {
        let id = unique_id("employee");
        let options = move || {
            self.matrix.track();
            let (employees, _) = self.matrix.shown(Side::Employees);
            let chosen = self.chosen.get();
            let option = |(index, place): (usize, usize)| {
                let name = self.matrix.line(Side::Employees, place)?.name;
                Some(view! { <option value=index selected=index == chosen>{name}</option> })
            };
            employees.into_iter().enumerate().filter_map(option).collect_view()
        };
        view! {
            <div class="field matrix-choice">
                <label class="field-label" for=id.clone()>{tr!(firm.employee)}</label>
                <select
                    id=id
                    class="select"
                    on:change:target=move |event| self.chosen.set(event.target().value().parse().unwrap_or(0))
                >
                    {dynamic(options)}
                </select>
            </div>
        }
        .into_any()
    }

    /// Draws what is in sight. What is known of it is filled in where that is new, or `anew`.
    fn draw(self, anew: bool) {
        let (Some(scroller), Some(sizer), Some(table)) =
            (self.scroller.get_untracked(), self.sizer.get_untracked(), self.table.get_untracked())
        else {
            return;
        };
        let axes = self.axes();
        let is_single = axes.single.is_some();
        let (row_head, column_head) = self.heads();
        let size = |element: &HtmlElement, name, pixels: usize| {
            // Its value is one.
            let _ = element.style().set_property(name, &format!("{pixels}px"));
        };
        size(&sizer, "height", column_head + axes.rows.len() * CELL);
        size(&sizer, "min-width", row_head + axes.columns.len() * if is_single { 0 } else { CELL });
        let drawn = Drawn {
            version: self.matrix.version(),
            rows: window(scroller.scroll_top(), scroller.client_height(), axes.rows.len()),
            columns: window(scroller.scroll_left(), scroller.client_width(), axes.columns.len()),
            single: axes.single,
        };
        let is_other = self.state.with_value(|state| state.drawn != drawn);
        let had_focus = is_other && table.contains(browser::focused().as_deref());
        if is_other {
            table.set_inner_html(&self.html(&axes, &drawn));
            size(&table, "top", drawn.rows.start * CELL);
            size(&table, "left", drawn.columns.start * CELL);
            if is_single {
                let _ = HtmlElement::style(&table).remove_property("width");
            } else {
                size(&table, "width", row_head + drawn.columns.len() * CELL);
            }
            // There may be more than is known.
            let count = |count: usize, more| if more { "-1".to_owned() } else { (count + 1).to_string() };
            set(&table, "aria-rowcount", Some(&count(axes.rows.len(), axes.more_rows)));
            set(&table, "aria-colcount", Some(&count(axes.columns.len(), axes.more_columns)));
            self.state.update_value(|state| {
                // What is in sight can be tabbed to, unless the focus is in here: then it stays where one was.
                if !had_focus && !has(&drawn, state.active) {
                    state.active = (signed(drawn.rows.start), signed(drawn.columns.start));
                }
                // Where one was is out of sight: the grid itself stands for it.
                set(&table, "tabindex", Some(if has(&drawn, state.active) { "-1" } else { "0" }));
                state.drawn = drawn.clone();
            });
        }
        if is_other || anew {
            self.fill(&axes, &table);
        }
        if had_focus && !self.focus(&table) {
            browser::focus_in_place(&table);
        }
        self.look(drawn);
    }

    /// Asks about what is in sight, once scrolling rests there.
    fn look(self, drawn: Drawn) {
        let (employees, accounts) = match drawn.single {
            Some(chosen) => (chosen..chosen + 1, drawn.rows),
            None => (drawn.rows, drawn.columns),
        };
        let mut looks = 0;
        self.state.update_value(|state| {
            state.looks = state.looks.wrapping_add(1);
            looks = state.looks;
        });
        spawn_local(async move {
            browser::sleep(DEBOUNCE).await;
            if self.state.try_with_value(|state| state.looks) == Some(looks) {
                self.matrix.look_at(employees, accounts);
            }
        });
    }

    /// How wide the heads of rows are, and how high those of columns.
    fn heads(self) -> (usize, usize) {
        if self.narrow.get_untracked() { (0, CELL) } else { (ROW_HEAD, COLUMN_HEAD) }
    }

    fn html(self, axes: &Axes, drawn: &Drawn) -> String {
        let mut html = String::from("<thead><tr aria-rowindex=\"1\"><td class=\"matrix-corner\"><span>");
        html += &escaped(if axes.single.is_some() { "" } else { tr!(common.client_accounts) });
        html += "</span><span>";
        html +=
            &escaped(if axes.single.is_some() { tr!(common.client_accounts) } else { tr!(common.employees) });
        html += "</span></td>";
        for column in drawn.columns.clone() {
            let line = self.matrix.line(axes.side_of_columns(), axes.columns[column]);
            head(&mut html, "col", line, (-1, signed(column)), axes.side_of_columns());
        }
        html += "</tr></thead><tbody>";
        for row in drawn.rows.clone() {
            // Writing to a String cannot fail.
            let _ = write!(html, "<tr aria-rowindex=\"{}\">", row + 2);
            let line = self.matrix.line(axes.side_of_rows(), axes.rows[row]);
            let has_all = line.as_ref().is_some_and(|line| line.has_all);
            head(&mut html, "row", line, (signed(row), -1), axes.side_of_rows());
            if has_all {
                let _ = write!(
                    html,
                    "<td colspan=\"{}\" aria-colindex=\"{}\" class=\"matrix-all\">\
                     <span data-r=\"{row}\" data-c=\"0\" data-all>{}</span></td>",
                    drawn.columns.len().max(1),
                    drawn.columns.start + 2,
                    escaped(tr!(bulk.has_all)),
                );
            } else {
                for column in drawn.columns.clone() {
                    let name = axes.pair((signed(row), signed(column))).map(|pair| self.name(pair));
                    let _ = write!(
                        html,
                        "<td aria-colindex=\"{}\"><span role=\"checkbox\" data-r=\"{row}\" data-c=\"{column}\" aria-label=\"{}\"></span></td>",
                        column + 2,
                        escaped(&name.unwrap_or_default()),
                    );
                }
            }
            html += "</tr>";
        }
        html + "</tbody>"
    }

    /// Whom and what a box is about.
    fn name(self, (employee, account): (usize, usize)) -> String {
        let name = |side, place| self.matrix.line(side, place).map(|line| line.name).unwrap_or_default();
        format!("{}, {}", name(Side::Employees, employee), name(Side::Accounts, account))
    }

    /// Shows in what is drawn what is known, and where the focus goes.
    fn fill(self, axes: &Axes, table: &Element) {
        let active = self.state.with_value(|state| state.active);
        // On a narrow screen an admin's accounts are a list like any other, which cannot be changed.
        let employee = axes.single.and_then(|_| self.matrix.line(Side::Employees, *axes.columns.first()?));
        let all_on = employee.is_some_and(|employee| employee.has_all);
        for element in all(table, "[data-r]") {
            let Some(spot) = spot(&element) else { continue };
            let is_active = spot == active || spot.0 == active.0 && element.has_attribute("data-all");
            set(&element, "tabindex", Some(if is_active { "0" } else { "-1" }));
            if spot.0 < 0 || spot.1 < 0 || element.has_attribute("data-all") {
                continue;
            }
            let known = axes.pair(spot).and_then(|pair| self.matrix.state(pair));
            let (on, changes) = if all_on { (true, false) } else { known.unwrap_or_default() };
            let said = match (all_on, changes, on) {
                (true, ..) => Some(tr!(bulk.has_all)),
                (_, true, true) => Some(tr!(bulk.will_assign)),
                (_, true, false) => Some(tr!(bulk.will_take)),
                _ => None,
            };
            set(&element, "aria-checked", Some(if on { "true" } else { "false" }));
            set(&element, "aria-disabled", all_on.then_some("true"));
            set(&element, "aria-busy", (known.is_none() && !all_on).then_some("true"));
            set(&element, "aria-description", said);
            set(&element, "data-changes", changes.then_some(""));
        }
    }

    /// Moves the focus to where it belongs, if that is drawn.
    fn focus(self, table: &Element) -> bool {
        let (row, column) = self.state.with_value(|state| state.active);
        let wanted = format!("[data-r=\"{row}\"][data-c=\"{column}\"], [data-r=\"{row}\"][data-all]");
        let found = table.query_selector(&wanted).ok().flatten();
        let Some(element) = found else { return false };
        browser::focus_in_place(&element);
        true
    }

    /// The focus or the mouse has come to a box: its column is marked, and its names are said below.
    fn enter(self, target: Option<web_sys::EventTarget>, focused: bool) {
        let (Some((element, spot)), Some(table)) = (box_of(target), self.table.get_untracked()) else {
            return;
        };
        let axes = self.axes();
        let (active, first) = self.state.with_value(|state| (state.active, state.drawn.columns.start));
        if focused {
            // An admin's row is one wide box: below it one goes on in the column that one came from.
            if !(active.0 == spot.0 && element.has_attribute("data-all")) {
                self.state.update_value(|state| state.active = spot);
            }
            for before in all(&table, "[data-r][tabindex=\"0\"]") {
                set(&before, "tabindex", Some("-1"));
            }
            set(&element, "tabindex", Some("0"));
            set(&table, "tabindex", Some("-1"));
        }
        self.here.set(axes.pair(spot).map(|pair| self.name(pair)).unwrap_or_default());
        for head in all(&table, "th.here") {
            set(&head, "class", None);
        }
        if let Some(column) = usize::try_from(spot.1).ok().and_then(|column| column.checked_sub(first)) {
            for head in all(&table, &format!("thead th:nth-child({})", column + 2)) {
                set(&head, "class", Some("here"));
            }
        }
    }

    fn on_key(self, event: &KeyboardEvent) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        // The browser's own: back and forward.
        if event.alt_key() {
            return;
        }
        let axes = self.axes();
        let last = (signed(axes.rows.len()) - 1, signed(axes.columns.len()) - 1);
        let (row, column) = self.state.with_value(|state| state.active);
        let (_, column_head) = self.heads();
        let page = isize::try_from(scroller.client_height()).unwrap_or(0) - signed(column_head);
        let page = (page / signed(CELL) - 1).max(1);
        let ctrl = event.ctrl_key() || event.meta_key();
        let to = match event.key().as_str() {
            "ArrowUp" => (row - 1, column),
            "ArrowDown" => (row + 1, column),
            "ArrowLeft" => (row, column - 1),
            "ArrowRight" => (row, column + 1),
            "PageUp" => ((row - page).max(0), column),
            "PageDown" => (row + page, column),
            "Home" => (if ctrl { 0 } else { row }, 0),
            "End" => (if ctrl { last.0 } else { row }, last.1),
            " " | "Enter" => {
                event.prevent_default();
                self.act((row, column), event.shift_key());
                return;
            }
            _ => return,
        };
        event.prevent_default();
        // There is nothing in the corner; a list for one employee has no heads of rows.
        let first_column = if to.0 < 0 || axes.single.is_some() { 0 } else { -1 };
        let first_row = if to.1 < 0 { 0 } else { -1 };
        let to = (
            to.0.clamp(first_row, last.0.max(first_row)),
            to.1.clamp(first_column, last.1.max(first_column)),
        );
        self.go(to);
    }

    /// Moves the focus to a box, which is brought into sight.
    fn go(self, to: Spot) {
        let (Some(scroller), Some(table)) = (self.scroller.get_untracked(), self.table.get_untracked())
        else {
            return;
        };
        self.state.update_value(|state| state.active = to);
        let (row_head, column_head) = self.heads();
        let scrolled = |index: isize, from: i32, size: i32, head: usize| {
            let start = i32::try_from(index.max(0)).unwrap_or(0) * pixels(CELL);
            let end = start + pixels(CELL) + pixels(head) - size;
            if index < 0 { from } else { from.min(start).max(end) }
        };
        scroller.set_scroll_top(scrolled(to.0, scroller.scroll_top(), scroller.client_height(), column_head));
        if !self.narrow.get_untracked() {
            scroller.set_scroll_left(scrolled(
                to.1,
                scroller.scroll_left(),
                scroller.client_width(),
                row_head,
            ));
        }
        self.draw(false);
        self.focus(&table);
    }

    /// Sets a box, a range of them, or all that is shown for a line.
    fn act(self, spot: Spot, range: bool) {
        let axes = self.axes();
        let line = match spot {
            (-1, column) => place(&axes.columns, column).map(|place| (axes.side_of_columns(), place)),
            (row, -1) => place(&axes.rows, row).map(|place| (axes.side_of_rows(), place)),
            _ => None,
        };
        if let Some((side, place)) = line {
            self.busy.run(async move {
                if let Err(message) = self.matrix.want_line(side, place).await {
                    self.toasts.failed(message);
                }
            });
            return;
        }
        let Some(pair) = axes.pair(spot) else { return };
        // What is not known yet is taken for empty, as it looks; what the portal says then is no change.
        let (is_on, _) = self.matrix.state(pair).unwrap_or_default();
        let anchor = self.state.with_value(|state| state.anchor).filter(|_| range);
        let (from, on) = anchor.unwrap_or((spot, !is_on));
        self.state.update_value(|state| state.anchor = Some((spot, on)));
        let pairs = (from.0.min(spot.0)..=from.0.max(spot.0))
            .flat_map(|row| (from.1.min(spot.1)..=from.1.max(spot.1)).map(move |column| (row, column)))
            .filter_map(|spot| axes.pair(spot));
        self.matrix.want(pairs.collect(), on);
    }
}

/// The head of a row or a column: its name, and the button that sets all of it.
fn head(html: &mut String, scope: &str, line: Option<Line>, (row, column): Spot, side: Side) {
    let Some(line) = line else { return };
    let (name, detail) = (escaped(&line.name), escaped(&line.detail));
    let index = if scope == "col" { format!(" aria-colindex=\"{}\"", column + 2) } else { String::new() };
    let _ = write!(
        html,
        "<th scope=\"{scope}\"{index} title=\"{name}\"><div><span class=\"matrix-words\"><span dir=\"auto\">{name}</span>\
         <span class=\"muted\" dir=\"auto\">{detail}</span></span>"
    );
    if !line.has_all {
        let label = match side {
            Side::Employees => tr!(bulk.all_accounts_for, name = line.name),
            Side::Accounts => tr!(bulk.all_employees_for, account = line.name),
        };
        let _ = write!(
            html,
            "<span role=\"button\" data-r=\"{row}\" data-c=\"{column}\" aria-label=\"{0}\" title=\"{0}\">\
             <svg class=\"icon\" aria-hidden=\"true\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" \
             stroke-width=\"2\">{1}</svg></span>",
            escaped(&label),
            icondata_lu::LuCheckCheck.data,
        );
    }
    *html += "</div></th>";
}

/// A text as it is written in HTML.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            _ => html.push(letter),
        }
    }
    html
}

/// What is drawn of a length, where this much of it is in sight.
fn window(from: i32, size: i32, count: usize) -> Range<usize> {
    let index = |pixels: i32| usize::try_from(pixels).unwrap_or(0) / CELL / STEP * STEP;
    let start = index(from).saturating_sub(STEP).min(count);
    start..(index(from.saturating_add(size)) + 2 * STEP).min(count)
}

fn has(drawn: &Drawn, (row, column): Spot) -> bool {
    let is_in = |range: &Range<usize>, index: isize| {
        usize::try_from(index).map_or(true, |index| range.contains(&index))
    };
    is_in(&drawn.rows, row) && is_in(&drawn.columns, column)
}

fn place(places: &[usize], index: isize) -> Option<usize> {
    places.get(usize::try_from(index).ok()?).copied()
}

fn signed(index: usize) -> isize {
    isize::try_from(index).unwrap_or(isize::MAX)
}

fn pixels(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Sets or takes away an attribute, if it is not so already.
fn set(element: &Element, name: &str, value: Option<&str>) {
    if element.get_attribute(name).as_deref() == value {
        return;
    }
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

fn all(within: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// The box that something happened to.
fn box_of(target: Option<web_sys::EventTarget>) -> Option<(Element, Spot)> {
    let element = target?.dyn_into::<Element>().ok()?.closest("[data-r]").ok()??;
    let spot = spot(&element)?;
    Some((element, spot))
}

fn spot(element: &Element) -> Option<Spot> {
    let number = |name| element.get_attribute(name)?.parse().ok();
    Some((number("data-r")?, number("data-c")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_markup_is_a_name() {
        assert_eq!(escaped("<img src=\"x\"> & co"), "&lt;img src=&quot;x&quot;&gt; &amp; co");
    }

    #[test]
    fn what_is_drawn_has_what_is_in_sight_and_some_more() {
        assert_eq!(window(0, 600, 10_000), 0..24);
        assert_eq!(window(44 * 1_000, 600, 10_000), 992..1_024);
        assert_eq!(window(0, 600, 3), 0..3);
        // A list that has become shorter while one was far down.
        assert_eq!(window(44 * 1_000, 600, 3), 3..3);
    }
}
