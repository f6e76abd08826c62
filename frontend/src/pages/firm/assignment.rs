//! Ways back from a change of who works on what.

use leptos::task::spawn_local;
use portal_client::api_types::{AssignmentBatch, AssignmentPair};

use super::FirmPage;
use crate::texts::explain;
use crate::ui::Toasts;

impl FirmPage {
    /// What undoes a grant of these pairs (`granted`) or a revocation, then calls `done`. It works when the page was
    /// left, too.
    pub(super) fn take_back(
        self,
        toasts: Toasts,
        pairs: Vec<AssignmentPair>,
        granted: bool,
        done: impl Fn() + Copy + 'static,
    ) -> impl Fn() + 'static {
        let (session, firm) = (self.session, self.id());
        let (grant, revoke) = if granted { (Vec::new(), pairs) } else { (pairs, Vec::new()) };
        let batch = AssignmentBatch { grant, revoke };
        move || {
            let (firm, batch) = (firm.clone(), batch.clone());
            spawn_local(async move {
                let undo =
                    session.call(async |signed_in| signed_in.firm(&firm).assign_accounts(&batch).await);
                match undo.await {
                    Ok(_) => done(),
                    Err(error) => toasts.failed(explain(&error)),
                }
            });
        }
    }
}
