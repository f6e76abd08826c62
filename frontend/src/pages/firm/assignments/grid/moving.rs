//! Moves the focus in the grid: arrows, Home, End and the page keys, with Control to the first and the last row.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use web_sys::Element;

use super::Grid;
use super::axes::{CELL, Spot, signed};
use crate::browser;

impl Grid {
    pub(super) fn on_key(self, event: &KeyboardEvent) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        // The browser's own: back and forward.
        if event.alt_key() {
            return;
        }
        let axes = self.axes();
        let last = (signed(axes.rows.len()) - 1, signed(axes.columns.len()) - 1);
        let (row, column) = self.state().borrow().active;
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
        self.go((
            to.0.clamp(first_row, last.0.max(first_row)),
            to.1.clamp(first_column, last.1.max(first_column)),
        ));
    }

    /// Moves the focus to a box, which is brought into sight.
    fn go(self, to: Spot) {
        let (Some(scroller), Some(table)) = (self.scroller.get_untracked(), self.table.get_untracked())
        else {
            return;
        };
        self.state().borrow_mut().active = to;
        let (row_head, column_head) = self.heads();
        let (width, height) = (scroller.client_width(), scroller.client_height());
        scroller.set_scroll_top(scrolled(to.0, scroller.scroll_top(), height, column_head));
        if !self.narrow.get_untracked() {
            scroller.set_scroll_left(scrolled(to.1, scroller.scroll_left(), width, row_head));
        }
        self.draw(false);
        self.focus(&table);
    }

    /// Moves the focus to where it belongs, if that is drawn.
    pub(super) fn focus(self, table: &Element) -> bool {
        let (row, column) = self.state().borrow().active;
        let wanted = format!("[data-r=\"{row}\"][data-c=\"{column}\"], [data-r=\"{row}\"][data-all]");
        let found = table.query_selector(&wanted).ok().flatten();
        if let Some(element) = &found {
            browser::focus_in_place(element);
        }
        found.is_some()
    }
}

/// How far to scroll for a box, from where it is now, with this much in sight, of which the head covers some.
fn scrolled(index: isize, from: i32, size: i32, head: usize) -> i32 {
    let pixels = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let Ok(index) = usize::try_from(index) else { return from };
    from.min(pixels(index * CELL)).max(pixels((index + 1) * CELL + head) - size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_sight_does_not_scroll() {
        assert_eq!(scrolled(3, 44, 600, 168), 44);
        assert_eq!(scrolled(-1, 44, 600, 168), 44, "heads are always in sight");
        assert_eq!(scrolled(0, 44, 600, 168), 0);
        assert_eq!(scrolled(100, 44, 600, 168), 101 * 44 + 168 - 600);
    }
}
