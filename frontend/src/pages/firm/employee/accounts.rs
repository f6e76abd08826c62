//! The client accounts of a bookkeeper: checkboxes that act at once.

use std::collections::{HashMap, HashSet};

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{
    AccountId, AssignmentPair, EmployeeAccount, EmployeeId, MAX_ITEMS_PER_PAGE, Name, Via,
};
use portal_client::{FirmAccountQuery, PageQuery};

use crate::components::{CheckRow, FilterSelect, Pager, SearchField, query};
use crate::pages::firm::FirmPage;
use crate::texts::{explain, lowercase, tr};
use crate::ui::{EmptyState, For, Kept, Loaded, Loader, Memo, Show, Toasts, effect};

/// How many accounts a page shows.
const PER_PAGE: usize = 50;

/// A page of what is shown: accounts with what tells them apart, and where the next page starts.
type Shown = (Vec<(AccountId, String, Option<String>)>, Option<String>);

/// What the boxes share; a handle that can be copied around.
#[derive(Clone, Copy)]
struct Boxes {
    page: FirmPage,
    toasts: Toasts,
    employee: StoredValue<EmployeeId>,
    name: Signal<String>,
    /// What is assigned, as the portal has said.
    assigned: Loader<Vec<EmployeeAccount>>,
    /// The same, to look up: a firm may have thousands of accounts.
    ids: Memo<HashSet<AccountId>>,
    /// What was unticked in the list of assigned accounts, which is left there until something else is shown.
    unticked: Kept<Vec<EmployeeAccount>>,
    /// What is wanted, until the portal has answered.
    wanted: Kept<HashMap<AccountId, bool>>,
}

impl Boxes {
    fn is_on(self, id: &AccountId) -> bool {
        let wanted = self.wanted.with(|wanted| wanted.get(id).copied());
        wanted.unwrap_or_else(|| self.ids.with(|ids| ids.contains(id)))
    }

    fn is_busy(self, id: &AccountId) -> bool {
        self.wanted.with(|wanted| wanted.contains_key(id))
    }

    /// Assigns or takes away, shown at once and put back if the portal refuses.
    fn set(self, account: (AccountId, String), on: bool) {
        let Some(employee) = self.employee.try_get_value() else { return };
        let (id, account_name) = account.clone();
        self.wanted.update(|wanted| {
            wanted.insert(id.clone(), on);
        });
        spawn_local(async move {
            let call = self.page.call(|firm| match on {
                true => firm.grant_account(&employee, &id),
                false => firm.revoke_account(&employee, &id),
            });
            let answer = call.await;
            // The page was left: nothing is shown any more, and what happened has happened.
            let Some(name) = self.name.try_get_untracked() else { return };
            match answer {
                Ok(()) => {
                    self.assigned.reload();
                    self.keep(&account, on);
                    let message = if on {
                        tr!(firm.account_granted, account = account_name, name = name)
                    } else {
                        tr!(firm.account_revoked, account = account_name, name = name)
                    };
                    let pair = AssignmentPair { employee_id: employee, account_id: id.clone() };
                    let done = move || self.assigned.reload();
                    self.page.say_changed(self.toasts, message, vec![pair], on, done);
                }
                Err(error) => self.toasts.failed(explain(&error)),
            }
            self.wanted.update(|wanted| {
                wanted.remove(&id);
            });
        });
    }

    fn keep(self, (id, name): &(AccountId, String), on: bool) {
        let Ok(name) = Name::parse(name) else { return };
        let account = EmployeeAccount { id: id.clone(), name, via: Via::Assignment };
        if !on {
            self.unticked.update(|unticked| unticked.push(account.clone()));
        }
        self.assigned.patch(|all| {
            all.retain(|account| account.id != *id);
            if on {
                all.push(account);
            }
        });
    }
}

