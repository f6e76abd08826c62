//! What is said of a change of who works on what, with the way back.

use leptos::task::spawn_local;
use portal_client::api_types::{AssignmentBatch, AssignmentPair};

use super::FirmPage;
use crate::texts::explain;
use crate::ui::Toasts;

impl FirmPage {
    /// Says that these pairs were granted (`granted`) or revoked. Undoing it calls `done`, and works when the page was
    /// left, too.
    pub(super) fn say_changed(
        self,
        toasts: Toasts,
        said: String,
        pairs: Vec<AssignmentPair>,
        granted: bool,
        done: impl Fn() + Copy + 'static,
    ) {
        let (session, firm) = (self.session, self.id());
        let about = pairs.iter().map(|pair| format!("{} {} ", pair.employee_id, pair.account_id)).collect();
        let (grant, revoke) = if granted { (Vec::new(), pairs) } else { (pairs, Vec::new()) };
        let batch = AssignmentBatch { grant, revoke, ..AssignmentBatch::default() };
        toasts.done_undo(about, said, move || {
            let (firm, batch) = (firm.clone(), batch.clone());
            spawn_local(async move {
                let undo = session.call(|signed_in| signed_in.firm(&firm).assign_accounts(&batch));
                match undo.await {
                    Ok(_) => done(),
                    Err(error) => toasts.failed(explain(&error)),
                }
            });
        });
    }
}
