//! The settings of a firm.

use leptos::prelude::*;
use portal_client::api_types::{Firm, RenameFirm};

use super::FirmPage;
use crate::browser;
use crate::components::{Heading, NameForm};
use crate::format;
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Button, Field, Icon, Kind, Loaded, Loader, Toasts, dynamic};

/// The page `Firm settings`.
#[component]
pub(crate) fn FirmSettings() -> impl IntoView {
    let page = FirmPage::get();
    let firm = Loader::new(move || {
        page.track();
        async move { page.call(|firm| firm.read_firm()).await }
    });
    view! {
        <Heading title=tr!(common.firm_settings) />
        <Loaded loader=firm>
            <section class="card">
                <h2>{tr!(account.firm_known_by)}</h2>
                <Facts firm=firm />
            </section>
            <section class="card">
                <h2>{tr!(account.firm_name_section)}</h2>
                <Rename firm=firm />
            </section>
        </Loaded>
    }
}

#[component]
fn Facts(firm: Loader<Firm>) -> impl IntoView {
    let toasts = Toasts::get();
    let email = move || firm.with(|firm| firm.email.display().to_owned()).unwrap_or_default();
    let copy = move |_| {
        let email = untrack(email);
        leptos::task::spawn_local(async move {
            if browser::copy(&email).await {
                toasts.done(tr!(account.copied));
            } else {
                toasts.failed(tr!(account.not_copied));
            }
        });
    };
    let number = |count: Option<i64>| count.map(format::number).unwrap_or_default();
    view! {
        <p class="muted">{tr!(account.firm_known_by_hint)}</p>
        <p class="copy-row">
            <strong>{email}</strong>
            <Button kind=Kind::Quiet on_click=copy label=tr!(account.copy_email)>
                <Icon icon=icondata_lu::LuCopy />
            </Button>
        </p>
        <dl class="facts">
            <dt>{tr!(account.firm_since)}</dt>
            <dd>{dynamic(move || firm.with(|firm| format::day(firm.created_at)))}</dd>
            <dt>{tr!(common.employees)}</dt>
            <dd class="number">{dynamic(move || number(firm.with(|firm| firm.employee_count)))}</dd>
            <dt>{tr!(common.client_accounts)}</dt>
            <dd class="number">{dynamic(move || number(firm.with(|firm| firm.account_count)))}</dd>
        </dl>
    }
}

#[component]
fn Rename(firm: Loader<Firm>) -> impl IntoView {
    let page = FirmPage::get();
    let session = Session::get();
    let toasts = Toasts::get();
    let name = Field::with(untrack(|| firm.with(|firm| firm.name.to_string())).unwrap_or_default());
    let save = move |name| async move {
        let rename = RenameFirm { name };
        let renamed = page.call(|firm| firm.rename_firm(&rename)).await?;
        toasts.done(tr!(account.renamed, name = renamed.name.as_str()));
        firm.reload();
        // The menu of the person names the firm too; without an answer it does so a moment later.
        let _ = session.reload_me().await;
        Ok(())
    };
    view! { <NameForm label=tr!(account.firm_name) field=name save=save /> }
}
