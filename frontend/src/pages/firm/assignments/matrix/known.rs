//! The data of the matrix: the lists that were looked at, what the portal has said of their pairs, and what is wanted
//! instead.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use portal_client::Error;
use portal_client::api_types::{
    AccountId, AssignmentBatch, AssignmentPair, EmployeeId, EmployeeRole, EmployeeStatus,
    MAX_ASSIGNMENTS_SIDE, MAX_ITEMS_PER_PAGE,
};

/// How many employees, and how many accounts, are asked about at once. A page of a list has a multiple of it.
pub(super) const TILE: usize = 50;

/// One of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Side {
    Employees,
    Accounts,
}

impl Side {
    pub(in super::super) fn other(self) -> Self {
        match self {
            Self::Employees => Self::Accounts,
            Self::Accounts => Self::Employees,
        }
    }
}

/// An employee or an account.
#[derive(Debug, Default)]
pub(in super::super) struct Line {
    pub(in super::super) id: String,
    pub(in super::super) name: String,
    /// What tells it from others of the same name.
    pub(in super::super) detail: String,
    /// An admin, who has every account.
    pub(in super::super) has_all: bool,
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in super::super) struct Filter {
    pub(in super::super) q: Option<String>,
    pub(in super::super) role: Option<EmployeeRole>,
    pub(in super::super) status: Option<EmployeeStatus>,
    pub(in super::super) unassigned: Option<bool>,
}

/// An employee and an account, by their places in what is known.
pub(in super::super) type Pair = (usize, usize);

/// A page of a list, and where the next one starts.
pub(super) type Lines = (Vec<Line>, Option<String>);

#[derive(Default)]
pub(super) struct List {
    /// All that were ever shown: what is wanted for them outlives a search.
    known: Vec<Rc<Line>>,
    places: HashMap<String, usize>,
    /// What is shown now, by its places.
    pub(super) shown: Rc<Vec<usize>>,
    /// Where the next page starts.
    pub(super) cursor: Option<String>,
    /// What `shown` answers, or is about to.
    pub(super) asked: Option<Filter>,
    /// Whether a further page is on its way.
    adding: bool,
}

impl List {
    /// Takes note of what is asked. Whether it need not be: one of several pages is left as it is where only something in
    /// the firm has changed, as somebody is somewhere in it.
    pub(super) fn ask(&mut self, filter: &Filter) -> bool {
        let is_long = self.cursor.is_some() || self.shown.len() > usize::from(MAX_ITEMS_PER_PAGE);
        let is_same = self.asked.as_ref() == Some(filter);
        self.asked = Some(filter.clone());
        is_long && is_same
    }

    /// What to ask for the next page by, if there is one and it is not on its way.
    pub(super) fn ask_more(&mut self) -> Option<(Filter, String)> {
        let next = self.asked.clone().zip(self.cursor.clone()).filter(|_| !self.adding);
        self.adding |= next.is_some();
        next
    }

    fn add(&mut self, (lines, cursor): Lines) {
        let shown = Rc::make_mut(&mut self.shown);
        for line in lines {
            let next = self.known.len();
            let place = *self.places.entry(line.id.clone()).or_insert(next);
            match self.known.get_mut(place) {
                Some(known) => *known = Rc::new(line),
                None => self.known.push(Rc::new(line)),
            }
            shown.push(place);
        }
        self.cursor = cursor;
        self.adding = false;
    }

    /// What is shown of a tile.
    fn part(&self, tile: usize) -> Vec<usize> {
        self.shown.iter().skip(tile * TILE).take(TILE).copied().collect()
    }

    fn name(&self, id: &str) -> String {
        let line = self.places.get(id).and_then(|place| self.known.get(*place));
        line.map(|line| line.name.clone()).unwrap_or_default()
    }
}

/// A part of what is shown that is asked about at once.
pub(super) struct Tile {
    /// When it was asked about.
    turn: u32,
    employees: Vec<usize>,
    accounts: Vec<usize>,
}

