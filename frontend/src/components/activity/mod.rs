//! The audit trail of an account or a firm: filters, the list, and the export.

mod words;

use leptos::prelude::*;
use portal_client::ActivityQuery;
use portal_client::api_types::{ActivityEntry, Page, UserId};

use crate::account::AccountPage;
use crate::components::{FilterSelect, Heading, Pager, query, save_file, set_query};
use crate::format;
use crate::live::Live;
use crate::pages::firm::FirmPage;
use crate::texts::{explain, tr};
use crate::ui::{
    Busy, Button, EmptyState, For, Icon, Loaded, Loader, Memo, Show, Time, Toasts, bound, dynamic,
};

/// Whose trail it is; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(crate) struct Trail {
    place: Place,
    live: Live,
}

#[derive(Clone, Copy)]
enum Place {
    Account(AccountPage),
    Firm(FirmPage),
}

impl Trail {
    /// That of the page's account.
    pub(crate) fn of_account() -> Self {
        Self { place: Place::Account(AccountPage::get()), live: Live::get() }
    }

    /// That of the page's firm.
    pub(crate) fn of_firm() -> Self {
        Self { place: Place::Firm(FirmPage::get()), live: Live::get() }
    }

    /// What its file is called: `activity-blue-bakery-2026-11-24.csv`.
    fn file_name(self) -> String {
        let place = untrack(|| match self.place {
            Place::Account(page) => page.name().map(|name| name.to_string()),
            Place::Firm(page) => page.name(),
        });
        let name = words::file_part(&place.unwrap_or_default());
        let parts = ["activity", &name, &format::today()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("-") + ".csv"
    }

    /// What can be in it.
    fn actions(self) -> &'static [&'static str] {
        match self.place {
            Place::Account(_) => &words::OF_ACCOUNT,
            Place::Firm(_) => &words::OF_FIRM,
        }
    }

    /// Tracks that there may be something new.
    fn track(self) {
        match self.place {
            Place::Account(page) => self.live.account(&page.id()),
            Place::Firm(page) => self.live.firm(&page.id()),
        };
    }

    async fn list(self, query: ActivityQuery) -> Result<Page<ActivityEntry>, String> {
        let page = match self.place {
            Place::Account(page) => page.call(|account| account.list_account_activity(&query)),
            Place::Firm(page) => page.call(|firm| firm.list_firm_activity(&query)),
        };
        page.await.map_err(|error| explain(&error))
    }

    async fn export(self, query: ActivityQuery) -> Result<String, String> {
        let csv = match self.place {
            Place::Account(page) => page.call(|account| account.export_account_activity(&query)),
            Place::Firm(page) => page.call(|firm| firm.export_firm_activity(&query)),
        };
        csv.await.map_err(|error| explain(&error))
    }
}

/// The filters in the page's URL.
#[derive(Clone, Copy)]
struct Filters {
    action: Memo<Option<String>>,
    actor: Memo<Option<String>>,
    from: Memo<Option<String>>,
    to: Memo<Option<String>>,
    cursor: Memo<Option<String>>,
}

impl Filters {
    fn new() -> Self {
        Self {
            action: query("action"),
            actor: query("actor"),
            from: query("from"),
            to: query("to"),
            cursor: query("cursor"),
        }
    }

    /// What the portal is asked for. The last day counts to its end.
    fn to_query(self) -> ActivityQuery {
        ActivityQuery {
            action: self.action.get(),
            actor: self.actor.get().and_then(|id| UserId::parse(&id).ok()),
            api_key: None,
            from: self.from.get().and_then(|day| format::start_of_day(&day)),
            to: self.to.get().and_then(|day| format::end_of_day(&day)),
            limit: None,
            cursor: self.cursor.get(),
        }
    }

    fn any(self) -> bool {
        [self.action, self.actor, self.from, self.to].iter().any(|filter| filter.with(Option::is_some))
    }
}

