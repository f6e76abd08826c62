//! Who has what, as far as this page knows: the lists that were looked at, what the portal has said of their pairs, and
//! what is wanted instead. It lives as long as one is in the firm: what was chosen is there when one comes back.

use std::collections::HashMap;
use std::ops::Range;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{
    AccountId, AssignmentBatch, AssignmentPair, EmployeeId, EmployeeRole, EmployeeStatus, MAX_ITEMS_PER_PAGE,
};
use portal_client::{EmployeeQuery, FirmAccountQuery};

use crate::browser;
use crate::components::DEBOUNCE;
use crate::pages::firm::FirmPage;
use crate::texts::{explain, tr};

/// How many employees, and how many accounts, are asked about at once. A page of a list has a multiple of it.
const TILE: usize = 50;

/// One of the two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Employees,
    Accounts,
}

/// An employee or an account.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) name: String,
    /// What tells it from others of the same name.
    pub(super) detail: String,
    /// An admin, who has every account.
    pub(super) has_all: bool,
}

/// What a list is narrowed to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Filter {
    pub(super) q: Option<String>,
    pub(super) role: Option<EmployeeRole>,
    pub(super) status: Option<EmployeeStatus>,
    pub(super) unassigned: Option<bool>,
}

/// An employee and an account, by their places in what is known.
type Pair = (usize, usize);

/// A page of a list, and where the next one starts.
type Lines = (Vec<Line>, Option<String>);

#[derive(Default)]
struct List {
    /// All that were ever shown: what is wanted for them outlives a search.
    known: Vec<Line>,
    places: HashMap<String, usize>,
    /// What is shown now, by its places.
    shown: Vec<usize>,
    /// Where the next page starts.
    cursor: Option<String>,
    /// What `shown` answers, or is about to.
    asked: Option<Filter>,
    /// Whether a further page is on its way.
    adding: bool,
}

impl List {
    fn add(&mut self, (lines, cursor): Lines) {
        for line in lines {
            let next = self.known.len();
            let place = *self.places.entry(line.id.clone()).or_insert(next);
            match self.known.get_mut(place) {
                Some(known) => *known = line,
                None => self.known.push(line),
            }
            self.shown.push(place);
        }
        self.cursor = cursor;
    }
}

#[derive(Default)]
struct Inner {
    employees: List,
    accounts: List,
    /// What the portal has said.
    is: HashMap<Pair, bool>,
    /// What is to become of those that are to change.
    wanted: HashMap<Pair, bool>,
    /// The parts of what is shown that were asked about.
    tiles: HashMap<Pair, bool>,
    /// Counts up when the parts are to be asked about again: an answer to an earlier question is dropped.
    turn: u32,
    /// Counts up when the lists change.
    version: u32,
}

impl Inner {
    fn list(&mut self, side: Side) -> &mut List {
        match side {
            Side::Employees => &mut self.employees,
            Side::Accounts => &mut self.accounts,
        }
    }

    fn want(&mut self, pair: Pair, on: bool) {
        if self.employees.known.get(pair.0).is_none_or(|employee| employee.has_all) {
            return;
        }
        if self.is.get(&pair) == Some(&on) {
            self.wanted.remove(&pair);
        } else {
            self.wanted.insert(pair, on);
        }
    }

    /// What the portal says; what was wanted and is so already is no change any more.
    fn learn(&mut self, pair: Pair, on: bool) {
        self.is.insert(pair, on);
        if self.wanted.get(&pair) == Some(&on) {
            self.wanted.remove(&pair);
        }
    }

    fn forget_tiles(&mut self) {
        self.tiles.clear();
        self.turn = self.turn.wrapping_add(1);
    }
}

/// The matrix of a firm; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(in crate::pages::firm) struct Matrix {
    page: FirmPage,
    inner: StoredValue<Inner, LocalStorage>,
    changed: RwSignal<u32>,
    /// How many questions are on their way.
    asking: RwSignal<u32>,
    /// Why something that is in sight is not known.
    error: RwSignal<Option<String>>,
}

impl Matrix {
    pub(in crate::pages::firm) fn new(page: FirmPage) -> Self {
        Self {
            page,
            inner: StoredValue::new_local(Inner::default()),
            changed: RwSignal::new(0),
            asking: RwSignal::new(0),
            error: RwSignal::new(None),
        }
    }

