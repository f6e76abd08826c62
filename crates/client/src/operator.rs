//! Acting as the operator: the vendor whose product already has accounts and owners.

use portal_api_types::{
    AccountId, ActivityEntry, CreateAccount, ExternalId, FirmId, IdempotencyKey, Introspection, MemberRow,
    NewOwner, OperatorAccount, OperatorAccountDetail, OperatorFirm, OperatorUser, Page, UpdateAccount,
    UpsertAccount, UserId,
};
use reqwest::Method;

use crate::error::Error;
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
    pub async fn create_account(&self, account: &CreateAccount) -> Result<OperatorAccountDetail, Error> {
        self.call(Method::POST, "/accounts").once(self.once.as_ref()).body(account).json(201).await
    }

    /// Makes sure that there is an account with this external id and name. May be sent any number of times.
    ///
    /// `account_closed` when there is one that is closed and has another name.
    pub async fn upsert_account(
        &self,
        external_id: &ExternalId,
        account: &UpsertAccount,
    ) -> Result<OperatorAccountDetail, Error> {
        let path = format!("/accounts/by-external-id/{}", encode_segment(external_id.as_str()));
        self.call(Method::PUT, &path).body(account).json_of(&[200, 201]).await
    }

    /// What is so at this moment of an account token, of whatever account (RFC 7662).
    pub async fn introspect_token(&self, token: &str) -> Result<Introspection, Error> {
        let call = Call::new(&self.portal, Method::POST, "/oauth/introspect").bearer(&self.key);
        call.form(&named(token)).json(200).await
    }

    /// All accounts, in the order of their making.
    pub async fn list_accounts(&self, query: &OperatorAccountQuery) -> Result<Page<OperatorAccount>, Error> {
        self.call(Method::GET, "/accounts").query(query).json(200).await
    }

    /// One account, with its owners.
    pub async fn read_any_account(&self, id: &AccountId) -> Result<OperatorAccountDetail, Error> {
        self.call(Method::GET, &format!("/accounts/{id}")).json(200).await
    }

    /// Renames an account, or gives it another external id; answers its new state.
    ///
    /// `account_closed`, `external_id_taken`.
    pub async fn update_account(
        &self,
        id: &AccountId,
        changes: &UpdateAccount,
    ) -> Result<OperatorAccountDetail, Error> {
        self.call(Method::PATCH, &format!("/accounts/{id}")).body(changes).json(200).await
    }

    /// Shuts everybody out of an account, at once, until it is resumed.
    ///
    /// `account_closed`.
    pub async fn suspend_account(&self, id: &AccountId) -> Result<OperatorAccountDetail, Error> {
        self.call(Method::POST, &format!("/accounts/{id}/suspend")).json(200).await
    }

    /// Takes back [`Operator::suspend_account`].
    ///
    /// `account_closed`.
    pub async fn resume_account(&self, id: &AccountId) -> Result<OperatorAccountDetail, Error> {
        self.call(Method::POST, &format!("/accounts/{id}/resume")).json(200).await
    }

    /// Closes an account for good.
    pub async fn close_account(&self, id: &AccountId) -> Result<OperatorAccountDetail, Error> {
        self.call(Method::POST, &format!("/accounts/{id}/close")).json(200).await
    }

    /// Gives an account one more owner, or its first: at once, or by a mailed link if the address has no login.
    ///
    /// `already_member`, `account_closed`.
    pub async fn add_owner(&self, id: &AccountId, owner: &NewOwner) -> Result<MemberRow, Error> {
        self.call(Method::POST, &format!("/accounts/{id}/owners"))
            .once(self.once.as_ref())
            .body(owner)
            .json(201)
            .await
    }

    /// What the operator's keys did, and what is in no account and no firm; newest first.
    pub async fn list_operator_activity(&self, query: &ActivityQuery) -> Result<Page<ActivityEntry>, Error> {
        self.call(Method::GET, "/activity").query(query).json(200).await
    }

    /// All of [`Operator::list_operator_activity`] that the filters leave, as CSV; the query's `limit` and `cursor` do not
    /// count.
    pub async fn export_operator_activity(&self, query: &ActivityQuery) -> Result<String, Error> {
        self.call(Method::GET, "/activity").query(&query.as_csv()).text("text/csv").await
    }

    /// All firms, in the order of their coming.
    pub async fn list_firms(&self, query: &OperatorFirmQuery) -> Result<Page<OperatorFirm>, Error> {
        self.call(Method::GET, "/firms").query(query).json(200).await
    }

    /// One firm.
    pub async fn read_any_firm(&self, id: &FirmId) -> Result<OperatorFirm, Error> {
        self.call(Method::GET, &format!("/firms/{id}")).json(200).await
    }

    /// Keeps everybody from acting for a firm, at once, until it is resumed.
    pub async fn suspend_firm(&self, id: &FirmId) -> Result<OperatorFirm, Error> {
        self.call(Method::POST, &format!("/firms/{id}/suspend")).json(200).await
    }

    /// Takes back [`Operator::suspend_firm`].
    pub async fn resume_firm(&self, id: &FirmId) -> Result<OperatorFirm, Error> {
        self.call(Method::POST, &format!("/firms/{id}/resume")).json(200).await
    }

    /// Everybody with a login, in the order of their coming.
    pub async fn list_users(&self, query: &OperatorUserQuery) -> Result<Page<OperatorUser>, Error> {
        self.call(Method::GET, "/users").query(query).json(200).await
    }

    /// One person.
    pub async fn read_any_user(&self, id: &UserId) -> Result<OperatorUser, Error> {
        self.call(Method::GET, &format!("/users/{id}")).json(200).await
    }

    /// Refuses a person everywhere, at once, until they are resumed.
    pub async fn suspend_user(&self, id: &UserId) -> Result<OperatorUser, Error> {
        self.call(Method::POST, &format!("/users/{id}/suspend")).json(200).await
    }

    /// Takes back [`Operator::suspend_user`].
    pub async fn resume_user(&self, id: &UserId) -> Result<OperatorUser, Error> {
        self.call(Method::POST, &format!("/users/{id}/resume")).json(200).await
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
