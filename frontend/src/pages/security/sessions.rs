//! Where the person is signed in, and signing out there.

use std::collections::HashSet;

use leptos::prelude::*;
use portal_client::Error;
use portal_client::PageQuery;
use portal_client::api_types::{Page, SessionId, SessionInfo};

use super::device;
use crate::components::{Pager, query};
use crate::format;
use crate::live::Live;
use crate::session::Session;
use crate::texts::{explain, tr};
use crate::ui::{Badge, Busy, Button, Confirm, Each, Icon, Loaded, Loader, Memo, Show, Time, Toasts, Tone};

/// How many sessions a page asks for to end them all.
const MANY: u16 = 200;

/// The section `Where you are signed in`.
#[component]
pub(super) fn Sessions(
    /// Goes up when sessions may have ended by something else on the page.
    #[prop(into)]
    changed: Signal<u32>,
) -> impl IntoView {
    let session = Session::get();
    let live = Live::get();
    let cursor = query("cursor");
    let sessions = Loader::new(move || {
        live.me();
        changed.track();
        let page = PageQuery { limit: None, cursor: cursor.get() };
        async move { list(session, &page).await.map_err(|error| explain(&error)) }
    });
    let rows = move || sessions.get().map(|page| page.items).unwrap_or_default();
    let next = Signal::derive(move || sessions.get().and_then(|page| page.next_cursor));
    let others = Memo::new(move |_| {
        let elsewhere = |page: &Page<SessionInfo>| {
            page.next_cursor.is_some() || page.items.iter().any(|item| !item.current)
        };
        cursor.get().is_some() || sessions.with(elsewhere) == Some(true)
    });
    view! {
        <section aria-labelledby="sessions-title">
            <header class="page-header">
                <h2 id="sessions-title">{tr!(security.sessions)}</h2>
                <Show when=move || others.get()>
                    <SignOutElsewhere on_done=move || sessions.reload() />
                </Show>
            </header>
            <Loaded loader=sessions lines=2>
                <div class="table-wrap">
                    <table class="table-list">
                        <thead>
                            <tr>
                                <th scope="col">{tr!(security.device)}</th>
                                <th scope="col">{tr!(security.address)}</th>
                                <th scope="col">{tr!(security.last_used)}</th>
                                <th scope="col">{tr!(security.since)}</th>
                                <th scope="col">
                                    <span class="sr-only">{tr!(common.sign_out)}</span>
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            <Each rows=rows let:row>
                                <Row info=row on_done=move || sessions.reload() />
                            </Each>
                        </tbody>
                    </table>
                </div>
                <Pager next=next />
            </Loaded>
        </section>
    }
}

#[component]
fn Row(info: SessionInfo, on_done: impl Fn() + Copy + Send + 'static) -> impl IntoView {
    let name = device::describe(info.user_agent.as_deref());
    let end = (!info.current)
        .then(|| view! { <SignOutThere info=info.clone() name=name.clone() on_done=on_done /> });
    view! {
        <tr>
            <td>
                <div class="who">
                    <Icon icon=icondata_lu::LuMonitor />
                    <span class="who-name" title=info.user_agent>
                        {name}
                    </span>
                    {info.current.then(|| view! { <Badge tone=Tone::Good label=tr!(security.this_browser) /> })}
                </div>
            </td>
            <td class="number" data-label=tr!(security.address)>
                {info.ip.unwrap_or_else(|| "–".to_owned())}
            </td>
            <td data-label=tr!(security.last_used)>
                <Time at=info.last_used_at />
            </td>
            <td data-label=tr!(security.since)>
                <Time at=info.created_at />
            </td>
            <td class="end">{end}</td>
        </tr>
    }
}

/// Ends one session, at once.
#[component]
fn SignOutThere(
    info: SessionInfo,
    name: String,
    on_done: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let SessionInfo { id, ip, last_used_at: used, .. } = info;
    let session = Session::get();
    let toasts = Toasts::get();
    let busy = Busy::new();
    // Two of the same kind of browser are told apart by the rest.
    let used = format::exact(used);
    let label = match ip {
        Some(ip) => tr!(security.sign_out_of_at, name = name.as_str(), address = ip, when = used),
        None => tr!(security.sign_out_of, name = name.as_str(), when = used),
    };
    let sign_out = move |_| {
        let (id, name) = (id.clone(), name.clone());
        busy.run(async move {
            match end(session, &id).await {
                Ok(()) => {
                    toasts.done(tr!(security.signed_out_of, name = name));
                    on_done();
                }
                Err(error) => toasts.failed(explain(&error)),
            }
        });
    };
    view! {
        <Button on_click=sign_out busy=busy label=label>
            {tr!(common.sign_out)}
        </Button>
    }
}

/// Ends all sessions but this one, after asking.
#[component]
fn SignOutElsewhere(on_done: impl Fn() + Copy + Send + 'static) -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let confirm = Confirm::get();
    let ask = move |_| {
        let action = move || async move {
            let ended = end_others(session).await;
            // Some may have ended before one could not be.
            on_done();
            ended.map_err(|error| explain(&error))?;
            toasts.done(tr!(security.signed_out_elsewhere));
            Ok(())
        };
        confirm.ask(
            tr!(security.elsewhere_title),
            tr!(security.elsewhere_body),
            Vec::new(),
            tr!(security.sign_out_elsewhere),
            action,
        );
    };
    view! { <Button on_click=ask>{tr!(security.sign_out_elsewhere)}</Button> }
}

async fn list(session: Session, page: &PageQuery) -> Result<Page<SessionInfo>, Error> {
    session.call(|signed_in| signed_in.list_sessions(page)).await
}

/// Ends a session; one that has ended already is as good.
async fn end(session: Session, id: &SessionId) -> Result<(), Error> {
    let ended = session.call(|signed_in| signed_in.end_session(id)).await;
    match ended {
        Err(error) if error.status() == Some(404) => Ok(()),
        ended => ended,
    }
}

/// Ends the sessions elsewhere, page by page, until a first page has no others.
async fn end_others(session: Session) -> Result<(), Error> {
    let mut tried = HashSet::new();
    loop {
        let page = list(session, &PageQuery { limit: Some(MANY), cursor: None }).await?;
        let mut found = false;
        for other in page.items.into_iter().filter(|item| !item.current) {
            // Each is ended once, whatever the list says afterwards.
            if tried.insert(other.id.to_string()) {
                found = true;
                end(session, &other.id).await?;
            }
        }
        if !found {
            return Ok(());
        }
    }
}
