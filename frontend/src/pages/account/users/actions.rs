//! What an owner does with a row.

use std::rc::Rc;

use leptos::task::spawn_local;
use portal_client::api_types::{AccountUsers, EmployeeId, FirmId, InvitationId};
use portal_client::{Answer, InAccount};

use super::rows::{Of, Row};
use crate::account::AccountPage;
use crate::session::Session;
use crate::texts::{explain, tr};
use crate::ui::{Busy, Confirm, Loader, Memo, Toasts};

/// The actions; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    page: AccountPage,
    session: Session,
    users: Loader<AccountUsers>,
    toasts: Toasts,
    confirm: Confirm,
}

impl Actions {
    pub(super) fn new(users: Loader<AccountUsers>) -> Self {
        Self {
            page: AccountPage::get(),
            session: Session::get(),
            users,
            toasts: Toasts::get(),
            confirm: Confirm::get(),
        }
    }

    /// Whether the person who looks may do anything.
    pub(super) fn owner(self) -> bool {
        self.page.is_owner()
    }

    /// Takes out a person who is in the account without a firm, or cuts a firm off.
    pub(super) fn remove(self, row: &Row) {
        let name = row.name.clone();
        let title = tr!(account.remove_title, name = name.as_str());
        let done = tr!(account.removed, name = name.as_str());
        let button = tr!(account.remove_access);
        match row.of.clone() {
            Of::Person { id, .. } => {
                let body = if self.session.user_id().as_ref() == Some(&id) {
                    tr!(account.remove_myself_body).to_owned()
                } else {
                    tr!(account.remove_person_body, name = name, role = row.role)
                };
                let call = move |account: InAccount| account.remove_member(&id);
                self.ask(title, body, Vec::new(), button, done, Rc::new(call));
            }
            Of::Firm { id, people } => {
                let body = tr!(account.disconnect_body, name = name);
                let call = move |account: InAccount| account.disconnect_firm(&id);
                self.ask(title, body, people, button, done, Rc::new(call));
            }
            Of::Invitation(_) | Of::Employee { .. } => {}
        }
    }

    /// `Cancel invitation`.
    pub(super) fn cancel(self, id: InvitationId, row: Memo<Row>) {
        let name = row.with_untracked(|row| row.name.clone());
        let title = tr!(account.cancel_title, name = name.as_str());
        let body = tr!(account.cancel_body, name = name.as_str());
        let done = tr!(account.cancelled, name = name);
        let call = move |account: InAccount| account.cancel_invitation(&id);
        self.ask(title, body, Vec::new(), tr!(account.cancel_invitation), done, Rc::new(call));
    }

    /// Asks, then takes something away and says so. The list, asked anew, is without it.
    fn ask(
        self,
        title: String,
        body: String,
        consequences: Vec<String>,
        button: &'static str,
        done: String,
        call: Rc<dyn Fn(InAccount) -> Answer<()>>,
    ) {
        self.confirm.ask(title, body, consequences, button, move || {
            let (call, done) = (Rc::clone(&call), done.clone());
            async move {
                self.page.call(move |account| call(account)).await.map_err(|error| explain(&error))?;
                self.toasts.done(done);
                self.users.reload();
                Ok(())
            }
        });
    }

    /// `Resend invitation`.
    pub(super) fn resend(self, busy: Busy, id: InvitationId, row: Memo<Row>) {
        let name = row.with_untracked(|row| row.name.clone());
        busy.run(async move {
            match self.page.call(|account| account.resend_invitation(&id)).await {
                Ok(()) => self.toasts.done(tr!(account.resent, name = name)),
                Err(error) => self.toasts.failed(explain(&error)),
            }
            self.users.reload();
        });
    }

    /// Keeps one person of a firm out, or lets them in again: at once, with a way back.
    pub(super) fn turn(self, busy: Busy, row: Row) {
        let Of::Employee { firm, id, blocked } = row.of else { return };
        let (name, account) = (row.name, self.page.id());
        busy.run(async move {
            let set = self.page.call(|account| set_blocked(&account, &firm, &id, !blocked));
            if let Err(error) = set.await {
                self.toasts.failed(explain(&error));
                return;
            }
            self.users.reload();
            let about = format!("{id} {account}");
            self.toasts.done_undo(about, said(&name, !blocked), move || {
                let (account, firm, id) = (account.clone(), firm.clone(), id.clone());
                let name = name.clone();
                spawn_local(async move {
                    // The page may have been left, so the account is entered for this.
                    let undo = async {
                        let entered =
                            self.session.call(|signed_in| signed_in.enter_account(&account)).await?;
                        let account = self.session.portal().in_account(entered.access_token.reveal());
                        set_blocked(&account, &firm, &id, blocked).await
                    };
                    match undo.await {
                        Ok(()) => self.toasts.done(said(&name, blocked)),
                        Err(error) => self.toasts.failed(explain(&error)),
                    }
                    self.users.reload();
                });
            });
        });
    }
}

fn set_blocked(account: &InAccount, firm: &FirmId, person: &EmployeeId, blocked: bool) -> Answer<()> {
    match blocked {
        true => account.block_person(firm, person),
        false => account.unblock_person(firm, person),
    }
}

fn said(name: &str, blocked: bool) -> String {
    if blocked { tr!(account.now_blocked, name = name) } else { tr!(account.now_unblocked, name = name) }
}