/// All client accounts of the firm, or only the assigned ones.
#[component]
pub(super) fn Accounts(id: EmployeeId, name: Signal<String>) -> impl IntoView {
    let page = FirmPage::get();
    let employee = StoredValue::new(id);
    let assigned = Loader::new(move || {
        page.track();
        let id = employee.get_value();
        async move { fetch_assigned(page, id).await }
    });
    let wanted = Kept::new(HashMap::new());
    let unticked = Kept::new(Vec::new());
    let ids = Memo::new(move |_| {
        let ids = |all: &Vec<EmployeeAccount>| all.iter().map(|account| account.id.clone()).collect();
        assigned.with(ids).unwrap_or_default()
    });
    let boxes = Boxes { page, toasts: Toasts::get(), employee, name, assigned, ids, unticked, wanted };
    let (search, show, cursor) = (query("q"), query("show"), query("cursor"));
    effect(move |_| {
        search.track();
        show.track();
        cursor.track();
        unticked.set(Vec::new());
    });
    let only_assigned = Memo::new(move |_| show.get().as_deref() == Some("assigned"));
    let all = Loader::new(move || {
        page.track();
        // Nothing is asked where only what is known already is shown.
        let query = (!only_assigned.get()).then(|| FirmAccountQuery {
            q: search.get(),
            cursor: cursor.get(),
            ..Default::default()
        });
        async move {
            let Some(query) = query else { return Ok((Vec::new(), None)) };
            let call = page.call(|firm| firm.list_firm_accounts(&query));
            let found = call.await.map_err(|error| explain(&error))?;
            let rows = found
                .items
                .into_iter()
                .map(|account| (account.id, account.name.to_string(), Some(account.owner_name.to_string())));
            Ok((rows.collect(), found.next_cursor))
        }
    });
    let shown = Memo::new(move |_| -> Shown {
        if only_assigned.get() {
            let mut all = assigned.get().unwrap_or_default();
            let known = ids.get();
            all.extend(unticked.get().into_iter().filter(|account| !known.contains(&account.id)));
            all.sort_by_cached_key(|account| account.name.sort_key());
            part(&all, search.get(), cursor.get())
        } else {
            all.get().unwrap_or_default()
        }
    });
    let empty = move || {
        let (title, hint) = if only_assigned.get() && search.get().is_none() {
            (tr!(firm.none_assigned), tr!(firm.none_assigned_hint))
        } else if search.get().is_some() {
            (tr!(firm.no_client_found), tr!(firm.no_client_fits))
        } else {
            (tr!(firm.no_clients), tr!(firm.no_client_to_choose))
        };
        view! { <EmptyState icon=icondata_lu::LuBuilding2 title=title hint=hint /> }
    };
    let filters = vec![("", tr!(firm.all).to_owned()), ("assigned", tr!(firm.assigned).to_owned())];
    view! {
        <div class="toolbar">
            <SearchField label=tr!(firm.search_clients) />
            <FilterSelect label=tr!(firm.show) name="show" options=filters />
        </div>
        <Loaded loader=assigned>
            <Loaded loader=all>
                <Show when=move || !shown.with(|shown| shown.0.is_empty()) fallback=empty>
                    <div class="grid gap-x-8 lg:grid-cols-2" role="group" aria-label=tr!(common.client_accounts)>
                        <For each=move || shown.get().0 key=|(id, name, _)| format!("{id} {name}") let:row>
                            <AccountBox boxes=boxes row=row />
                        </For>
                    </div>
                </Show>
                <Pager next=Signal::derive(move || shown.with(|shown| shown.1.clone())) />
            </Loaded>
        </Loaded>
    }
}

#[component]
fn AccountBox(boxes: Boxes, row: (AccountId, String, Option<String>)) -> impl IntoView {
    let (id, name, detail) = row;
    let account = (id.clone(), name.clone());
    let on = Memo::new({
        let id = id.clone();
        move |_| boxes.is_on(&id)
    });
    let busy = Signal::derive(move || boxes.is_busy(&id));
    view! {
        <CheckRow
            name=name
            detail=detail
            checked=move || on.get()
            on_change=move |on| boxes.set(account.clone(), on)
            busy=busy
        />
    }
}

/// All pages: which boxes are ticked must be known for every account, not only for those on a first page.
async fn fetch_assigned(page: FirmPage, id: EmployeeId) -> Result<Vec<EmployeeAccount>, String> {
    let mut all = Vec::new();
    let mut query = Some(PageQuery { limit: Some(MAX_ITEMS_PER_PAGE), cursor: None });
    while let Some(asked) = query {
        let call = page.call(|firm| firm.list_employee_accounts(&id, &asked));
        let found = call.await.map_err(|error| explain(&error))?;
        query = asked.after(&found);
        all.extend(found.items);
    }
    Ok(all)
}

/// A page of what is known already; its cursor counts rows.
fn part(all: &[EmployeeAccount], search: Option<String>, cursor: Option<String>) -> Shown {
    let search = lowercase(&search.unwrap_or_default());
    let from: usize = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
    let fits: Vec<_> = all.iter().filter(|account| account.name.sort_key().contains(&search)).collect();
    let until = from.saturating_add(PER_PAGE);
    let rows = fits
        .iter()
        .skip(from)
        .take(PER_PAGE)
        .map(|account| (account.id.clone(), account.name.to_string(), None));
    (rows.collect(), (fits.len() > until).then(|| until.to_string()))
}