    pub(super) fn get() -> Self {
        expect_context()
    }

    /// Tracks all of it.
    pub(super) fn track(self) {
        self.changed.track();
    }

    pub(super) fn is_asking(self) -> bool {
        self.asking.get() > 0
    }

    /// Why something that is in sight is not known.
    pub(super) fn error(self) -> Signal<Option<String>> {
        self.error.into()
    }

    /// Reads what is known, or notes what is no change to see; nothing once the firm was left.
    fn with<T: Default>(self, read: impl FnOnce(&mut Inner) -> T) -> T {
        self.inner.try_update_value(read).unwrap_or_default()
    }

    fn update(self, change: impl FnOnce(&mut Inner)) {
        self.with(change);
        self.changed.try_update(|count| *count = count.wrapping_add(1));
    }

    /// The page was opened: what is shown is asked for anew.
    pub(super) fn open(self) {
        self.with(|inner| {
            inner.employees.asked = None;
            inner.accounts.asked = None;
            inner.forget_tiles();
        });
    }

    /// Something may have changed, or a question has failed: what is in sight is asked about again.
    pub(super) fn ask_again(self) {
        self.error.try_set(None);
        self.update(Inner::forget_tiles);
    }

    /// Loads the first page of a list. One of several pages is left as it is where only something in the firm has
    /// changed: somebody is somewhere in it.
    pub(super) async fn load(self, side: Side, filter: Filter) -> Result<(), String> {
        let is_there = self.with(|inner| {
            let list = inner.list(side);
            let is_long = list.cursor.is_some() || list.shown.len() > usize::from(MAX_ITEMS_PER_PAGE);
            let is_same = list.asked.as_ref() == Some(&filter);
            list.asked = Some(filter.clone());
            is_long && is_same
        });
        if is_there {
            return Ok(());
        }
        let answer = self.fetch(side, filter.clone(), None).await;
        self.update(|inner| {
            let list = inner.list(side);
            if list.asked.as_ref() != Some(&filter) {
                return;
            }
            match &answer {
                Ok(lines) => {
                    list.shown.clear();
                    list.adding = false;
                    list.add(lines.clone());
                    inner.forget_tiles();
                    inner.version = inner.version.wrapping_add(1);
                }
                Err(_) => {
                    list.asked = None;
                    list.cursor = None;
                }
            }
        });
        answer.map(drop)
    }

    /// Loads the next page of a list, if there is one; while one is on its way, waits a little for it.
    async fn load_more(self, side: Side) -> Result<(), String> {
        let next = self.with(|inner| {
            let list = inner.list(side);
            let next = list.asked.clone().zip(list.cursor.clone()).filter(|_| !list.adding);
            list.adding |= next.is_some();
            next
        });
        let Some((filter, cursor)) = next else {
            browser::sleep(DEBOUNCE).await;
            return Ok(());
        };
        let answer = self.fetch(side, filter, Some(cursor.clone())).await;
        let mut error = None;
        self.update(|inner| {
            let list = inner.list(side);
            // Another search was faster.
            if list.cursor.as_ref() != Some(&cursor) {
                return;
            }
            list.adding = false;
            match answer {
                Ok(lines) => {
                    list.add(lines);
                    inner.version = inner.version.wrapping_add(1);
                }
                Err(message) => error = Some(message),
            }
        });
        error.map_or(Ok(()), Err)
    }

