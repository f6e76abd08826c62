//! Scopes: the proof that a query of a tenant's rows demands.
//!
//! Their fields are private, so that a raw id from a path or a body cannot become one: they come from an actor (that is,
//! from a live check), or by a named door for what the portal does of itself.

use portal_api_types::{
    AccountId, AccountRef, ApiKeyId, FirmId, FirmRef, Name, OperatorKeyId, SessionId, UserId,
};

/// The right to work with one account's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountScope {
    id: AccountId,
    name: Name,
}

impl AccountScope {
    pub(super) fn new(id: AccountId, name: Name) -> Self {
        Self { id, name }
    }

    /// For what the portal does without a signed-in caller in the account; `reason` says what, to the reader.
    pub fn by_portal(account: AccountRef, _reason: &'static str) -> Self {
        Self { id: account.id, name: account.name }
    }

    /// Which account.
    pub fn id(&self) -> &AccountId {
        &self.id
    }

    /// Its name, for the audit trail and for mails.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Id and name.
    pub fn as_ref(&self) -> AccountRef {
        AccountRef { id: self.id.clone(), name: self.name.clone() }
    }
}

/// The right to work with one firm's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirmScope {
    id: FirmId,
    name: Name,
}

impl FirmScope {
    pub(super) fn new(id: FirmId, name: Name) -> Self {
        Self { id, name }
    }

    /// For what the portal does without a signed-in caller in the firm; `reason` says what, to the reader.
    pub fn by_portal(firm: FirmRef, _reason: &'static str) -> Self {
        Self { id: firm.id, name: firm.name }
    }

    /// Which firm.
    pub fn id(&self) -> &FirmId {
        &self.id
    }

    /// Its name, for the audit trail and for mails.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Id and name.
    pub fn as_ref(&self) -> FirmRef {
        FirmRef { id: self.id.clone(), name: self.name.clone() }
    }
}

/// The right to work with one person's own rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonScope {
    user_id: UserId,
    session_id: SessionId,
    token_id: String,
}

impl PersonScope {
    pub(super) fn new(user_id: UserId, session_id: SessionId, token_id: String) -> Self {
        Self { user_id, session_id, token_id }
    }

    /// Who.
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// By which session.
    pub fn session_id(&self) -> &SessionId {
        &self.session_id
    }

    /// By which token (its `jti`): one that is revoked proves nothing.
    pub fn token_id(&self) -> &str {
        &self.token_id
    }
}

/// What proves a program: a token of its key, or the key's secret. Whether it opens anything now is for the database to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyScope {
    id: ApiKeyId,
    account_id: AccountId,
    owner_id: UserId,
    token_id: String,
}

impl KeyScope {
    pub(super) fn new(id: ApiKeyId, account_id: AccountId, owner_id: UserId, token_id: String) -> Self {
        Self { id, account_id, owner_id, token_id }
    }

    /// Which key.
    pub fn id(&self) -> &ApiKeyId {
        &self.id
    }

    /// Of which account.
    pub fn account_id(&self) -> &AccountId {
        &self.account_id
    }

    /// Who made it, and by whose right it acts.
    pub fn owner_id(&self) -> &UserId {
        &self.owner_id
    }

    /// By which token (its `jti`); empty when it is the secret that proves it.
    pub fn token_id(&self) -> &str {
        &self.token_id
    }
}

/// The right of the operator: to ask for any account, firm or person, and to suspend them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorScope {
    key_id: OperatorKeyId,
    name: Name,
}

impl OperatorScope {
    pub(super) fn new(key_id: OperatorKeyId, name: Name) -> Self {
        Self { key_id, name }
    }

    /// By which key.
    pub fn key_id(&self) -> &OperatorKeyId {
        &self.key_id
    }

    /// The key's name: how people see the operator.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The right to work with this account's rows.
    pub fn account(&self, account: AccountRef) -> AccountScope {
        AccountScope::new(account.id, account.name)
    }
}

/// The right to work with the webhooks of one account, or with those of the portal's operator, which hear of all accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookScope(Option<AccountScope>);

impl WebhookScope {
    /// An account's, by the right to the account.
    pub fn of_account(account: AccountScope) -> Self {
        Self(Some(account))
    }

    /// The operator's, by the right of the operator.
    pub fn of_operator(_operator: &OperatorScope) -> Self {
        Self(None)
    }

    /// Whose: an account's, or (without one) the operator's.
    pub fn account(&self) -> Option<&AccountScope> {
        self.0.as_ref()
    }
}
