//! Draws the part of the grid that is in sight: as HTML, and not as a view, for there are hundreds of boxes, which come
//! and go while one scrolls. Every text in it goes through [`escaped`].

use std::fmt::Write as _;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::super::matrix::{Line, Pair, Side};
use super::Grid;
use super::axes::{Axes, CELL, Drawn, Spot, follow, signed, window};
use crate::browser;
use crate::components::DEBOUNCE;
use crate::texts::tr;

impl Grid {
    /// Draws what is in sight. What is known of it is filled in where that is new, or `anew`.
    pub(super) fn draw(self, anew: bool) {
        let (Some(scroller), Some(sizer), Some(table)) =
            (self.scroller.get_untracked(), self.sizer.get_untracked(), self.table.get_untracked())
        else {
            return;
        };
        let axes = self.axes();
        let is_single = axes.single.is_some();
        let (row_head, column_head) = self.heads();
        size(&sizer, "height", column_head + axes.rows.len() * CELL);
        size(&sizer, "min-width", if is_single { 0 } else { row_head + axes.columns.len() * CELL });
        let drawn = Drawn {
            version: self.matrix.known().borrow().version,
            rows: window(scroller.scroll_top(), scroller.client_height(), axes.rows.len()),
            columns: window(scroller.scroll_left(), scroller.client_width(), axes.columns.len()),
            single: axes.single,
        };
        let state = self.state();
        let is_other = state.borrow().drawn != drawn;
        if is_other {
            let mut state = state.borrow_mut();
            let before =
                std::mem::replace(&mut state.lines, [Rc::clone(&axes.rows), Rc::clone(&axes.columns)]);
            // The focus stays with whom and what it was on; with nothing when that has gone.
            state.active = follow(state.active, &before, &axes).unwrap_or((-1, -1));
        }
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
            let mut state = state.borrow_mut();
            // What is in sight can be tabbed to, unless the focus is in here: then it stays where one was.
            if !had_focus && !drawn.has(state.active) {
                state.active = (signed(drawn.rows.start), signed(drawn.columns.start));
            }
            // Where one was is out of sight: the grid itself stands for it.
            set(&table, "tabindex", Some(if drawn.has(state.active) { "-1" } else { "0" }));
            state.drawn = drawn.clone();
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
        let state = self.state();
        let looks = state.borrow().looks.wrapping_add(1);
        state.borrow_mut().looks = looks;
        spawn_local(async move {
            browser::sleep(DEBOUNCE).await;
            if state.borrow().looks == looks {
                self.matrix.look_at(&employees, &accounts);
            }
        });
    }

    fn html(self, axes: &Axes, drawn: &Drawn) -> String {
        let known = self.matrix.known();
        let known = known.borrow();
        let (above, below) = match axes.single {
            Some(_) => ("", tr!(common.client_accounts)),
            None => (tr!(common.client_accounts), tr!(common.employees)),
        };
        // Writing to a String cannot fail, here and below. What HTML closes by itself is not closed.
        let mut html = String::from("<thead><tr aria-rowindex=\"1\"><td class=\"matrix-corner\">");
        let _ = write!(html, "<span>{}</span><span>{}</span></td>", escaped(above), escaped(below));
        for column in drawn.columns.clone() {
            let side = axes.side_of_columns();
            let _ = write!(html, "<th scope=\"col\" aria-colindex=\"{}\"", column + 2);
            head(&mut html, &known.line(side, axes.columns[column]), (-1, signed(column)), side);
        }
        html += "</tr></thead><tbody>";
        for row in drawn.rows.clone() {
            let side = axes.side_of_rows();
            let line = known.line(side, axes.rows[row]);
            let _ = write!(html, "<tr aria-rowindex=\"{}\"><th scope=\"row\"", row + 2);
            head(&mut html, &line, (signed(row), -1), side);
            if line.has_all {
                let _ = write!(
                    html,
                    "<td colspan=\"{}\" aria-colindex=\"{}\" class=\"matrix-all\">\
                     <span data-r=\"{row}\" data-c=\"0\" data-all>{}</span></td>",
                    drawn.columns.len().max(1),
                    drawn.columns.start + 2,
                    escaped(tr!(bulk.has_all)),
                );
                continue;
            }
            for column in drawn.columns.clone() {
                let pair = axes.pair((signed(row), signed(column)));
                let _ = write!(
                    html,
                    "<td aria-colindex=\"{}\"><span role=\"checkbox\" data-r=\"{row}\" data-c=\"{column}\" \
                     aria-label=\"{}\"></span></td>",
                    column + 2,
                    escaped(&pair.map(|pair| self.name(pair)).unwrap_or_default()),
                );
            }
        }
        html
    }

