//! Where what is in the grid.

use std::ops::Range;
use std::rc::Rc;

use super::super::matrix::{Pair, Side};

/// How wide and high a box is, in pixels, as in the styles.
pub(super) const CELL: usize = 44;
/// What is drawn begins and ends at multiples of this, so that not every step of scrolling draws.
const STEP: usize = 8;

/// A box by its row and column among what is shown; the heads are at -1.
pub(super) type Spot = (isize, isize);

/// The rows and the columns, by their places in what is known.
pub(super) struct Axes {
    pub(super) rows: Rc<Vec<usize>>,
    pub(super) columns: Rc<Vec<usize>>,
    pub(super) more_rows: bool,
    pub(super) more_columns: bool,
    /// On a narrow screen: the one employee whose accounts are listed, among those shown.
    pub(super) single: Option<usize>,
}

impl Axes {
    pub(super) fn side_of_rows(&self) -> Side {
        if self.single.is_some() { Side::Accounts } else { Side::Employees }
    }

    pub(super) fn side_of_columns(&self) -> Side {
        self.side_of_rows().other()
    }

    /// The employee and the account of a box.
    pub(super) fn pair(&self, (row, column): Spot) -> Option<Pair> {
        let (row, column) = (place(&self.rows, row)?, place(&self.columns, column)?);
        Some(if self.single.is_some() { (column, row) } else { (row, column) })
    }

    /// The box of an employee and an account, if both are shown.
    pub(super) fn spot(&self, (employee, account): Pair) -> Option<Spot> {
        let (row, column) = if self.single.is_some() { (account, employee) } else { (employee, account) };
        Some((index(&self.rows, row)?, index(&self.columns, column)?))
    }

    /// What a head is about: of a row, or of a column.
    pub(super) fn line(&self, spot: Spot) -> Option<(Side, usize)> {
        match spot {
            (-1, column) => Some((self.side_of_columns(), place(&self.columns, column)?)),
            (row, -1) => Some((self.side_of_rows(), place(&self.rows, row)?)),
            _ => None,
        }
    }
}

fn place(places: &[usize], index: isize) -> Option<usize> {
    places.get(usize::try_from(index).ok()?).copied()
}

/// Where a place is among what is shown.
pub(super) fn index(places: &[usize], wanted: usize) -> Option<isize> {
    places.iter().position(|place| *place == wanted).map(signed)
}

/// Where something is now that was at `spot` among what was shown before; `None` when it is not shown any more.
pub(super) fn follow(spot: Spot, before: &[Rc<Vec<usize>>; 2], now: &Axes) -> Option<Spot> {
    let moved = |at: isize, before: &[usize], now: &[usize]| {
        if at < 0 { Some(at) } else { index(now, place(before, at)?) }
    };
    let [rows, columns] = before;
    Some((moved(spot.0, rows, &now.rows)?, moved(spot.1, columns, &now.columns)?))
}

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Drawn {
    pub(super) version: u32,
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    pub(super) single: Option<usize>,
}

impl Drawn {
    pub(super) fn has(&self, (row, column): Spot) -> bool {
        let is_in =
            |range: &Range<usize>, index| usize::try_from(index).map_or(true, |index| range.contains(&index));
        // There is nothing in the corner.
        (row >= 0 || column >= 0) && is_in(&self.rows, row) && is_in(&self.columns, column)
    }
}

/// What is drawn of a length, where this much of it is in sight.
pub(super) fn window(from: i32, size: i32, count: usize) -> Range<usize> {
    let index = |pixels: i32| usize::try_from(pixels).unwrap_or(0) / CELL / STEP * STEP;
    let start = index(from).saturating_sub(STEP).min(count);
    start..(index(from.saturating_add(size)) + 2 * STEP).min(count)
}

pub(super) fn signed(index: usize) -> isize {
    isize::try_from(index).unwrap_or(isize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_has_what_is_in_sight_and_some_more() {
        assert_eq!(window(0, 600, 10_000), 0..24);
        assert_eq!(window(44 * 1_000, 600, 10_000), 992..1_024);
        assert_eq!(window(0, 600, 3), 0..3);
        // A list that has become shorter while one was far down.
        assert_eq!(window(44 * 1_000, 600, 3), 3..3);
    }

    #[test]
    fn what_is_followed_is_found_where_it_is_now() {
        let before = [Rc::new(vec![4, 5]), Rc::new(vec![7, 8])];
        let now = Axes {
            rows: Rc::new(vec![6, 4, 5]),
            columns: Rc::new(vec![8]),
            more_rows: false,
            more_columns: false,
            single: None,
        };
        assert_eq!(follow((1, 1), &before, &now), Some((2, 0)));
        assert_eq!(follow((0, -1), &before, &now), Some((1, -1)), "a head");
        assert_eq!(follow((1, 0), &before, &now), None, "its column has gone");
        assert_eq!(now.spot((5, 8)), Some((2, 0)));
        assert_eq!(now.spot((5, 7)), None);
    }

    #[test]
    fn on_a_narrow_screen_the_accounts_are_the_rows() {
        let (employees, accounts) = (Rc::new(vec![4, 5]), Rc::new(vec![7, 8, 9]));
        let axes = |rows: &Rc<Vec<usize>>, columns: &Rc<Vec<usize>>, single| Axes {
            rows: Rc::clone(rows),
            columns: Rc::clone(columns),
            more_rows: false,
            more_columns: false,
            single,
        };
        let wide = axes(&employees, &accounts, None);
        assert_eq!((wide.pair((1, 2)), wide.pair((2, 0))), (Some((5, 9)), None));
        assert_eq!(wide.line((-1, 2)), Some((Side::Accounts, 9)));
        assert_eq!(wide.line((0, 0)), None);
        let narrow = axes(&accounts, &Rc::new(vec![5]), Some(1));
        assert_eq!(narrow.pair((2, 0)), Some((5, 9)));
        assert_eq!(narrow.line((2, -1)), Some((Side::Accounts, 9)));
    }
}
