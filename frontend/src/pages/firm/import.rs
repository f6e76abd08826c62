//! Employees and assignments as files: `Import` with a look at what each row would do, and `Export`.

use leptos::prelude::*;
use portal_client::api_types::{
    AssignmentAction, Import, ImportChange, ImportKind, ImportResult, ImportRow, ImportStatus,
};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::FirmPage;
use crate::components::save_file;
use crate::live::Live;
use crate::texts::{self, Locale, explain, explain_code, tr};
use crate::ui::{
    Alert, Badge, Busy, Button, Dialog, Form, Icon, Kept, Kind, SubmitButton, Toasts, Tone, bound, dynamic,
    handler, unique_id,
};
use crate::{browser, format};

/// How many rows are shown: those that are wrong first.
const SHOWN: usize = 200;

/// The buttons `Import` and `Export`.
#[component]
pub(super) fn Buttons(kind: ImportKind) -> impl IntoView {
    let (page, toasts) = (FirmPage::get(), Toasts::get());
    let importing = RwSignal::new(false);
    let busy = Busy::new();
    let title = match kind {
        ImportKind::Employees => tr!(bulk.import_employees),
        ImportKind::Assignments => tr!(bulk.import_assignments),
    };
    view! {
        <Button on_click=move |_| importing.set(true)>
            <Icon icon=icondata_lu::LuUpload />
            {tr!(bulk.import)}
        </Button>
        <Button busy=busy on_click=move |_| busy.run(download(page, toasts, kind, false))>
            <Icon icon=icondata_lu::LuDownload />
            {tr!(bulk.export)}
        </Button>
        <Dialog open=importing title=title.to_owned() side=true>
            <ImportForm kind=kind open=importing />
        </Dialog>
    }
}

/// Hands the firm's data, or an empty file to begin with, to the person.
async fn download(page: FirmPage, toasts: Toasts, kind: ImportKind, template: bool) {
    let answer = page.call(|firm| match (kind, template) {
        (ImportKind::Employees, true) => firm.read_employees_template(),
        (ImportKind::Employees, false) => firm.export_employees(),
        (ImportKind::Assignments, true) => firm.read_assignments_template(),
        (ImportKind::Assignments, false) => firm.export_assignments(),
    });
    let name = match template {
        true => format!("{}-template.csv", kind.as_str()),
        false => format!("{}-{}.csv", kind.as_str(), format::today()),
    };
    save_file(toasts, &name, answer.await.map_err(|error| explain(&error)), tr!(bulk.exported));
}

#[component]
fn ImportForm(kind: ImportKind, open: RwSignal<bool>) -> impl IntoView {
    let (page, toasts, live) = (FirmPage::get(), Toasts::get(), Live::get());
    let csv = RwSignal::new(String::new());
    let tried = Kept::new(None::<ImportResult>);
    let message = RwSignal::new(None::<String>);
    let (busy, trying, template) = (Busy::new(), Busy::new(), Busy::new());
    let send = move |csv: String, dry_run: bool| {
        let import = Import { kind, csv, dry_run };
        async move {
            match page.call(|firm| firm.import_csv(&import)).await {
                Ok(result) if result.applied => {
                    open.try_set(false);
                    live.refresh();
                    let totals = result.totals;
                    toasts.done(tr!(bulk.imported, new = totals.new, changed = totals.changed));
                }
                Ok(result) => {
                    tried.try_set(Some(result));
                }
                Err(error) => {
                    tried.try_set(None);
                    message.try_set(Some(explain(&error)));
                }
            }
        }
    };
    let choose = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        tried.set(None);
        message.set(None);
        trying.run(async move {
            // The last one that was chosen while another was tried.
            let mut tried_text = None;
            while let Some(text) =
                browser::chosen_file(&input).await.filter(|text| Some(text) != tried_text.as_ref())
            {
                // What it has in place of a letter that is not UTF-8.
                if text.contains('\u{fffd}') {
                    tried.try_set(None);
                    message.try_set(Some(tr!(bulk.not_utf8).to_owned()));
                } else {
                    csv.try_set(text.clone());
                    send(text.clone(), true).await;
                }
                tried_text = Some(text);
            }
        });
    };
    let not_ready = Signal::derive(move || {
        trying.get()
            || tried.with(|tried| {
                tried.as_ref().is_none_or(|tried| {
                    tried.totals.error > 0 || tried.totals.new + tried.totals.changed == 0
                })
            })
    });
    let hint = match kind {
        ImportKind::Employees => tr!(bulk.import_employees_hint),
        ImportKind::Assignments => tr!(bulk.import_assignments_hint),
    };
    let id = unique_id("file");
    view! {
        <Form on_submit=move || {
            message.set(None);
            busy.run(send(csv.get_untracked(), false));
        }>
            <p>{hint}</p>
            <p>
                <Button kind=Kind::Quiet busy=template on_click=move |_| template.run(download(page, toasts, kind, true))>
                    <Icon icon=icondata_lu::LuDownload />
                    {tr!(bulk.template)}
                </Button>
            </p>
            <div class="field">
                <label class="field-label" for=id.clone()>{tr!(bulk.file)}</label>
                <input id=id class="input input-file" type="file" accept=".csv,text/csv" on:change=handler(choose) />
            </div>
            <Alert message=message />
            <div aria-live="polite" aria-busy=bound(move || trying.get().to_string())>{dynamic(move || tried.get().map(result_view))}</div>
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=tr!(bulk.import) disabled=not_ready />
            </div>
        </Form>
    }
}