#[derive(Default)]
pub(in super::super) struct Known {
    lists: [List; 2],
    /// What the portal has said.
    is: HashMap<Pair, bool>,
    /// What is to become of those that are to change.
    wanted: HashMap<Pair, bool>,
    /// The tiles that were asked about.
    tiles: HashMap<Pair, bool>,
    /// Counts up when the tiles are to be asked about again: an answer to an earlier question is dropped.
    turn: u32,
    /// Counts up when the lists change.
    pub(in super::super) version: u32,
}

impl Known {
    pub(super) fn list(&mut self, side: Side) -> &mut List {
        &mut self.lists[side as usize]
    }

    /// What is shown of a list, by its places, and whether there is more.
    pub(in super::super) fn shown(&self, side: Side) -> (Rc<Vec<usize>>, bool) {
        let list = &self.lists[side as usize];
        (Rc::clone(&list.shown), list.cursor.is_some())
    }

    /// What is known of a place.
    pub(in super::super) fn line(&self, side: Side, place: usize) -> Rc<Line> {
        self.lists[side as usize].known.get(place).cloned().unwrap_or_default()
    }

    /// Shows what a list begins with, if nothing else was asked meanwhile.
    pub(super) fn begin(
        &mut self,
        side: Side,
        filter: &Filter,
        answer: Result<Lines, Error>,
    ) -> Result<(), Error> {
        let list = self.list(side);
        if list.asked.as_ref() != Some(filter) {
            return Ok(());
        }
        match answer {
            Ok(lines) => {
                list.shown = Rc::default();
                list.add(lines);
                self.listed();
                self.forget_tiles();
                Ok(())
            }
            Err(message) => {
                list.asked = None;
                list.cursor = None;
                Err(message)
            }
        }
    }

    /// Shows what follows a cursor, unless another search was faster.
    pub(super) fn go_on(
        &mut self,
        side: Side,
        cursor: &str,
        answer: Result<Lines, Error>,
    ) -> Result<(), Error> {
        let list = self.list(side);
        if list.cursor.as_deref() != Some(cursor) {
            return Ok(());
        }
        list.adding = false;
        list.add(answer?);
        self.listed();
        Ok(())
    }

    /// A list is another one now. Who has become an admin has every account, and that is no matter of wanting.
    fn listed(&mut self) {
        self.version = self.version.wrapping_add(1);
        let [employees, _] = &self.lists;
        self.wanted.retain(|pair, _| employees.known.get(pair.0).is_none_or(|line| !line.has_all));
    }

    /// Whether a pair is to be assigned, and whether that would be a change; `None` while it is not known.
    pub(in super::super) fn state(&self, pair: Pair) -> Option<(bool, bool)> {
        match (self.wanted.get(&pair), self.is.get(&pair)) {
            (Some(wanted), _) => Some((*wanted, true)),
            (None, Some(is)) => Some((*is, false)),
            (None, None) => None,
        }
    }

    /// Wants something of a pair. An admin has every account, and that is no matter of wanting. What is not known is not taken
    /// away: off is then what it was before.
    pub(super) fn want(&mut self, pair: Pair, on: bool) {
        if self.line(Side::Employees, pair.0).has_all {
            return;
        }
        if self.is.get(&pair).copied().unwrap_or(false) == on {
            self.wanted.remove(&pair);
        } else {
            self.wanted.insert(pair, on);
        }
    }

    /// Wants nothing any more.
    pub(super) fn discard(&mut self) {
        self.wanted.clear();
    }

    /// All that was wanted is so now.
    pub(super) fn settle(&mut self) {
        self.is.extend(self.wanted.drain());
        self.forget_tiles();
    }

    /// How many pairs are to be assigned, and how many taken away.
    pub(super) fn counts(&self) -> (usize, usize) {
        let granted = self.wanted.values().filter(|on| **on).count();
        (granted, self.wanted.len() - granted)
    }

