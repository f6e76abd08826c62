//! The way back from the last batch: for ten minutes, from wherever one has been in the app since.

use std::cell::RefCell;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{AssignmentBatch, AssignmentChanges, FirmId, UserId};

use super::gone::leave_out;
use super::matrix::Matrix;
use crate::browser;
use crate::pages::firm::FirmPage;
use crate::session::Session;
use crate::texts::{explain, tr};
use crate::ui::{Busy, Button, Icon, Kept, Toasts, dynamic};

/// How long there is a way back, in milliseconds.
const LASTS: f64 = 600_000.0;

/// What was changed, in which firm, by whom and when.
#[derive(Clone)]
struct Last {
    firm: FirmId,
    person: Option<UserId>,
    at: f64,
    changes: AssignmentChanges,
}

thread_local! { static LAST: RefCell<Option<Last>> = const { RefCell::new(None) }; }

/// What can be undone on this page; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(super) struct Undo {
    page: FirmPage,
    session: Session,
    changes: Kept<Option<AssignmentChanges>>,
}

impl Undo {
    pub(super) fn new(page: FirmPage) -> Self {
        let undo = Self { page, session: Session::get(), changes: Kept::new(None) };
        undo.show(&page.id());
        undo
    }

    /// What has just been changed can be undone, and nothing else any more. The page may have been left by now.
    pub(super) fn keep(self, firm: FirmId, changes: AssignmentChanges) {
        // Where nothing has changed, the change before is still the last one.
        if changes.granted.is_empty() && changes.revoked.is_empty() {
            return;
        }
        let person = self.session.user_id();
        LAST.set(Some(Last { firm: firm.clone(), person, at: browser::now(), changes }));
        self.show(&firm);
    }

    fn show(self, firm: &FirmId) {
        let person = self.session.user_id();
        let last = LAST.with_borrow(Clone::clone);
        let last = last.filter(|last| last.firm == *firm && last.person == person);
        let Some(Last { at, changes, .. }) = last.filter(|last| browser::now() < last.at + LASTS) else {
            self.changes.try_set(None);
            return;
        };
        self.changes.try_set(Some(changes));
        spawn_local(async move {
            let left = (at + LASTS - browser::now()).max(0.0);
            browser::sleep(Duration::from_secs_f64(left / 1_000.0)).await;
            // Unless there is a newer one by now, or the page was left.
            if LAST.with_borrow(|last| last.as_ref().is_some_and(|last| last.at == at)) {
                self.changes.try_set(None);
            }
        });
    }
}

/// Says what was changed last, and takes it back.
#[component]
pub(super) fn UndoNotice(undo: Undo) -> impl IntoView {
    let (matrix, toasts) = (Matrix::get(), Toasts::get());
    let busy = Busy::new();
    let take_back = move |_| {
        let Some(changes) = undo.changes.get_untracked() else { return };
        let mut batch =
            AssignmentBatch { grant: changes.revoked, revoke: changes.granted, ..AssignmentBatch::default() };
        busy.run(async move {
            let mut left_out = 0;
            while let Err(error) = undo.page.call(|firm| firm.assign_accounts(&batch)).await {
                match leave_out(undo.page, &mut batch, &error).await {
                    0 => {
                        toasts.failed(explain(&error));
                        return;
                    }
                    gone => left_out += gone,
                }
            }
            LAST.set(None);
            undo.changes.try_set(None);
            matrix.ask_again();
            let said = tr!(bulk.undone).to_owned();
            toasts.done(match left_out {
                0 => said,
                count => format!("{said} {}", tr!(bulk.left_out, count = count)),
            });
            browser::rescue_focus(None);
        });
    };
    dynamic(move || {
        undo.changes.get().map(|changes| {
            let (granted, revoked) = (changes.granted.len(), changes.revoked.len());
            view! {
                <div class="notice-box matrix-undo">
                    <Icon icon=icondata_lu::LuCircleCheck />
                    <p>{tr!(bulk.changed, granted = granted, revoked = revoked)}</p>
                    <Button busy=busy on_click=take_back>{tr!(common.undo)}</Button>
                </div>
            }
        })
    })
}