    async fn fetch(self, side: Side, filter: Filter, cursor: Option<String>) -> Result<Lines, String> {
        let limit = Some(MAX_ITEMS_PER_PAGE);
        let Filter { q, role, status, unassigned } = filter;
        match side {
            Side::Employees => {
                let query = EmployeeQuery { q, role, status, limit, cursor };
                let call = self.page.call(async |firm| firm.list_employees(&query).await);
                let found = call.await.map_err(|error| explain(&error))?;
                let line = |employee: portal_client::api_types::Employee| Line {
                    id: employee.id.to_string(),
                    name: employee.name.to_string(),
                    detail: match employee.status {
                        EmployeeStatus::Active => employee.email.display().to_owned(),
                        EmployeeStatus::Invited => tr!(firm.invited).to_owned(),
                        EmployeeStatus::Deactivated => tr!(firm.deactivated).to_owned(),
                    },
                    has_all: employee.role == EmployeeRole::Admin,
                };
                Ok((found.items.into_iter().map(line).collect(), found.next_cursor))
            }
            Side::Accounts => {
                let query = FirmAccountQuery { q, unassigned, limit, cursor };
                let call = self.page.call(async |firm| firm.list_firm_accounts(&query).await);
                let found = call.await.map_err(|error| explain(&error))?;
                let line = |account: portal_client::api_types::ClientAccount| Line {
                    id: account.id.to_string(),
                    name: account.name.to_string(),
                    detail: account.owner_name.to_string(),
                    has_all: false,
                };
                Ok((found.items.into_iter().map(line).collect(), found.next_cursor))
            }
        }
    }

    /// What is shown of a list, by its places, and whether there is more.
    pub(super) fn shown(self, side: Side) -> (Vec<usize>, bool) {
        self.with(|inner| {
            let list = inner.list(side);
            (list.shown.clone(), list.cursor.is_some())
        })
    }

    /// Counts up when the lists change.
    pub(super) fn version(self) -> u32 {
        self.with(|inner| inner.version)
    }

    /// What is known of a place.
    pub(super) fn line(self, side: Side, place: usize) -> Option<Line> {
        self.with(|inner| inner.list(side).known.get(place).cloned())
    }

    /// Whether a pair is to be assigned, and whether that would be a change; `None` while it is not known.
    pub(super) fn state(self, pair: Pair) -> Option<(bool, bool)> {
        self.with(|inner| match (inner.wanted.get(&pair), inner.is.get(&pair)) {
            (Some(wanted), _) => Some((*wanted, true)),
            (None, Some(is)) => Some((*is, false)),
            (None, None) => None,
        })
    }

    /// Wants something of many pairs.
    pub(super) fn want(self, pairs: Vec<Pair>, on: bool) {
        self.update(|inner| pairs.into_iter().for_each(|pair| inner.want(pair, on)));
    }

    /// Wants all that is shown for a line, or none of it if all is on already. What there is more of is loaded first.
    pub(super) async fn want_line(self, side: Side, place: usize) -> Result<(), String> {
        let other = if side == Side::Employees { Side::Accounts } else { Side::Employees };
        let asked = self.with(|inner| inner.list(other).asked.clone());
        while self.shown(other).1 {
            self.load_more(other).await?;
            // What is shown is another list now: it was not meant.
            if self.with(|inner| inner.list(other).asked.clone()) != asked {
                return Ok(());
            }
        }
        let pairs = self.shown(other).0.into_iter().map(move |there| match side {
            Side::Employees => (place, there),
            Side::Accounts => (there, place),
        });
        let has_all = |employee| self.line(Side::Employees, employee).is_some_and(|line| line.has_all);
        let pairs: Vec<Pair> = pairs.filter(|pair| !has_all(pair.0)).collect();
        let all_on = pairs.iter().all(|pair| self.state(*pair).is_some_and(|(on, _)| on));
        self.want(pairs, !all_on);
        Ok(())
    }

    /// How many pairs are to be assigned, and how many taken away.
    pub(super) fn counts(self) -> (usize, usize) {
        self.track();
        self.with(|inner| {
            let granted = inner.wanted.values().filter(|on| **on).count();
            (granted, inner.wanted.len() - granted)
        })
    }

    /// Wants nothing any more.
    pub(super) fn discard(self) {
        self.update(|inner| inner.wanted.clear());
    }

    /// What is wanted, for the portal.
    pub(super) fn batch(self) -> AssignmentBatch {
        let mut batch = AssignmentBatch { list_changes: true, ..AssignmentBatch::default() };
        self.with(|inner| {
            for (pair, on) in &inner.wanted {
                let Some(pair) = ids(inner, *pair) else { continue };
                if *on { &mut batch.grant } else { &mut batch.revoke }.push(pair);
            }
        });
        batch
    }