    /// Whom and what a box is about.
    pub(super) fn name(self, (employee, account): Pair) -> String {
        let known = self.matrix.known();
        let known = known.borrow();
        let (employee, account) =
            (known.line(Side::Employees, employee), known.line(Side::Accounts, account));
        format!("{}, {}", employee.name, account.name)
    }

    /// Shows in what is drawn what is known, and where the focus goes.
    fn fill(self, axes: &Axes, table: &Element) {
        let active = self.state().borrow().active;
        let known = self.matrix.known();
        let known = known.borrow();
        // On a narrow screen an admin's accounts are a list like any other, which cannot be changed.
        let single = axes.single.and_then(|_| axes.columns.first());
        let all_on = single.is_some_and(|place| known.line(Side::Employees, *place).has_all);
        for element in all(table, "[data-r]") {
            let Some(spot) = spot(&element) else { continue };
            let is_all = element.has_attribute("data-all");
            let is_active = spot == active || is_all && spot.0 == active.0;
            set(&element, "tabindex", Some(if is_active { "0" } else { "-1" }));
            if is_all || spot.0 < 0 || spot.1 < 0 {
                continue;
            }
            let state = axes.pair(spot).and_then(|pair| known.state(pair));
            let (on, changes) = if all_on { (true, false) } else { state.unwrap_or_default() };
            let said = match (all_on, changes, on) {
                (true, ..) => Some(tr!(bulk.has_all)),
                (_, true, true) => Some(tr!(bulk.will_assign)),
                (_, true, false) => Some(tr!(bulk.will_take)),
                _ => None,
            };
            set(&element, "aria-checked", Some(if on { "true" } else { "false" }));
            set(&element, "aria-disabled", all_on.then_some("true"));
            set(&element, "aria-busy", (state.is_none() && !all_on).then_some("true"));
            set(&element, "aria-description", said);
            set(&element, "data-changes", changes.then_some(""));
        }
    }
}

/// What stands in the head of a row or a column: its name, and the button that sets all of it.
fn head(html: &mut String, line: &Line, (row, column): Spot, side: Side) {
    let name = escaped(&line.name);
    let _ = write!(
        html,
        " title=\"{name}\"><div><span class=\"matrix-words\"><span dir=\"auto\">{name}</span>\
         <span class=\"muted\" dir=\"auto\">{}</span></span>",
        escaped(&line.detail),
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

fn size(element: &HtmlElement, name: &str, pixels: usize) {
    // Its value is one.
    let _ = element.style().set_property(name, &format!("{pixels}px"));
}

/// Sets or takes away an attribute, if it is not so already.
pub(super) fn set(element: &Element, name: &str, value: Option<&str>) {
    if element.get_attribute(name).as_deref() == value {
        return;
    }
    let _ = match value {
        Some(value) => element.set_attribute(name, value),
        None => element.remove_attribute(name),
    };
}

pub(super) fn all(within: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = within.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()).collect()
}

/// Where a box is.
pub(super) fn spot(element: &Element) -> Option<Spot> {
    let number = |name| element.get_attribute(name)?.parse().ok();
    Some((number("data-r")?, number("data-c")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_markup_is_a_name() {
        assert_eq!(escaped("<img src=\"x\"> & co"), "&lt;img src=&quot;x&quot;&gt; &amp; co");
        let mut html = String::new();
        let line = Line { name: "<b>".to_owned(), detail: "\"><i>".to_owned(), ..Line::default() };
        head(&mut html, &line, (-1, 0), Side::Accounts);
        assert!(!html.contains("<b>") && !html.contains("<i>"), "{html}");
    }
}
