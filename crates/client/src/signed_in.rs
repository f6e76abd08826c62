//! A person who is signed in.

use portal_api_types::{
    AccountId, AccountToken, ChangePassword, FirmId, IdempotencyKey, Me, MyAccount, NewAccount, Page,
    Session, SessionId, SessionInfo, UpdateMe, UserRef,
};
use reqwest::Method;

use crate::account::InAccount;
use crate::answer::Answer;
use crate::error::Error;
use crate::events::Events;
use crate::firm::InFirm;
use crate::portal::Portal;
use crate::query::{ListQuery, PageQuery};
use crate::transport::{Call, Token};

/// A person who is signed in: an identity token, and whose it is.
///
/// The token does not renew itself: [`Portal::refresh_session`] gives a new value.
#[derive(Debug, Clone)]
pub struct SignedIn {
    portal: Portal,
    token: Token,
    expires_in: u32,
    user: UserRef,
    once: Option<IdempotencyKey>,
}

impl SignedIn {
    /// Goes on with a session that was got elsewhere.
    pub fn from_session(portal: Portal, session: Session) -> Self {
        Self {
            portal,
            token: Token::new(session.access_token),
            expires_in: session.expires_in,
            user: session.user,
            once: None,
        }
    }

    /// The portal, with this session's refresh token in its jar.
    pub fn portal(&self) -> &Portal {
        &self.portal
    }

    /// The identity token.
    pub fn token(&self) -> &str {
        self.token.reveal()
    }

    /// For how many seconds the token was good when it was given out.
    pub fn expires_in(&self) -> u32 {
        self.expires_in
    }

    /// Who is signed in.
    pub fn user(&self) -> &UserRef {
        &self.user
    }

    /// The same, for one call that creates something, which takes effect once however often it is sent: sent again within
    /// 24 hours with this key and the same body, it answers the first answer. What does not create is not affected.
    ///
    /// `idempotency_key_reused` when the key came with another body.
    #[must_use]
    pub fn with_idempotency_key(&self, key: IdempotencyKey) -> Self {
        Self { once: Some(key), ..self.clone() }
    }

    /// A firm that the person works for. This asks nothing: whether it is so is found out by the first call.
    pub fn firm(&self, firm_id: &FirmId) -> InFirm {
        InFirm::new(self.portal.clone(), self.token.clone(), firm_id)
    }

    /// Enters an account: gets a token of it, for calls in it.
    ///
    /// `not_found` without access.
    pub async fn enter(&self, account_id: &AccountId) -> Result<InAccount, Error> {
        let entered = self.enter_account(account_id).await?;
        Ok(self.portal.in_account(entered.access_token))
    }

    /// Gets a token of an account, with the account's name and the person's role in it.
    /// [`Portal::in_account`] uses the token, [`SignedIn::enter`] does both.
    ///
    /// `not_found` without access.
    pub fn enter_account(&self, account_id: &AccountId) -> Answer<AccountToken> {
        self.call(Method::POST, &format!("/accounts/{account_id}/token")).json(201)
    }

    /// Where the person is signed in.
    pub fn list_sessions(&self, query: &PageQuery) -> Answer<Page<SessionInfo>> {
        self.call(Method::GET, "/sessions").query(&query.parameters()).json(200)
    }

    /// Signs the person out in one place, at once.
    pub fn end_session(&self, session_id: &SessionId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/sessions/{session_id}")).with_cookie().empty(204)
    }

    /// Signs the person out here: the token ends, and the refresh token with it.
    pub fn end_current_session(&self) -> Answer<()> {
        self.call(Method::DELETE, "/sessions/current").with_cookie().empty(204)
    }

    /// The person and the firms that they work for.
    pub fn read_me(&self) -> Answer<Me> {
        self.call(Method::GET, "/me").json(200)
    }

    /// Changes the person's own data; answers their new state.
    pub fn update_me(&self, changes: &UpdateMe) -> Answer<Me> {
        self.call(Method::PATCH, "/me").body(changes).json(200)
    }

    /// Changes the password; the person's other sessions end.
    ///
    /// `wrong_credentials` when the current password is wrong.
    pub fn change_password(&self, change: &ChangePassword) -> Answer<()> {
        self.call(Method::POST, "/me/password").body(change).empty(204)
    }

    /// The accounts that the person may act in: what the switcher shows.
    pub fn list_my_accounts(&self, query: &ListQuery) -> Answer<Page<MyAccount>> {
        self.call(Method::GET, "/me/accounts").query(&query.parameters()).json(200)
    }

    /// Opens one more account, which the person owns.
    pub fn open_account(&self, account: &NewAccount) -> Answer<MyAccount> {
        self.call(Method::POST, "/me/accounts").once(self.once.as_ref()).body(account).json(201)
    }

    /// Follows what changes in what the person may reach. The first event is
    /// [`PortalEvent::Ready`](crate::PortalEvent::Ready).
    ///
    /// `rate_limited` when the session has 16 streams open already.
    pub async fn events(&self) -> Result<Events, Error> {
        self.call(Method::GET, "/events").events().await
    }

    fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.portal, method, &format!("/api/v1{path}")).bearer(&self.token)
    }
}
