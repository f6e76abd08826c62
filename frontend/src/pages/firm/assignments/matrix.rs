//! Who has what, as far as this page knows. It lives as long as one is in the firm: what was chosen is there when one
//! comes back.

mod known;

use std::cell::RefCell;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{
    AssignmentBatch, AssignmentPair, ClientAccount, Employee, EmployeeRole, EmployeeStatus,
    MAX_ITEMS_PER_PAGE, Page,
};
use portal_client::{EmployeeQuery, Error, FirmAccountQuery};

use crate::browser;
use crate::components::DEBOUNCE;
use crate::pages::firm::FirmPage;
use crate::session::Called;
use crate::texts::{explain, tr};

pub(super) use known::{Filter, Known, Line, Pair, Side};
use known::{Lines, TILE, Tile};

type Question = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// The matrix of a firm; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(in crate::pages::firm) struct Matrix {
    page: FirmPage,
    known: StoredValue<Rc<RefCell<Known>>, LocalStorage>,
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
            known: StoredValue::new_local(Rc::default()),
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

    /// What is known; nothing once the firm was left.
    pub(super) fn known(self) -> Rc<RefCell<Known>> {
        self.known.try_get_value().unwrap_or_default()
    }

    /// Something else is known now.
    fn tell(self) {
        self.changed.try_update(|count| *count = count.wrapping_add(1));
    }

    pub(super) fn is_asking(self) -> bool {
        self.asking.get() > 0
    }

    /// Why something that is in sight is not known.
    pub(super) fn error(self) -> Signal<Option<String>> {
        self.error.into()
    }

    /// The page was opened: what is shown is asked for anew.
    pub(super) fn open(self) {
        let known = self.known();
        let mut known = known.borrow_mut();
        for side in [Side::Employees, Side::Accounts] {
            known.list(side).asked = None;
        }
        known.forget_tiles();
    }

    /// Something may have changed, or a question has failed: what is in sight is asked about again.
    pub(super) fn ask_again(self) {
        self.error.try_set(None);
        self.known().borrow_mut().forget_tiles();
        self.tell();
    }

    /// Loads the first page of a list.
    pub(super) async fn load(self, side: Side, filter: Filter) -> Result<(), Error> {
        if self.known().borrow_mut().list(side).ask(&filter) {
            return Ok(());
        }
        let answer = self.fetch(side, filter.clone(), None).await;
        let shown = self.known().borrow_mut().begin(side, &filter, answer);
        self.tell();
        shown
    }

    /// Loads the next page of a list, if there is one; while one is on its way, waits a little for it.
    async fn load_more(self, side: Side) -> Result<(), Error> {
        let next = self.known().borrow_mut().list(side).ask_more();
        let Some((filter, cursor)) = next else {
            browser::sleep(DEBOUNCE).await;
            return Ok(());
        };
        let answer = self.fetch(side, filter, Some(cursor.clone())).await;
        let shown = self.known().borrow_mut().go_on(side, &cursor, answer);
        self.tell();
        shown
    }

    async fn fetch(self, side: Side, filter: Filter, cursor: Option<String>) -> Result<Lines, Error> {
        let limit = Some(MAX_ITEMS_PER_PAGE);
        let Filter { q, role, status, unassigned } = filter;
        match side {
            Side::Employees => {
                let query = EmployeeQuery { q, role, status, limit, cursor };
                lines(self.page.call(|firm| firm.list_employees(&query)), employee).await
            }
            Side::Accounts => {
                let query = FirmAccountQuery { q, unassigned, limit, cursor };
                lines(self.page.call(|firm| firm.list_firm_accounts(&query)), account).await
            }
        }
    }

    /// Wants something of many pairs.
    pub(super) fn want(self, pairs: Vec<Pair>, on: bool) {
        let known = self.known();
        pairs.into_iter().for_each(|pair| known.borrow_mut().want(pair, on));
        self.tell();
    }

    /// Wants all that is shown for a line, or none of it if all is on already. What there is more of is loaded first.
    pub(super) async fn want_line(self, side: Side, place: usize) -> Result<(), Error> {
        let (other, known) = (side.other(), self.known());
        let asked = known.borrow_mut().list(other).asked.clone();
        loop {
            let (shown, has_more) = known.borrow().shown(other);
            if !has_more {
                // What was never in sight is not to be taken away unseen.
                let unknown = known.borrow().unknown(side, place, &shown);
                for tile in unknown {
                    self.ask_about(tile).await?;
                }
                if known.borrow_mut().list(other).asked != asked {
                    return Ok(());
                }
                let pair =
                    |there: &usize| if side == Side::Employees { (place, *there) } else { (*there, place) };
                let is_open = |pair: &Pair| !known.borrow().line(Side::Employees, pair.0).has_all;
                let pairs: Vec<Pair> = shown.iter().map(pair).filter(is_open).collect();
                let is_on = |pair: &Pair| known.borrow().state(*pair).is_some_and(|(on, _)| on);
                let all_on = pairs.iter().all(is_on);
                self.want(pairs, !all_on);
                return Ok(());
            }
            self.load_more(other).await?;
            // What is shown is another list now: it was not meant.
            if known.borrow_mut().list(other).asked != asked {
                return Ok(());
            }
        }
    }

    /// How many pairs are to be assigned, and how many taken away.
    pub(super) fn counts(self) -> (usize, usize) {
        self.track();
        self.known().borrow().counts()
    }

    /// Wants nothing any more.
    pub(super) fn discard(self) {
        self.known().borrow_mut().discard();
        self.tell();
    }

    /// What is wanted, for the portal.
    pub(super) fn batch(self) -> AssignmentBatch {
        self.known().borrow().batch()
    }

    /// The names of a pair.
    pub(super) fn names(self, pair: &AssignmentPair) -> (String, String) {
        self.known().borrow().names(pair)
    }

    /// All that was wanted is so now.
    pub(super) fn settle(self) {
        self.known().borrow_mut().settle();
        self.tell();
    }

    /// Looks at a window of what is shown: what is not known of it is asked about, and the next page of a list is
    /// loaded before its end comes into sight.
    pub(super) fn look_at(self, employees: &Range<usize>, accounts: &Range<usize>) {
        let known = self.known();
        for (side, window) in [(Side::Employees, employees), (Side::Accounts, accounts)] {
            let (shown, has_more) = known.borrow().shown(side);
            if has_more && window.end + TILE / 2 >= shown.len() && self.error.with_untracked(Option::is_none)
            {
                self.ask(Box::pin(self.load_more(side)));
            }
        }
        let tiles = known.borrow_mut().unasked(employees, accounts);
        for tile in tiles {
            self.ask(Box::pin(self.ask_about(tile)));
        }
    }

    fn ask(self, question: Question) {
        self.asking.update(|count| *count += 1);
        spawn_local(async move {
            if let Err(error) = question.await {
                self.error.try_set(Some(explain(&error)));
            }
            self.asking.try_update(|count| *count -= 1);
        });
    }

    async fn ask_about(self, tile: Tile) -> Result<(), Error> {
        let (employees, accounts) = self.known().borrow().ids(&tile);
        if employees.is_empty() || accounts.is_empty() {
            return Ok(());
        }
        let call = self.page.call(|firm| firm.list_assignments(&employees, &accounts));
        let found = call.await?;
        self.known().borrow_mut().learn(&tile, &found.items);
        self.tell();
        Ok(())
    }
}

async fn lines<T>(call: Called<'_, Page<T>>, line: fn(T) -> Line) -> Result<Lines, Error> {
    let found = call.await?;
    Ok((found.items.into_iter().map(line).collect(), found.next_cursor))
}

fn employee(employee: Employee) -> Line {
    Line {
        id: employee.id.to_string(),
        name: employee.name.to_string(),
        detail: match employee.status {
            EmployeeStatus::Active => employee.email.display().to_owned(),
            EmployeeStatus::Invited => tr!(firm.invited).to_owned(),
            EmployeeStatus::Deactivated => tr!(firm.deactivated).to_owned(),
        },
        has_all: employee.role == EmployeeRole::Admin,
    }
}

fn account(account: ClientAccount) -> Line {
    Line {
        id: account.id.to_string(),
        name: account.name.to_string(),
        detail: account.owner_name.to_string(),
        has_all: false,
    }
}