/// What would happen, in total and row by row.
fn result_view(result: ImportResult) -> AnyView {
    let totals = result.totals;
    let more = result.rows.len().saturating_sub(SHOWN);
    let (wrong, right): (Vec<_>, Vec<_>) =
        result.rows.into_iter().partition(|row| row.status == ImportStatus::Error);
    let rows = wrong.into_iter().chain(right).take(SHOWN).map(row_view).collect_view();
    let said = match (totals.error, totals.new + totals.changed) {
        (0, 0) => tr!(bulk.nothing_to_import).to_owned(),
        (0, _) => {
            tr!(bulk.would_import, new = totals.new, changed = totals.changed, unchanged = totals.unchanged)
        }
        (wrong, _) => tr!(bulk.rows_wrong, count = wrong),
    };
    view! {
        <div class="stack">
            <p class="empty-title">{said}</p>
            <table class="table-list">
                <thead>
                    <tr>
                        <th scope="col">{tr!(bulk.line)}</th>
                        <th scope="col">{tr!(bulk.row)}</th>
                        <th scope="col">{tr!(bulk.result)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {(more > 0).then(|| view! { <p class="muted">{tr!(bulk.more, count = more)}</p> })}
        </div>
    }
    .into_any()
}

fn row_view(row: ImportRow) -> AnyView {
    let words = |change: &ImportChange| match change {
        ImportChange::Name => tr!(common.name),
        ImportChange::Role => tr!(firm.role),
        ImportChange::Accounts => tr!(firm.accounts),
    };
    let (tone, label) = match (row.status, row.action) {
        (ImportStatus::Error, _) => (Tone::Bad, tr!(bulk.row_wrong)),
        (ImportStatus::Unchanged, _) => (Tone::Plain, tr!(bulk.row_unchanged)),
        (ImportStatus::New, Some(AssignmentAction::Grant)) => (Tone::Good, tr!(bulk.will_assign)),
        (_, Some(_)) => (Tone::Waiting, tr!(bulk.will_take)),
        (ImportStatus::New, None) => (Tone::Good, tr!(bulk.will_invite)),
        (ImportStatus::Changed, None) => (Tone::Waiting, tr!(bulk.will_change)),
    };
    let changes: Vec<&str> = row.changes.iter().map(words).collect();
    // The portal's sentence says more, and is in English.
    let wrong = row.detail.filter(|_| texts::locale() == Locale::English);
    let wrong = wrong.or_else(|| row.code.map(|code| explain_code(code).to_owned()));
    let below = wrong.unwrap_or_else(|| changes.join(", "));
    let account = row.account_name.or(row.account).unwrap_or_default();
    let who = row.employee.unwrap_or_else(|| row.email.clone());
    view! {
        <tr>
            <td data-label=tr!(bulk.line) class="number">{row.line}</td>
            <td data-label=tr!(bulk.row)>
                <div class="who-words">
                    <span dir="auto">{who}</span>
                    <span class="muted" dir="auto">{account}</span>
                </div>
            </td>
            <td data-label=tr!(bulk.result)>
                <div class="who-words">
                    <Badge tone=tone label=label />
                    <span class="muted">{below}</span>
                </div>
            </td>
        </tr>
    }
    .into_any()
}
