//! The account that this tab is in: its token, and whether it may still be entered. Kept per page and in memory, so
//! that two tabs never share one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::api_types::{AccountId, AccountRole, ErrorCode, Name, TokenAccount};
use portal_client::{Answer, Body, Error, InAccount};

use crate::recent;
use crate::session::{Called, Session};
use crate::ui::Kept;

/// How this tab stands to its account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    /// The portal is being asked.
    Entering,
    /// The account is open.
    Open(TokenAccount),
    /// There is no access, or none any more. The name is there if this browser knew the account.
    Ended {
        /// The account's name.
        name: Option<String>,
    },
    /// The portal could not be asked.
    Failed(String),
}

/// The account of this tab; a handle that can be copied around.
#[derive(Clone, Copy)]
pub(crate) struct AccountPage {
    session: Session,
    id: StoredValue<AccountId>,
    entry: Kept<Entry>,
    token: StoredValue<Option<InAccount>, LocalStorage>,
}

impl AccountPage {
    /// Enters the account of the page's URL.
    pub(crate) fn enter(session: Session, id: AccountId) -> Self {
        let page = Self {
            session,
            id: StoredValue::new(id),
            entry: Kept::new(Entry::Entering),
            token: StoredValue::new_local(None),
        };
        page.check();
        page
    }

    /// The account, below a page of it.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Whether it is the same page, not only one of the same account.
    pub(crate) fn is(self, other: Self) -> bool {
        self.entry == other.entry
    }

    /// The account's id.
    pub(crate) fn id(self) -> AccountId {
        self.id.get_value()
    }

    /// How the tab stands to it.
    pub(crate) fn entry(self) -> Entry {
        self.entry.get()
    }

    /// The account's name, where it is open and its page was not left.
    pub(crate) fn name(self) -> Option<Name> {
        let name = self.entry.try_with(|entry| match entry {
            Entry::Open(account) => Some(account.name.clone()),
            _ => None,
        });
        name.flatten()
    }

    /// Whether the person owns it.
    pub(crate) fn is_owner(self) -> bool {
        self.entry.with(|entry| matches!(entry, Entry::Open(account) if account.role == AccountRole::Owner))
    }

    /// Whether the person may not enter it any more.
    pub(crate) fn is_ended(self) -> bool {
        self.entry.try_with(|entry| matches!(entry, Entry::Ended { .. })) == Some(true)
    }

    /// Asks the portal whether the account may be entered, and as what: at the start, and when access has changed.
    pub(crate) fn check(self) {
        spawn_local(async move {
            let _ = self.renew().await;
        });
    }

    /// Makes a call in the account, and once more with a new token if the one at hand is not good any more. Access
    /// that has ended turns the page into the one that says so.
    pub(crate) fn call<'a, T: 'a>(self, call: impl Fn(InAccount) -> Answer<T> + 'a) -> Called<'a, T> {
        self.call_boxed(Box::new(call))
    }

    /// Compiled for each kind of answer, not for each call.
    fn call_boxed<'a, T: 'a>(self, call: Box<dyn Fn(InAccount) -> Answer<T> + 'a>) -> Called<'a, T> {
        Box::pin(async move {
            let mut read = None;
            let mut ask = |token| -> Called<'static, Body> {
                let (receiving, reader) = call(token).into_parts();
                read = Some(reader);
                receiving
            };
            let body = self.with_token(&mut ask).await?;
            read.expect("what was received was asked for")(body)
        })
    }

    /// Compiled once.
    fn with_token<'a>(self, ask: &'a mut dyn FnMut(InAccount) -> Called<'static, Body>) -> Called<'a, Body> {
        Box::pin(async move {
            if let Some(held) = self.token.try_get_value().flatten() {
                let answer = ask(held).await;
                if !matches!(&answer, Err(error) if error.code() == Some(ErrorCode::Unauthenticated)) {
                    return answer;
                }
            }
            ask(self.renew().await?).await
        })
    }

    async fn renew(self) -> Result<InAccount, Error> {
        let Some(id) = self.id.try_get_value() else { return Err(gone()) };
        let answer = self.session.call(|signed_in| signed_in.enter_account(&id)).await;
        match answer {
            Ok(entered) => {
                let token = self.session.portal().in_account(entered.access_token.reveal());
                self.token.try_set_value(Some(token.clone()));
                recent::remember(self.session, &entered.account);
                self.set(Entry::Open(entered.account));
                Ok(token)
            }
            Err(error) => {
                if error.code() == Some(ErrorCode::NotFound) {
                    self.token.try_set_value(None);
                    let name = self.known_name(&id);
                    recent::end(self.session, &id);
                    self.set(Entry::Ended { name });
                } else if self.entry.try_with_untracked(|entry| *entry == Entry::Entering) == Some(true)
                    && error.code() != Some(ErrorCode::Unauthenticated)
                {
                    self.set(Entry::Failed(crate::texts::explain(&error)));
                }
                Err(error)
            }
        }
    }

    fn known_name(self, id: &AccountId) -> Option<String> {
        let open = self.entry.try_with_untracked(|entry| match entry {
            Entry::Open(account) => Some(account.name.to_string()),
            Entry::Ended { name } => name.clone(),
            _ => None,
        });
        open.flatten().or_else(|| recent::name(self.session, id))
    }

    fn set(self, entry: Entry) {
        if self.entry.try_with_untracked(|known| *known != entry) == Some(true) {
            self.entry.set(entry);
        }
    }
}

/// What a call says whose page has been left.
fn gone() -> Error {
    Error::UnexpectedAnswer { status: 0, retry_after: None, reason: "the page was left".to_owned() }
}
