//! The rows of the switcher: the recent accounts, then all of them or those that are searched for.

use futures_util::future::join_all;
use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::ListQuery;
use portal_client::api_types::{AccountId, AccountRole, MyAccount, Page};

use crate::components::search::DEBOUNCE;
use crate::session::Session;
use crate::texts::{explain, tr};
use crate::ui::{Kept, Memo};
use crate::{browser, recent};

/// How many are fetched at once.
const FETCHED: u16 = 50;

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) account: MyAccount,
    pub(super) recent: bool,
}

impl Row {
    /// What a row is drawn anew for.
    pub(super) fn key(&self) -> String {
        let MyAccount { id, name, role, firm, external_id: _ } = &self.account;
        let firm = firm.as_ref().map(|firm| firm.name.as_str()).unwrap_or_default();
        format!("{id} {role} {} {name} {firm}", self.recent)
    }
}

/// In which role, and through which firm.
pub(crate) fn how(account: &MyAccount) -> String {
    let role = role(account.role);
    match &account.firm {
        Some(firm) => format!("{role} · {}", firm.name),
        None => role.to_owned(),
    }
}

/// The words for a role in an account.
pub(crate) fn role(role: AccountRole) -> &'static str {
    match role {
        AccountRole::Owner => tr!(common.role_owner),
        AccountRole::Member => tr!(common.role_member),
        AccountRole::FirmAdmin => tr!(common.role_firm_admin),
        AccountRole::Bookkeeper => tr!(common.role_bookkeeper),
        AccountRole::Integration => tr!(common.role_integration),
    }
}

/// The rows that are known so far. They outlive the popup: the next time it opens they are there at once, and are
/// brought up to date behind.
#[derive(Clone, Copy)]
pub(super) struct Rows {
    session: Session,
    /// What is typed, without the spaces around it.
    typed: StoredValue<String>,
    /// What the rows answer.
    question: RwSignal<String>,
    recent: Kept<Vec<MyAccount>>,
    found: Kept<Vec<MyAccount>>,
    all: Memo<Vec<Row>>,
    cursor: RwSignal<Option<String>>,
    /// Whether the answer to what was typed last is not there yet.
    asking: RwSignal<bool>,
    /// Whether a further page is on its way.
    adding: RwSignal<bool>,
    error: RwSignal<Option<String>>,
    /// Counts questions: an answer to an earlier one is dropped.
    turn: StoredValue<u32>,
}

impl Rows {
    pub(super) fn new() -> Self {
        let question = RwSignal::new(String::new());
        let recent = Kept::new(Vec::<MyAccount>::new());
        let found = Kept::new(Vec::<MyAccount>::new());
        let all = Memo::new(move |_| {
            // What was searched for stands in the list's own order.
            let recent = if question.with(String::is_empty) { recent.get() } else { Vec::new() };
            let is_recent = |account: &MyAccount| recent.iter().any(|recent| recent.id == account.id);
            let rest = found.with(|found| {
                let rest = found.iter().filter(|account| !is_recent(account)).cloned();
                rest.map(|account| Row { account, recent: false }).collect::<Vec<_>>()
            });
            recent.into_iter().map(|account| Row { account, recent: true }).chain(rest).collect()
        });
        Self {
            session: Session::get(),
            typed: StoredValue::new(String::new()),
            question,
            recent,
            found,
            all,
            cursor: RwSignal::new(None),
            asking: RwSignal::new(false),
            adding: RwSignal::new(false),
            error: RwSignal::new(None),
            turn: StoredValue::new(0),
        }
    }

    /// Forgets the last question and brings the rows up to date.
    pub(super) fn start(self) {
        self.typed.set_value(String::new());
        self.forget_rows_of_other(String::new());
        self.order_recent();
        self.refresh();
    }

    /// Puts the recent accounts into the order in which the person was in them, before the first key comes: the answer
    /// that is on its way changes no place of theirs.
    fn order_recent(self) {
        let known = [self.recent.get_untracked(), self.found.get_untracked()].concat();
        let names = recent::names(self.session);
        let find = |id: &AccountId| known.iter().find(|account| account.id == *id).cloned();
        let ordered: Vec<_> = names.iter().filter_map(|(id, _)| find(id)).collect();
        if self.recent.with_untracked(|recent| *recent != ordered) {
            self.recent.set(ordered);
        }
    }

    /// Keeps an account that is about to be entered: it is the first of the recent ones the next time, even if it was
    /// searched for.
    pub(super) fn keep(self, account: &MyAccount) {
        self.recent.update(|recent| {
            if !recent.iter().any(|known| known.id == account.id) {
                recent.push(account.clone());
            }
        });
    }

    /// Brings the rows up to date: those of what is typed.
    pub(super) fn refresh(self) {
        self.search();
    }

    /// The rows of another question are no answer to this one.
    fn forget_rows_of_other(self, question: String) {
        if self.question.with_untracked(|asked| *asked != question) {
            self.found.set(Vec::new());
            self.cursor.set(None);
            self.question.set(question);
        }
    }

