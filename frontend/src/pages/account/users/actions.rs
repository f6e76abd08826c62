//! What an owner does with a row.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{
    AccountFirm, AccountUsers, EmployeeId, FirmId, InvitationId, MemberRole, Person,
};

use super::rows::member_role;
use crate::account::AccountPage;
use crate::session::Session;
use crate::texts::{explain, tr};
use crate::ui::{Busy, Button, Confirm, Kind, Loader, Toasts};

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

    /// Takes a person out who is in the account without a firm.
    pub(super) fn remove_person(self, person: &Person, role: MemberRole) {
        let name = person.name.to_string();
        let myself = self.session.user_id().as_ref() == Some(&person.user_id);
        let body = if myself {
            tr!(account.remove_myself_body).to_owned()
        } else {
            tr!(account.remove_person_body, name = name.as_str(), role = member_role(role))
        };
        let id = person.user_id.clone();
        let title = tr!(account.remove_title, name = name.as_str());
        self.confirm.ask(title, body, Vec::new(), tr!(account.remove_access), move || {
            let (id, name) = (id.clone(), name.clone());
            async move {
                let removed = self.page.call(async |account| account.remove_member(&id).await).await;
                removed.map_err(|error| explain(&error))?;
                self.toasts.done(tr!(account.removed, name = name));
                if myself {
                    self.page.check()
                } else {
                    self.users.reload()
                }
                Ok(())
            }
        });
    }

    /// Cuts a firm off.
    pub(super) fn disconnect(self, firm: &AccountFirm) {
        let Some(id) = firm.firm_id.clone() else { return };
        let name = firm.name.to_string();
        let people: Vec<String> = firm.people.iter().map(|person| person.name.to_string()).collect();
        let title = tr!(account.remove_title, name = name.as_str());
        let body = tr!(account.disconnect_body, name = name.as_str());
        self.confirm.ask(title, body, people, tr!(account.remove_access), move || {
            let (id, name) = (id.clone(), name.clone());
            async move {
                let removed = self.page.call(async |account| account.disconnect_firm(&id).await).await;
                removed.map_err(|error| explain(&error))?;
                self.toasts.done(tr!(account.removed, name = name));
                self.users.reload();
                Ok(())
            }
        });
    }

    /// Keeps one person of a firm out, or lets them in again: at once, with a way back.
    pub(super) fn set_blocked(self, firm: &FirmId, person: &EmployeeId, name: &str, blocked: bool) {
        let (firm, person, name) = (firm.clone(), person.clone(), name.to_owned());
        spawn_local(async move {
            let answer = self
                .page
                .call(async |account| match blocked {
                    true => account.block_person(&firm, &person).await,
                    false => account.unblock_person(&firm, &person).await,
                })
                .await;
            match answer {
                Ok(()) => {
                    let words = match blocked {
                        true => tr!(account.now_blocked, name = name.as_str()),
                        false => tr!(account.now_unblocked, name = name.as_str()),
                    };
                    self.toasts.done_undo(words, move || self.set_blocked(&firm, &person, &name, !blocked));
                    self.users.reload();
                }
                Err(error) => self.toasts.failed(explain(&error)),
            }
        });
    }

    /// `Resend invitation` and `Cancel invitation`.
    pub(super) fn invitation_buttons(self, id: InvitationId, name: &str) -> AnyView {
        let busy = Busy::new();
        let resend = {
            let (id, name) = (id.clone(), name.to_owned());
            move |_| busy.run(self.resend(id.clone(), name.clone()))
        };
        let name = name.to_owned();
        view! {
            <Button kind=Kind::Quiet busy=busy on_click=resend>{tr!(account.resend)}</Button>
            <Button kind=Kind::Quiet on_click=move |_| self.cancel(&id, &name)>{tr!(account.cancel_invitation)}</Button>
        }
        .into_any()
    }

    async fn resend(self, id: InvitationId, name: String) {
        let sent = self.page.call(async |account| account.resend_invitation(&id).await).await;
        match sent {
            Ok(()) => self.toasts.done(tr!(account.resent, name = name)),
            Err(error) => self.toasts.failed(explain(&error)),
        }
        self.users.reload();
    }

    fn cancel(self, id: &InvitationId, name: &str) {
        let (id, name) = (id.clone(), name.to_owned());
        let title = tr!(account.cancel_title, name = name.as_str());
        let body = tr!(account.cancel_body, name = name.as_str());
        self.confirm.ask(title, body, Vec::new(), tr!(account.cancel_invitation), move || {
            let (id, name) = (id.clone(), name.clone());
            async move {
                let cancelled = self.page.call(async |account| account.cancel_invitation(&id).await).await;
                cancelled.map_err(|error| explain(&error))?;
                self.toasts.done(tr!(account.cancelled, name = name));
                self.users.reload();
                Ok(())
            }
        });
    }
}
