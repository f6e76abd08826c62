//! What will change for whom, before it does.

use leptos::prelude::*;
use portal_client::InFirm;
use portal_client::api_types::{AssignmentBatch, AssignmentChanges, IdempotencyKey};

use super::gone::leave_out;
use super::matrix::Matrix;
use super::undo::Undo;
use crate::browser;
use crate::pages::firm::FirmPage;
use crate::texts::{explain, tr};
use crate::ui::{Alert, Busy, Button, Dialog, Form, Loaded, Loader, SubmitButton, Toasts, dynamic};

/// How many people, and how many accounts of one person, are named; the rest are counted.
const NAMED: usize = 50;

/// What changes for one person: what they get, and what they lose.
#[derive(Clone, PartialEq)]
struct Person {
    name: String,
    gets: Vec<String>,
    loses: Vec<String>,
}

/// What the portal says would happen.
#[derive(Clone, PartialEq)]
struct Preview {
    people: Vec<Person>,
    counts: (usize, usize, usize),
    /// How many pairs were left out, as one half of them has gone.
    left_out: usize,
}

/// `Review changes`: who gets and who loses what, and `Apply`.
#[component]
pub(super) fn ReviewDialog(open: RwSignal<bool>, undo: Undo) -> impl IntoView {
    view! {
        <Dialog open=open title=tr!(bulk.review).to_owned() side=true>
            <Review open=open undo=undo />
        </Dialog>
    }
}

#[component]
fn Review(open: RwSignal<bool>, undo: Undo) -> impl IntoView {
    let (page, matrix, toasts) = (FirmPage::get(), Matrix::get(), Toasts::get());
    let batch = StoredValue::new(matrix.batch());
    // Applied once, however often it is sent: after an answer that was lost, the next one says what the first has changed.
    let once = StoredValue::new(new_key());
    let busy = Busy::new();
    let message = RwSignal::new(None::<String>);
    let preview = Loader::new(move || {
        let mut wanted = matrix.batch();
        async move {
            let mut left_out = 0;
            let result = loop {
                let tried = AssignmentBatch { dry_run: true, ..wanted.clone() };
                match page.call(|firm| firm.assign_accounts(&tried)).await {
                    Ok(result) => break result,
                    Err(error) => match leave_out(page, &mut wanted, &error).await {
                        0 => return Err(error),
                        gone => left_out += gone,
                    },
                }
            };
            batch.try_set_value(wanted);
            once.try_set_value(new_key());
            let people = by_person(matrix, &result.changes.unwrap_or_default());
            let counts = (result.granted, result.revoked, result.unchanged);
            Ok(Preview { people, counts, left_out })
        }
    });
    let apply = move || {
        let (batch, once, firm) = (batch.get_value(), once.get_value(), page.id());
        message.set(None);
        busy.run(async move {
            let apply = |firm: InFirm| match once.clone() {
                Some(key) => firm.with_idempotency_key(key).assign_accounts(&batch),
                None => firm.assign_accounts(&batch),
            };
            match page.call(apply).await {
                Ok(result) => {
                    matrix.settle();
                    undo.keep(firm, result.changes.unwrap_or_default());
                    open.try_set(false);
                    toasts.done(tr!(bulk.changed, granted = result.granted, revoked = result.revoked));
                }
                Err(error) => {
                    message.try_set(Some(explain(&error)));
                }
            }
        });
    };
    let not_known = Signal::derive(move || !preview.is_ready());
    view! {
        <Form on_submit=apply>
            <Loaded loader=preview lines=3>{dynamic(move || preview.get().map(preview_view))}</Loaded>
            <Alert message=message />
            <div class="dialog-actions">
                <Button on_click=move |_| open.set(false)>{tr!(common.cancel)}</Button>
                <SubmitButton busy=busy label=tr!(bulk.apply) disabled=not_known />
            </div>
        </Form>
    }
}

/// A key that no other change has.
fn new_key() -> Option<IdempotencyKey> {
    let random = js_sys::Math::random().to_bits();
    IdempotencyKey::parse(&format!("matrix-{:x}-{random:x}", browser::now().to_bits())).ok()
}

fn preview_view(Preview { people, counts, left_out }: Preview) -> AnyView {
    let (granted, revoked, unchanged) = counts;
    let more = people.len().saturating_sub(NAMED);
    let names = |words: &'static str, names: Vec<String>, class: &'static str| {
        let count = names.len();
        (count > 0).then(|| {
            let mut named: Vec<String> = names.into_iter().take(NAMED).collect();
            if count > NAMED {
                named.push(tr!(bulk.more, count = count - NAMED));
            }
            view! { <p class=class dir="auto">{format!("{words}: {}", named.join(", "))}</p> }
        })
    };
    let rows = people.into_iter().take(NAMED).map(|person| {
        view! {
            <li>
                <p class="who-name" dir="auto">{person.name}</p>
                {names(tr!(bulk.gets), person.gets, "matrix-gets")}
                {names(tr!(bulk.loses), person.loses, "matrix-loses")}
            </li>
        }
    });
    view! {
        <div class="stack">
            <p>{tr!(bulk.would_change, granted = granted, revoked = revoked)}</p>
            <ul class="matrix-people">{rows.collect_view()}</ul>
            {(more > 0).then(|| view! { <p class="muted">{tr!(bulk.more, count = more)}</p> })}
            {(left_out > 0).then(|| view! { <p class="muted">{tr!(bulk.left_out, count = left_out)}</p> })}
            {(unchanged > 0).then(|| view! { <p class="muted">{tr!(bulk.so_already, count = unchanged)}</p> })}
        </div>
    }
    .into_any()
}

fn by_person(matrix: Matrix, changes: &AssignmentChanges) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    let mut places = std::collections::HashMap::<String, usize>::new();
    for (pairs, gets) in [(&changes.granted, true), (&changes.revoked, false)] {
        for pair in pairs {
            let (name, account) = matrix.names(pair);
            let next = people.len();
            let place = *places.entry(pair.employee_id.to_string()).or_insert(next);
            if place == next {
                people.push(Person { name, gets: Vec::new(), loses: Vec::new() });
            }
            let person = &mut people[place];
            if gets { &mut person.gets } else { &mut person.loses }.push(account);
        }
    }
    for person in &mut people {
        person.gets.sort_unstable();
        person.loses.sort_unstable();
    }
    people
}