    /// Searches when the typing has rested.
    pub(super) fn ask(self, typed: &str) {
        self.typed.set_value(typed.trim().to_owned());
        let turn = self.next_turn();
        self.asking.set(true);
        spawn_local(async move {
            browser::sleep(DEBOUNCE).await;
            if self.turn.try_get_value() == Some(turn) {
                self.search();
            }
        });
    }

    /// Searches at once.
    fn search(self) {
        self.next_turn();
        self.asking.set(true);
        self.fetch(self.typed.get_value(), None);
    }

    /// Fetches the next page, if there is one and none is on its way.
    pub(super) fn load_more(self) {
        let cursor = self.cursor.get_untracked();
        if cursor.is_some() && !self.asking.get_untracked() && !self.adding.get_untracked() {
            self.adding.set(true);
            self.fetch(self.question.get_untracked(), cursor);
        }
    }

    fn next_turn(self) -> u32 {
        self.turn.update_value(|turn| *turn = turn.wrapping_add(1));
        self.turn.get_value()
    }

    fn fetch(self, question: String, cursor: Option<String>) {
        let turn = self.turn.get_value();
        let first = cursor.is_none();
        let q = (!question.is_empty()).then(|| question.clone());
        let query = ListQuery { q, limit: Some(FETCHED), cursor };
        spawn_local(async move {
            let answer = self.session.call(|signed_in| signed_in.list_my_accounts(&query)).await;
            self.adding.try_set(false);
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            let recent = match &answer {
                Ok(page) if first && question.is_empty() => Some(self.listed_recent(page).await),
                _ => None,
            };
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match answer {
                Ok(page) => {
                    self.forget_rows_of_other(question);
                    if !first {
                        self.found.update(|found| found.extend(page.items));
                    } else if self.found.with_untracked(|found| *found != page.items) {
                        self.found.set(page.items);
                    }
                    if let Some(recent) = recent
                        && self.recent.with_untracked(|known| *known != recent)
                    {
                        self.recent.set(recent);
                    }
                    self.cursor.set(page.next_cursor);
                    self.error.set(None);
                }
                Err(error) => {
                    self.forget_rows_of_other(question);
                    self.error.set(Some(explain(&error)));
                }
            }
            self.asking.set(false);
        });
    }

    /// Those recent accounts that the portal lists for the person now: on the first page, or by their names where
    /// there are more. No token is asked for an account that nobody has chosen.
    async fn listed_recent(self, first: &Page<MyAccount>) -> Vec<MyAccount> {
        let session = self.session;
        let is_all = first.next_cursor.is_none();
        let listed = recent::names(session).into_iter().map(|(id, name)| {
            let here = first.items.iter().find(|account| account.id == id).cloned();
            async move {
                if here.is_none() && !is_all {
                    let query = ListQuery { q: Some(name), limit: Some(FETCHED), cursor: None };
                    let page = session.call(|signed_in| signed_in.list_my_accounts(&query)).await;
                    return page.ok()?.items.into_iter().find(|account| account.id == id);
                }
                if here.is_none() {
                    recent::end(session, &id);
                }
                here
            }
        });
        join_all(listed).await.into_iter().flatten().collect()
    }

    /// Tracks the question.
    pub(super) fn asked(self) {
        self.question.track();
    }

    pub(super) fn has_question(self) -> bool {
        self.question.with(|question| !question.is_empty())
    }

    /// How many rows there are to scroll through now.
    pub(super) fn len(self) -> usize {
        self.all.with(Vec::len)
    }

    /// The size of the whole list for a screen reader: -1 while it is not known.
    pub(super) fn total(self) -> i64 {
        if self.cursor.with(Option::is_some) { -1 } else { i64::try_from(self.len()).unwrap_or(-1) }
    }

    /// The rows from one index to before another.
    pub(super) fn slice(self, first: usize, last: usize) -> Vec<(usize, Row)> {
        self.all.with(|all| {
            let last = last.min(all.len());
            let rows = all.get(first.min(last)..last).unwrap_or_default();
            rows.iter().cloned().enumerate().map(|(index, row)| (first + index, row)).collect()
        })
    }

    /// The row of an index.
    pub(super) fn row(self, index: usize) -> Option<Row> {
        self.all.with(|all| all.get(index).cloned())
    }

    /// The index of an account's row.
    pub(super) fn position(self, id: &AccountId) -> Option<usize> {
        self.all.with(|all| all.iter().position(|row| row.account.id == *id))
    }

    pub(super) fn is_asking(self) -> bool {
        self.asking.get()
    }

    /// Whether the rows answer what was typed last, as it is now: until then nothing is chosen.
    pub(super) fn are_settled(self) -> bool {
        !self.asking.get()
    }

    pub(super) fn error(self) -> Option<String> {
        self.error.get()
    }
}