    /// The names of a pair.
    pub(super) fn names(self, pair: &AssignmentPair) -> (String, String) {
        let name = |side, id: &str| {
            self.with(|inner| {
                let list = inner.list(side);
                let line = list.places.get(id).and_then(|place| list.known.get(*place));
                line.map(|line| line.name.clone()).unwrap_or_default()
            })
        };
        (name(Side::Employees, pair.employee_id.as_str()), name(Side::Accounts, pair.account_id.as_str()))
    }

    /// All that was wanted is so now.
    pub(super) fn settle(self) {
        self.update(|inner| {
            inner.is.extend(inner.wanted.drain());
            inner.forget_tiles();
        });
    }

    /// Looks at a window of what is shown: what is not known of it is asked about, and the next page of a list is
    /// loaded before its end comes into sight.
    pub(super) fn look_at(self, employees: Range<usize>, accounts: Range<usize>) {
        for (side, window) in [(Side::Employees, &employees), (Side::Accounts, &accounts)] {
            let (shown, has_more) = self.shown(side);
            if has_more && window.end + TILE / 2 >= shown.len() && self.error.with_untracked(Option::is_none)
            {
                self.ask(async move { self.load_more(side).await });
            }
        }
        for row in tiles(employees) {
            for column in tiles(accounts.clone()) {
                if self.with(|inner| inner.tiles.insert((row, column), true).is_none()) {
                    self.ask(async move { self.ask_tile((row, column)).await });
                }
            }
        }
    }

    fn ask(self, question: impl Future<Output = Result<(), String>> + 'static) {
        let question: std::pin::Pin<Box<dyn Future<Output = Result<(), String>>>> = Box::pin(question);
        self.asking.update(|count| *count += 1);
        spawn_local(async move {
            if let Err(message) = question.await {
                self.error.try_set(Some(message));
            }
            self.asking.try_update(|count| *count -= 1);
        });
    }

    async fn ask_tile(self, tile: Pair) -> Result<(), String> {
        let (turn, employees, accounts) = self.with(|inner| {
            let (mut employees, accounts) = (part(&inner.employees, tile.0), part(&inner.accounts, tile.1));
            employees.retain(|place| inner.employees.known.get(*place).is_some_and(|line| !line.has_all));
            (inner.turn, employees, accounts)
        });
        let (of_employees, of_accounts) = self.with(|inner| {
            let employee = |place: &usize| EmployeeId::parse(&inner.employees.known.get(*place)?.id).ok();
            let account = |place: &usize| AccountId::parse(&inner.accounts.known.get(*place)?.id).ok();
            let of_employees: Vec<EmployeeId> = employees.iter().filter_map(employee).collect();
            let of_accounts: Vec<AccountId> = accounts.iter().filter_map(account).collect();
            (of_employees, of_accounts)
        });
        if of_employees.is_empty() || of_accounts.is_empty() {
            return Ok(());
        }
        let call = self.page.call(async |firm| firm.list_assignments(&of_employees, &of_accounts).await);
        let found = call.await.map_err(|error| explain(&error))?;
        self.update(|inner| {
            if inner.turn != turn {
                return;
            }
            let mut on: HashMap<Pair, bool> = HashMap::new();
            for pair in &found.items {
                let employee = inner.employees.places.get(pair.employee_id.as_str());
                if let Some(pair) =
                    employee.copied().zip(inner.accounts.places.get(pair.account_id.as_str()).copied())
                {
                    on.insert(pair, true);
                }
            }
            for employee in employees {
                for account in &accounts {
                    let pair = (employee, *account);
                    inner.learn(pair, on.contains_key(&pair));
                }
            }
        });
        Ok(())
    }
}

fn ids(inner: &Inner, pair: Pair) -> Option<AssignmentPair> {
    Some(AssignmentPair {
        employee_id: EmployeeId::parse(&inner.employees.known.get(pair.0)?.id).ok()?,
        account_id: AccountId::parse(&inner.accounts.known.get(pair.1)?.id).ok()?,
    })
}

/// The tiles that a window has a part of.
fn tiles(window: Range<usize>) -> Range<usize> {
    if window.is_empty() { 0..0 } else { window.start / TILE..(window.end - 1) / TILE + 1 }
}

/// What is shown of a tile.
fn part(list: &List, tile: usize) -> Vec<usize> {
    list.shown.iter().skip(tile * TILE).take(TILE).copied().collect()
}