    pub(super) fn forget_tiles(&mut self) {
        self.tiles.clear();
        self.turn = self.turn.wrapping_add(1);
    }

    /// The tiles that a window has a part of, and that were not asked about; from now on they are.
    pub(super) fn unasked(&mut self, employees: &Range<usize>, accounts: &Range<usize>) -> Vec<Tile> {
        let tiles = |window: &Range<usize>| match window.is_empty() {
            true => 0..0,
            false => window.start / TILE..window.end.div_ceil(TILE),
        };
        let all = tiles(employees).flat_map(|row| tiles(accounts).map(move |column| (row, column)));
        let new: Vec<Pair> = all.filter(|tile| self.tiles.insert(*tile, true).is_none()).collect();
        new.into_iter().map(|tile| self.tile(tile)).collect()
    }

    fn tile(&self, (row, column): Pair) -> Tile {
        let mut employees = self.lists[0].part(row);
        employees.retain(|place| !self.line(Side::Employees, *place).has_all);
        Tile { turn: self.turn, employees, accounts: self.lists[1].part(column) }
    }

    /// What is not known of these pairs of one line, in parts that can be asked about at once.
    pub(super) fn unknown(&self, side: Side, place: usize, others: &[usize]) -> Vec<Tile> {
        let pair = |other: usize| if side == Side::Employees { (place, other) } else { (other, place) };
        let is_open = |pair: Pair| !self.line(Side::Employees, pair.0).has_all;
        let unknown: Vec<usize> = others
            .iter()
            .copied()
            .filter(|other| !self.is.contains_key(&pair(*other)) && is_open(pair(*other)))
            .collect();
        let tile = |part: &[usize]| {
            let (employees, accounts) = match side {
                Side::Employees => (vec![place], part.to_vec()),
                Side::Accounts => (part.to_vec(), vec![place]),
            };
            Tile { turn: self.turn, employees, accounts }
        };
        unknown.chunks(MAX_ASSIGNMENTS_SIDE).map(tile).collect()
    }

    /// What a tile is about, for the portal.
    pub(super) fn ids(&self, tile: &Tile) -> (Vec<EmployeeId>, Vec<AccountId>) {
        let employee = |place: &usize| EmployeeId::parse(&self.line(Side::Employees, *place).id).ok();
        let account = |place: &usize| AccountId::parse(&self.line(Side::Accounts, *place).id).ok();
        (
            tile.employees.iter().filter_map(employee).collect(),
            tile.accounts.iter().filter_map(account).collect(),
        )
    }

    /// What the portal says of a tile: these are assigned, and no others. What was wanted and is so already is no change
    /// any more.
    pub(super) fn learn(&mut self, tile: &Tile, assigned: &[AssignmentPair]) {
        if self.turn != tile.turn {
            return;
        }
        for employee in &tile.employees {
            self.is.extend(tile.accounts.iter().map(|account| ((*employee, *account), false)));
        }
        let [employees, accounts] = &self.lists;
        let place = |list: &List, id: &str| list.places.get(id).copied();
        self.is.extend(assigned.iter().filter_map(|pair| {
            let employee = place(employees, pair.employee_id.as_str())?;
            Some(((employee, place(accounts, pair.account_id.as_str())?), true))
        }));
        self.wanted.retain(|pair, on| self.is.get(pair) != Some(on));
    }

    /// What is wanted, for the portal.
    pub(super) fn batch(&self) -> AssignmentBatch {
        let mut batch = AssignmentBatch { list_changes: true, ..AssignmentBatch::default() };
        for (pair, on) in &self.wanted {
            let employee = EmployeeId::parse(&self.line(Side::Employees, pair.0).id);
            let account = AccountId::parse(&self.line(Side::Accounts, pair.1).id);
            if let (Ok(employee_id), Ok(account_id)) = (employee, account) {
                let pairs = if *on { &mut batch.grant } else { &mut batch.revoke };
                pairs.push(AssignmentPair { employee_id, account_id });
            }
        }
        batch
    }

