//! Acting in one account.

use portal_api_types::{
    Account, AccountFirm, AccountUsers, ActivityEntry, AddMember, ApiKey, ApiKeyId, ApiKeySecret, EmployeeId,
    FirmId, IdempotencyKey, Introspection, InvitationId, InviteFirm, MemberRow, NewApiKey, Page,
    RenameAccount, UserId,
};
use reqwest::Method;

use crate::answer::Answer;
use crate::portal::{Portal, named};
use crate::query::{ActivityQuery, PageQuery};
use crate::transport::{Call, Token};

/// One account, opened by an account token: the token says which account.
///
/// What changes something, and the audit trail, is for owners; others get `forbidden`.
#[derive(Debug, Clone)]
pub struct InAccount {
    portal: Portal,
    token: Token,
    pub(crate) once: Option<IdempotencyKey>,
}

impl InAccount {
    pub(crate) fn new(portal: Portal, account_token: impl Into<String>) -> Self {
        Self { portal, token: Token::new(account_token), once: None }
    }

    /// The account token.
    pub fn token(&self) -> &str {
        self.token.reveal()
    }

    /// The same, for one call that creates something, which takes effect once however often it is sent: sent again within
    /// 24 hours with this key and the same body, it answers the first answer. What does not create is not affected.
    ///
    /// `idempotency_key_reused` when the key came with another body.
    #[must_use]
    pub fn with_idempotency_key(&self, key: IdempotencyKey) -> Self {
        Self { once: Some(key), ..self.clone() }
    }

    /// The account, and in which role the caller acts in it.
    pub fn read_account(&self) -> Answer<Account> {
        self.call(Method::GET, "").json(200)
    }

    /// Renames the account; answers its new state.
    pub fn rename_account(&self, name: &RenameAccount) -> Answer<Account> {
        self.call(Method::PATCH, "").body(name).json(200)
    }

    /// Everyone who can get into the account, and who is invited. Only owners see e-mails.
    pub fn list_account_users(&self) -> Answer<AccountUsers> {
        self.call(Method::GET, "/users").json(200)
    }

    /// Invites an accounting company. One that the portal knows is connected at once, another gets an e-mail: the
    /// row's status tells which.
    ///
    /// `already_invited`, `already_connected`.
    pub fn invite_firm(&self, invitation: &InviteFirm) -> Answer<AccountFirm> {
        self.call(Method::POST, "/firms").once(self.once.as_ref()).body(invitation).json(201)
    }

    /// Cuts a whole firm off, at once.
    pub fn disconnect_firm(&self, firm_id: &FirmId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/firms/{firm_id}")).empty(204)
    }

    /// Keeps one person of a firm out of this account, at once; an admin of the firm too.
    pub fn block_person(&self, firm_id: &FirmId, employee_id: &EmployeeId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/firms/{firm_id}/people/{employee_id}")).empty(204)
    }

    /// Lets somebody whom [`InAccount::block_person`] keeps out in again.
    pub fn unblock_person(&self, firm_id: &FirmId, employee_id: &EmployeeId) -> Answer<()> {
        self.call(Method::PUT, &format!("/firms/{firm_id}/people/{employee_id}")).empty(204)
    }

    /// Invites a person without a firm, as an owner or a member.
    ///
    /// `already_member`, `already_invited`.
    pub fn add_member(&self, member: &AddMember) -> Answer<MemberRow> {
        self.call(Method::POST, "/members").once(self.once.as_ref()).body(member).json(201)
    }

    /// Removes an owner or a member, at once.
    ///
    /// `last_owner` when nobody would own the account any more.
    pub fn remove_member(&self, user_id: &UserId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/members/{user_id}")).empty(204)
    }

    /// Sends an invitation of a firm or a person again: with a new link, and the old one is dead.
    pub fn resend_invitation(&self, invitation_id: &InvitationId) -> Answer<()> {
        self.call(Method::POST, &format!("/invitations/{invitation_id}/resend")).empty(204)
    }

    /// Cancels an open invitation of a firm or a person: its link is dead.
    pub fn cancel_invitation(&self, invitation_id: &InvitationId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/invitations/{invitation_id}")).empty(204)
    }

    /// The audit trail of the account, newest first.
    pub fn list_account_activity(&self, query: &ActivityQuery) -> Answer<Page<ActivityEntry>> {
        self.call(Method::GET, "/activity").query(&query.parameters()).json(200)
    }

    /// The whole audit trail of the account that the filters leave, as CSV; the query's `limit` and `cursor` do not
    /// count.
    pub fn export_account_activity(&self, query: &ActivityQuery) -> Answer<String> {
        self.call(Method::GET, "/activity").query(&query.parameters_of_csv()).text("text/csv")
    }

    /// The account's API keys, newest first.
    pub fn list_api_keys(&self, query: &PageQuery) -> Answer<Page<ApiKey>> {
        self.call(Method::GET, "/api-keys").query(&query.parameters()).json(200)
    }

    /// Makes an API key, by which a program acts in this account. Its secret is told this once.
    pub fn create_api_key(&self, key: &NewApiKey) -> Answer<ApiKeySecret> {
        self.call(Method::POST, "/api-keys").once(self.once.as_ref()).body(key).json_in_parts(201)
    }

    /// Revokes an API key: its secret and its tokens open nothing, at once.
    pub fn revoke_api_key(&self, key_id: &ApiKeyId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/api-keys/{key_id}")).empty(204)
    }

    /// What is so of an account token of this account now (RFC 7662).
    pub fn introspect_token(&self, token: &str) -> Answer<Introspection> {
        let call = Call::new(&self.portal, Method::POST, "/oauth/introspect").bearer(&self.token);
        call.form(&named(token)).json(200)
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.portal, method, &format!("/api/v1/account{path}")).bearer(&self.token)
    }
}
