//! What needs no token.

use std::fmt;

use portal_api_types::{
    ACCESS_TOKEN_TYPE, AcceptInvitation, AccountId, ApiKeyId, AuthorizationServer, CLIENT_CREDENTIALS,
    CheckLink, ConfirmPasswordReset, ConfirmRegistration, Introspection, Invitation, LookupInvitation,
    MailedTo, OAuthToken, Registration, RequestPasswordReset, Scopes, Secret, Session, SignIn,
    TOKEN_EXCHANGE, TokenForm, TokenRequest,
};
use reqwest::{IntoUrl, Method};

use crate::account::InAccount;
use crate::answer::Answer;
use crate::error::Error;
use crate::operator::Operator;
use crate::signed_in::SignedIn;
use crate::transport::Call;

/// A portal: where it is, and the connections to it.
///
/// Natively each value that [`Portal::new`] makes has a cookie jar of its own, which its clones share. The jar holds
/// one refresh token: use one value per person, or the second sign-in takes the first one's place.
#[derive(Clone)]
pub struct Portal {
    /// Without a slash at the end.
    base_url: String,
    http: reqwest::Client,
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Portal {
    /// The portal at this absolute URL, such as `https://portal.example`; in a browser that is the page's origin.
    ///
    /// Natively it gives up on a connection after 10 seconds and on a silent portal after 60, and follows no
    /// redirects: they would carry passwords and tokens to wherever they point.
    ///
    /// # Errors
    /// [`Error::Transport`] when it is no absolute URL, or when TLS cannot be set up.
    pub fn new(base_url: impl IntoUrl) -> Result<Self, Error> {
        let http = reqwest::Client::builder();
        #[cfg(not(target_arch = "wasm32"))]
        let http = http
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(std::time::Duration::from_secs(10))
            .read_timeout(std::time::Duration::from_secs(60))
            // The portal closes a connection that is idle for five seconds; a request must not cross that.
            .pool_idle_timeout(std::time::Duration::from_secs(3))
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
        Self::with_client(base_url, http.build()?)
    }

    /// The portal at this absolute URL, reached by a client with settings of its own: a proxy, root certificates,
    /// time limits. [`Portal::refresh_session`] works natively only if that client has a cookie store; and it should
    /// follow no redirects.
    ///
    /// # Errors
    /// [`Error::Transport`] when it is no absolute URL.
    pub fn with_client(base_url: impl IntoUrl, http: reqwest::Client) -> Result<Self, Error> {
        // Only a request turns an `IntoUrl` into a URL. It also takes a user name and a password out of it.
        let mut base_url = http.get(base_url).build()?.url().clone();
        base_url.set_query(None);
        base_url.set_fragment(None);
        Ok(Self { base_url: base_url.as_str().trim_end_matches('/').to_owned(), http })
    }

    /// The URL of a path from the root of the portal, such as `/api/v1/me`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// The HTTP client, for calls that this crate does not make.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The account that this account token opens, for a program that was given one.
    pub fn in_account(&self, account_token: impl Into<String>) -> InAccount {
        InAccount::new(self.clone(), account_token)
    }

    /// What the operator may do by this key, for the vendor's own programs. A key must not get into a browser.
    pub fn operator(&self, operator_key: impl Into<String>) -> Operator {
        Operator::new(self.clone(), operator_key)
    }

    /// Signs up: a confirming link goes out by e-mail. The answer is the same whether or not the address is known.
    pub fn register(&self, registration: &Registration) -> Answer<()> {
        self.post("/api/v1/registrations").body(registration).empty(202)
    }

    /// Whose sign-up it is, while its link works; nothing changes by looking.
    ///
    /// `invitation_gone` when it was used or has expired.
    pub fn check_registration(&self, link: &CheckLink) -> Answer<MailedTo> {
        self.post("/api/v1/registrations/check").body(link).json(200)
    }

    /// Confirms a sign-up by the mailed token: the person is signed in and owns a new account.
    ///
    /// `invitation_gone` when the token was used or has expired.
    pub async fn confirm_registration(&self, confirmation: &ConfirmRegistration) -> Result<SignedIn, Error> {
        self.session(self.post("/api/v1/registrations/confirm").body(confirmation), 201).await
    }

    /// Signs in by e-mail and password.
    ///
    /// `wrong_credentials`, in the same words for an unknown e-mail and a wrong password.
    pub async fn sign_in(&self, credentials: &SignIn) -> Result<SignedIn, Error> {
        self.session(self.post("/api/v1/sessions").body(credentials), 201).await
    }

    /// Goes on with a session by its refresh token, the cookie, which is replaced.
    ///
    /// Make one such call at a time: using an old refresh token again ends the session. Calls at the same moment, as by
    /// several tabs, are forgiven: for ten seconds, and until the new token is used. `unauthenticated` when there
    /// is no session to go on with.
    pub async fn refresh_session(&self) -> Result<SignedIn, Error> {
        self.session(self.post("/api/v1/sessions/refresh"), 200).await
    }

    /// Asks for a link to choose a new password. The answer is the same whether or not the address is known.
    pub fn request_password_reset(&self, request: &RequestPasswordReset) -> Answer<()> {
        self.post("/api/v1/password-resets").body(request).empty(202)
    }

    /// Whose password it resets, while the link works; nothing changes by looking.
    ///
    /// `invitation_gone` when it was used or has expired.
    pub fn check_password_reset(&self, link: &CheckLink) -> Answer<MailedTo> {
        self.post("/api/v1/password-resets/check").body(link).json(200)
    }

    /// Chooses a new password by the mailed token; all sessions of the person end.
    ///
    /// `invitation_gone` when the token was used or has expired.
    pub fn confirm_password_reset(&self, confirmation: &ConfirmPasswordReset) -> Answer<()> {
        self.post("/api/v1/password-resets/confirm").body(confirmation).empty(204)
    }

    /// What an invitation is about; nothing changes by looking.
    ///
    /// `invitation_gone` when it was used, cancelled or sent again, or has expired.
    pub fn lookup_invitation(&self, lookup: &LookupInvitation) -> Answer<Invitation> {
        self.post("/api/v1/invitations/lookup").body(lookup).json(200)
    }

    /// Accepts an invitation and signs the person in.
    ///
    /// `wrong_credentials` when the e-mail has a login and the password is not that login's; `invitation_gone` when
    /// it was used, cancelled or sent again, or has expired.
    pub async fn accept_invitation(&self, acceptance: &AcceptInvitation) -> Result<SignedIn, Error> {
        self.session(self.post("/api/v1/invitations/accept").body(acceptance), 201).await
    }

    /// The account of an API key, for a program that has the key's secret: with all that the key may do, or with less.
    ///
    /// The token is good for at most 15 minutes and does not renew itself: call again.
    /// [`Error::OAuth`] with `invalid_client` when the key is none, or is good no more.
    pub async fn client_credentials(
        &self,
        key: &ApiKeyId,
        secret: &Secret,
        scopes: Option<&Scopes>,
    ) -> Result<InAccount, Error> {
        Ok(self.in_account(self.issue_token(key, secret, scopes).await?.access_token.reveal()))
    }

    /// A token for an API key, with what it may do and for how long it is good. [`Portal::in_account`] uses it,
    /// [`Portal::client_credentials`] does both.
    pub fn issue_token(
        &self,
        key: &ApiKeyId,
        secret: &Secret,
        scopes: Option<&Scopes>,
    ) -> Answer<OAuthToken> {
        let request = TokenRequest {
            grant_type: CLIENT_CREDENTIALS.to_owned(),
            scope: scopes.map(ToString::to_string),
            ..TokenRequest::default()
        };
        self.post("/oauth/token").basic(key, secret).form(&request).json(200)
    }

    /// A token of an account for an identity token, by the standard (RFC 8693);
    /// [`SignedIn::enter_account`] does the same and also tells the person's role.
    pub fn exchange_token(&self, identity_token: &str, account_id: &AccountId) -> Answer<OAuthToken> {
        let request = TokenRequest {
            grant_type: TOKEN_EXCHANGE.to_owned(),
            subject_token: Some(Secret::new(identity_token)),
            subject_token_type: Some(ACCESS_TOKEN_TYPE.to_owned()),
            audience: Some(account_id.to_string()),
            ..TokenRequest::default()
        };
        self.post("/oauth/token").form(&request).json(200)
    }

    /// What is so of an account token now (RFC 7662), for a program that proves itself by a key of the same account;
    /// [`InAccount::introspect_token`] asks by an account token instead.
    pub fn introspect_token(&self, key: &ApiKeyId, secret: &Secret, token: &str) -> Answer<Introspection> {
        self.post("/oauth/introspect").basic(key, secret).form(&named(token)).json(200)
    }

    /// Revokes a person's access or refresh token (RFC 7009). A token that is none is revoked already.
    pub fn revoke_token(&self, token: &str) -> Answer<()> {
        self.post("/oauth/revoke").form(&named(token)).empty(200)
    }

    /// Revokes an account token of this API key.
    pub fn revoke_token_of_key(&self, key: &ApiKeyId, secret: &Secret, token: &str) -> Answer<()> {
        self.post("/oauth/revoke").basic(key, secret).form(&named(token)).empty(200)
    }

    /// The portal as an authorization server (RFC 8414): where OAuth libraries find what they need.
    pub fn read_authorization_server(&self) -> Answer<AuthorizationServer> {
        self.get("/.well-known/oauth-authorization-server").json(200)
    }

    /// Whether the portal is alive.
    pub fn check_health(&self) -> Answer<()> {
        self.get("/healthz").empty(200)
    }

    /// Whether the portal can work: its database is reachable and migrated.
    pub fn check_readiness(&self) -> Answer<()> {
        self.get("/readyz").empty(200)
    }

    /// The portal's metrics in the text format of Prometheus.
    pub fn read_metrics(&self) -> Answer<String> {
        self.get("/metrics").text("text/plain")
    }

    /// The OpenAPI document of the API.
    pub fn read_openapi(&self) -> Answer<serde_json::Value> {
        self.get("/api/openapi.json").json(200)
    }

    /// The public keys that the portal's tokens are checked by, as a JWK set (RFC 7517).
    pub fn read_jwks(&self) -> Answer<serde_json::Value> {
        self.get("/.well-known/jwks.json").json(200)
    }

    fn get(&self, path: &str) -> Call {
        Call::new(self, Method::GET, path)
    }

    fn post(&self, path: &str) -> Call {
        Call::new(self, Method::POST, path)
    }

    async fn session(&self, call: Call, status: u16) -> Result<SignedIn, Error> {
        let session: Session = call.with_cookie().json(status).await?;
        Ok(SignedIn::from_session(self.clone(), session))
    }
}

/// The form that names a token.
pub(crate) fn named(token: &str) -> TokenForm {
    TokenForm { token: Secret::new(token), token_type_hint: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_hang_below_the_base_url() {
        for (base, url) in [
            ("https://portal.example", "https://portal.example/healthz"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/healthz"),
            ("https://example.com/portal/?a=b#join", "https://example.com/portal/healthz"),
        ] {
            assert_eq!(Portal::new(base).expect("a sound URL").url("/healthz"), url);
        }
    }

    #[test]
    fn what_is_no_absolute_url_is_refused() {
        for bad in ["", "/api", "portal.example", "mailto:a@b.example"] {
            assert!(matches!(Portal::new(bad), Err(Error::Transport(_))), "{bad:?}");
        }
    }
}