/// The page `Activity`.
#[component]
pub(crate) fn Activity(trail: Trail) -> impl IntoView {
    let toasts = Toasts::get();
    let filters = Filters::new();
    let page = Loader::new(move || {
        trail.track();
        trail.list(filters.to_query())
    });
    let busy = Busy::new();
    let export = move |_| {
        let query = untrack(|| filters.to_query());
        busy.run(async move {
            let csv = trail.export(query).await;
            save_file(toasts, &trail.file_name(), csv, tr!(activity.exported));
        });
    };
    let empty = Memo::new(move |_| page.with(|page| page.items.is_empty()) == Some(true));
    let next = Signal::derive(move || page.with(|page| page.next_cursor.clone()).flatten());
    view! {
        <Heading title=tr!(activity.title)>
            <Button busy=busy on_click=export>
                <Icon icon=icondata_lu::LuDownload />
                {tr!(activity.export)}
            </Button>
        </Heading>
        <Toolbar trail=trail filters=filters page=page />
        <Loaded loader=page>
            <Show when=move || !empty.get() fallback=move || view! { <Nothing filters=filters /> }>
                <Entries page=page />
            </Show>
        </Loaded>
        <Pager next=next />
    }
}

#[component]
fn Nothing(filters: Filters) -> impl IntoView {
    let (title, hint) = match untrack(|| filters.any()) {
        true => (tr!(activity.nothing_fits), tr!(activity.nothing_fits_hint)),
        false => (tr!(activity.empty), tr!(activity.empty_hint)),
    };
    view! { <EmptyState icon=icondata_lu::LuHistory title=title hint=hint /> }
}

#[component]
fn Toolbar(trail: Trail, filters: Filters, page: Loader<Page<ActivityEntry>>) -> impl IntoView {
    let set = StoredValue::new_local(set_query(false));
    let change = move |name: &'static str, value: Option<String>| {
        set.with_value(|set| set(&[(name, value)]));
    };
    let mut actions = vec![("", tr!(activity.all_actions).to_owned())];
    actions.extend(trail.actions().iter().map(|action| (*action, words::action(action))));
    let day = move |name: &'static str, label: &'static str, filter: Memo<Option<String>>| {
        view! {
            <label class="day">
                <span>{label}</span>
                <input
                    type="date"
                    class="input"
                    prop:value=bound(move || filter.get().unwrap_or_default())
                    on:change:target=move |event| change(name, Some(event.target().value()))
                />
            </label>
        }
    };
    let actor_name = move || {
        let found = page
            .with(|page| page.items.iter().find_map(|entry| entry.actor.as_ref()).map(|a| a.name.clone()));
        found.flatten().unwrap_or_else(|| tr!(activity.one_person).to_owned())
    };
    view! {
        <div class="toolbar" role="group" aria-label=tr!(activity.filters)>
            <FilterSelect label=tr!(activity.action) name="action" options=actions />
            {day("from", tr!(activity.from), filters.from)}
            {day("to", tr!(activity.to), filters.to)}
            <Show when=move || filters.actor.with(Option::is_some)>
                <Button label=tr!(activity.everybody) on_click=move |_| change("actor", None)>
                    {dynamic(move || tr!(activity.by, name = actor_name()))}
                    <Icon icon=icondata_lu::LuX />
                </Button>
            </Show>
            <Show when=move || filters.any()>
                <Button
                    kind=crate::ui::Kind::Quiet
                    on_click=move |_| {
                        let none = ["action", "actor", "from", "to"].map(|name| (name, None));
                        set.with_value(|set| set(&none));
                    }
                >
                    {tr!(activity.show_all)}
                </Button>
            </Show>
        </div>
    }
}