    /// The names of a pair.
    pub(super) fn names(&self, pair: &AssignmentPair) -> (String, String) {
        let [employees, accounts] = &self.lists;
        (employees.name(pair.employee_id.as_str()), accounts.name(pair.account_id.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPLOYEES: [&str; 2] = ["empl_01h455vb4pex5vsknk084sn02q", "empl_01h455vb4pex5vsknk084sn02r"];
    const ACCOUNTS: [&str; 2] = ["acct_01h455vb4pex5vsknk084sn02q", "acct_01h455vb4pex5vsknk084sn02r"];

    fn line(id: &str, has_all: bool) -> Line {
        Line { id: id.to_owned(), has_all, ..Line::default() }
    }

    /// A bookkeeper and an admin, and two accounts.
    fn known() -> Known {
        let mut known = Known::default();
        let employees = vec![line(EMPLOYEES[0], false), line(EMPLOYEES[1], true)];
        let accounts = ACCOUNTS.map(|id| line(id, false)).into();
        for (side, lines) in [(Side::Employees, employees), (Side::Accounts, accounts)] {
            assert!(!known.list(side).ask(&Filter::default()));
            known.begin(side, &Filter::default(), Ok((lines, None))).unwrap();
        }
        known
    }

    fn pair(account: usize) -> AssignmentPair {
        AssignmentPair {
            employee_id: EmployeeId::parse(EMPLOYEES[0]).unwrap(),
            account_id: AccountId::parse(ACCOUNTS[account]).unwrap(),
        }
    }

    #[test]
    fn what_is_so_already_is_no_change() {
        let mut known = known();
        known.want((0, 0), true);
        known.want((0, 1), true);
        known.want((1, 0), true);
        assert_eq!(known.counts(), (2, 0), "an admin's are no matter of wanting");
        let tiles = known.unasked(&(0..2), &(0..2));
        assert!(known.unasked(&(0..2), &(0..2)).is_empty(), "a tile is asked about once");
        let [tile] = tiles.as_slice() else { panic!("one tile") };
        assert_eq!(known.ids(tile).0.len(), 1, "nothing is asked about admins");
        known.learn(tile, &[pair(0)]);
        assert_eq!((known.state((0, 0)), known.state((0, 1))), (Some((true, false)), Some((true, true))));
        known.want((0, 0), false);
        assert_eq!(known.batch().grant, [pair(1)]);
        assert_eq!(known.batch().revoke, [pair(0)]);
        known.settle();
        assert_eq!(known.counts(), (0, 0));
        assert_eq!((known.state((0, 0)), known.state((0, 1))), (Some((false, false)), Some((true, false))));
    }

    #[test]
    fn an_answer_to_an_earlier_question_is_dropped() {
        let mut known = known();
        let tiles = known.unasked(&(0..2), &(0..2));
        known.forget_tiles();
        known.learn(&tiles[0], &[pair(0)]);
        assert_eq!(known.state((0, 0)), None);
        let other = Filter { q: Some("blue".to_owned()), ..Filter::default() };
        assert!(!known.list(Side::Accounts).ask(&other));
        known.begin(Side::Accounts, &Filter::default(), Ok((Vec::new(), None))).unwrap();
        assert_eq!(known.shown(Side::Accounts).0.len(), 2);
    }

    #[test]
    fn the_next_page_is_asked_for_once() {
        let mut known = known();
        known.list(Side::Accounts).cursor = Some("more".to_owned());
        assert!(known.list(Side::Accounts).ask_more().is_some());
        assert_eq!(known.list(Side::Accounts).ask_more(), None, "it is on its way");
        known.go_on(Side::Accounts, "more", Ok((vec![line("acct_new", false)], None))).unwrap();
        assert_eq!(*known.shown(Side::Accounts).0, [0, 1, 2]);
    }
}
