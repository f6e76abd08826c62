//! Acting as the operator: the vendor whose product already has accounts and owners.

use portal_api_types::{
    AccountId, ActivityEntry, CreateAccount, ExternalId, FirmId, IdempotencyKey, Introspection, MemberRow,
    NewOwner, OperatorAccount, OperatorAccountDetail, OperatorFirm, OperatorUser, Page, UpdateAccount,
    UpsertAccount, UserId,
};
use reqwest::Method;

use crate::answer::Answer;
use crate::portal::{Portal, named};
use crate::query::{ActivityQuery, OperatorAccountQuery, OperatorFirmQuery, OperatorUserQuery};
use crate::transport::{Call, Token};

/// What an operator key opens. `unauthenticated` once the key is revoked.
#[derive(Debug, Clone)]
pub struct Operator {
    portal: Portal,
    key: Token,
    pub(crate) once: Option<IdempotencyKey>,
}

impl Operator {
    pub(crate) fn new(portal: Portal, key: impl Into<String>) -> Self {
        Self { portal, key: Token::new(key), once: None }
    }

    /// The same, for one call that creates something, which takes effect once however often it is sent: sent again within
    /// 24 hours with this key and the same body, it answers the first answer. What does not create is not affected.
    ///
    /// `idempotency_key_reused` when the key came with another body.
    #[must_use]
    pub fn with_idempotency_key(&self, key: IdempotencyKey) -> Self {
        Self { once: Some(key), ..self.clone() }
    }

    /// Makes an account, with its first owner if one is given.
    ///
    /// `external_id_taken`.
    pub fn create_account(&self, account: &CreateAccount) -> Answer<OperatorAccountDetail> {
        self.call(Method::POST, "/accounts").once(self.once.as_ref()).body(account).json(201)
    }

    /// Makes sure that there is an account with this external id and name. May be sent any number of times.
    ///
    /// `account_closed` when there is one that is closed and has another name.
    pub fn upsert_account(
        &self,
        external_id: &ExternalId,
        account: &UpsertAccount,
    ) -> Answer<OperatorAccountDetail> {
        let path = format!("/accounts/by-external-id/{}", encode_segment(external_id.as_str()));
        self.call(Method::PUT, &path).body(account).json_of([200, 201])
    }

    /// What is so at this moment of an account token, of whatever account (RFC 7662).
    pub fn introspect_token(&self, token: &str) -> Answer<Introspection> {
        let call = Call::new(&self.portal, Method::POST, "/oauth/introspect").bearer(&self.key);
        call.form(&named(token)).json(200)
    }

    /// All accounts, in the order of their making.
    pub fn list_accounts(&self, query: &OperatorAccountQuery) -> Answer<Page<OperatorAccount>> {
        self.call(Method::GET, "/accounts").query(&query.parameters()).json(200)
    }

    /// One account, with its owners.
    pub fn read_any_account(&self, id: &AccountId) -> Answer<OperatorAccountDetail> {
        self.call(Method::GET, &format!("/accounts/{id}")).json(200)
    }

    /// Renames an account, or gives it another external id; answers its new state.
    ///
    /// `account_closed`, `external_id_taken`.
    pub fn update_account(&self, id: &AccountId, changes: &UpdateAccount) -> Answer<OperatorAccountDetail> {
        self.call(Method::PATCH, &format!("/accounts/{id}")).body(changes).json(200)
    }

    /// Shuts everybody out of an account, at once, until it is resumed.
    ///
    /// `account_closed`.
    pub fn suspend_account(&self, id: &AccountId) -> Answer<OperatorAccountDetail> {
        self.call(Method::POST, &format!("/accounts/{id}/suspend")).json(200)
    }

    /// Takes back [`Operator::suspend_account`].
    ///
    /// `account_closed`.
    pub fn resume_account(&self, id: &AccountId) -> Answer<OperatorAccountDetail> {
        self.call(Method::POST, &format!("/accounts/{id}/resume")).json(200)
    }

    /// Closes an account for good.
    pub fn close_account(&self, id: &AccountId) -> Answer<OperatorAccountDetail> {
        self.call(Method::POST, &format!("/accounts/{id}/close")).json(200)
    }

    /// Gives an account one more owner, or its first: at once, or by a mailed link if the address has no login.
    ///
    /// `already_member`, `account_closed`.
    pub fn add_owner(&self, id: &AccountId, owner: &NewOwner) -> Answer<MemberRow> {
        self.call(Method::POST, &format!("/accounts/{id}/owners"))
            .once(self.once.as_ref())
            .body(owner)
            .json(201)
    }

    /// What the operator's keys did, and what is in no account and no firm; newest first.
    pub fn list_operator_activity(&self, query: &ActivityQuery) -> Answer<Page<ActivityEntry>> {
        self.call(Method::GET, "/activity").query(&query.parameters()).json(200)
    }

    /// All of [`Operator::list_operator_activity`] that the filters leave, as CSV; the query's `limit` and `cursor` do not
    /// count.
    pub fn export_operator_activity(&self, query: &ActivityQuery) -> Answer<String> {
        self.call(Method::GET, "/activity").query(&query.parameters_of_csv()).text("text/csv")
    }

    /// All firms, in the order of their coming.
    pub fn list_firms(&self, query: &OperatorFirmQuery) -> Answer<Page<OperatorFirm>> {
        self.call(Method::GET, "/firms").query(&query.parameters()).json(200)
    }

    /// One firm.
    pub fn read_any_firm(&self, id: &FirmId) -> Answer<OperatorFirm> {
        self.call(Method::GET, &format!("/firms/{id}")).json(200)
    }

    /// Keeps everybody from acting for a firm, at once, until it is resumed.
    pub fn suspend_firm(&self, id: &FirmId) -> Answer<OperatorFirm> {
        self.call(Method::POST, &format!("/firms/{id}/suspend")).json(200)
    }

    /// Takes back [`Operator::suspend_firm`].
    pub fn resume_firm(&self, id: &FirmId) -> Answer<OperatorFirm> {
        self.call(Method::POST, &format!("/firms/{id}/resume")).json(200)
    }

    /// Everybody with a login, in the order of their coming.
    pub fn list_users(&self, query: &OperatorUserQuery) -> Answer<Page<OperatorUser>> {
        self.call(Method::GET, "/users").query(&query.parameters()).json(200)
    }

    /// One person.
    pub fn read_any_user(&self, id: &UserId) -> Answer<OperatorUser> {
        self.call(Method::GET, &format!("/users/{id}")).json(200)
    }

    /// Refuses a person everywhere, at once, until they are resumed.
    pub fn suspend_user(&self, id: &UserId) -> Answer<OperatorUser> {
        self.call(Method::POST, &format!("/users/{id}/suspend")).json(200)
    }

    /// Takes back [`Operator::suspend_user`].
    pub fn resume_user(&self, id: &UserId) -> Answer<OperatorUser> {
        self.call(Method::POST, &format!("/users/{id}/resume")).json(200)
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.portal, method, &format!("/api/v1/operator{path}")).bearer(&self.key)
    }
}

/// A text as one segment of a path (RFC 3986 section 3.3): everything but unreserved characters is encoded.
fn encode_segment(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_segment() {
        assert_eq!(encode_segment("store-47_11.~"), "store-47_11.~");
        assert_eq!(encode_segment("a/b?c#d%e:f@g"), "a%2Fb%3Fc%23d%25e%3Af%40g");
    }
}