#[component]
fn Entries(page: Loader<Page<ActivityEntry>>) -> impl IntoView {
    let set = StoredValue::new_local(set_query(false));
    let only = move |id: String| set.with_value(|set| set(&[("actor", Some(id))]));
    let entries = move || page.with(|page| page.items.clone()).unwrap_or_default();
    view! {
        <div class="table-wrap">
            <table class="table-list table-log">
                <thead>
                    <tr>
                        <th scope="col">{tr!(activity.when)}</th>
                        <th scope="col">{tr!(activity.who)}</th>
                        <th scope="col">{tr!(activity.what)}</th>
                        <th scope="col">{tr!(activity.target)}</th>
                        <th scope="col">{tr!(activity.address)}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=entries key=|entry| entry.id.clone() let:entry>
                        {row(entry, only)}
                    </For>
                </tbody>
            </table>
        </div>
    }
}

fn row(entry: ActivityEntry, only: impl Fn(String) + Copy + 'static) -> AnyView {
    let who = match (entry.actor, entry.api_key) {
        (Some(actor), _) => {
            let id = actor.user_id.to_string();
            let label = tr!(activity.only_theirs, name = actor.name.as_str());
            view! {
                <button type="button" class="link" dir="auto" title=label on:click=move |_| only(id.clone())>
                    {actor.name}
                </button>
            }
            .into_any()
        }
        (None, Some(key)) => {
            view! { <span dir="auto">{tr!(activity.by_key, name = key.name.as_str())}</span> }.into_any()
        }
        (None, None) => {
            let name =
                entry.operator.map_or_else(|| tr!(activity.portal).to_owned(), |operator| operator.name);
            view! { <span dir="auto">{name}</span> }.into_any()
        }
    };
    let through = entry.firm.map(|firm| tr!(activity.through, firm = firm.name.as_str()));
    let details: Vec<String> = entry.detail.iter().map(|(name, value)| words::detail(name, value)).collect();
    let target = entry.target.map(|target| target.name);
    let account = entry.account.map(|account| account.name.to_string());
    let below = account.filter(|account| Some(account) != target.as_ref());
    view! {
        <tr>
            <td data-label=tr!(activity.when)><Time at=entry.at /></td>
            <td data-label=tr!(activity.who)>
                <span class="who-words">{who} <span class="muted" dir="auto">{through}</span></span>
            </td>
            <td data-label=tr!(activity.what)>
                <span class="who-words">
                    {words::action(&entry.action)}
                    <span class="muted" dir="auto">{details.join(" · ")}</span>
                </span>
            </td>
            <td data-label=tr!(activity.target)>
                <span class="who-words" dir="auto">
                    <span>{target}</span>
                    <span class="muted">{below}</span>
                </span>
            </td>
            <td data-label=tr!(activity.address) class="number">{entry.ip}</td>
        </tr>
    }
    .into_any()
}

/// The last entries of a trail, without filters.
#[component]
pub(crate) fn LatestActivity(trail: Trail) -> impl IntoView {
    let page = Loader::new(move || {
        trail.track();
        trail.list(ActivityQuery { limit: Some(8), ..Default::default() })
    });
    let entries = move || page.with(|page| page.items.clone()).unwrap_or_default();
    view! {
        <Loaded loader=page lines=4>
            <ul class="latest">
                <For each=entries key=|entry| entry.id.clone() let:entry>
                    <li>
                        <span dir="auto">{sentence(&entry)}</span>
                        <span class="muted"><Time at=entry.at /></span>
                    </li>
                </For>
            </ul>
        </Loaded>
    }
}

fn sentence(entry: &ActivityEntry) -> String {
    let who = match (&entry.actor, &entry.api_key, &entry.operator) {
        (Some(actor), ..) => actor.name.clone(),
        (None, Some(key), _) => tr!(activity.by_key, name = key.name.as_str()),
        (None, None, Some(operator)) => operator.name.clone(),
        (None, None, None) => tr!(activity.portal).to_owned(),
    };
    let what = words::action(&entry.action);
    match &entry.target {
        Some(target) => format!("{who} · {what} · {}", target.name),
        None => format!("{who} · {what}"),
    }
}
