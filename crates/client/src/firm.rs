//! Acting in one firm.

use portal_api_types::{
    AccountEmployee, AccountId, ActivityEntry, AssignmentBatch, AssignmentResult, ClientAccount, Employee,
    EmployeeAccount, EmployeeDetail, EmployeeId, Firm, FirmId, IdempotencyKey, InviteEmployee, Page,
    RenameFirm, UpdateEmployee,
};
use reqwest::Method;

use crate::error::Error;
use crate::portal::Portal;
use crate::query::{ActivityQuery, EmployeeQuery, FirmAccountQuery, PageQuery};
use crate::transport::{Call, Token};

/// One firm, as one of its employees.
///
/// [`InFirm::read_firm`] and [`InFirm::list_firm_accounts`] are for every employee; the rest is for admins, others
/// get `forbidden`. Who does not work for the firm gets `not_found`.
#[derive(Debug, Clone)]
pub struct InFirm {
    portal: Portal,
    token: Token,
    /// The path of the firm, which those of all its operations start with.
    path: String,
    once: Option<IdempotencyKey>,
}

impl InFirm {
    pub(crate) fn new(portal: Portal, identity_token: Token, firm_id: &FirmId) -> Self {
        Self { portal, token: identity_token, path: format!("/api/v1/firms/{firm_id}"), once: None }
    }

    /// The same, for one call that creates something, which takes effect once however often it is sent: sent again within
    /// 24 hours with this key and the same body, it answers the first answer. What does not create is not affected.
    ///
    /// `idempotency_key_reused` when the key came with another body.
    #[must_use]
    pub fn with_idempotency_key(&self, key: IdempotencyKey) -> Self {
        Self { once: Some(key), ..self.clone() }
    }

    /// The firm.
    pub async fn read_firm(&self) -> Result<Firm, Error> {
        self.call(Method::GET, "").json(200).await
    }

    /// Renames the firm; answers its new state.
    pub async fn rename_firm(&self, name: &RenameFirm) -> Result<Firm, Error> {
        self.call(Method::PATCH, "").body(name).json(200).await
    }

    /// The firm's people.
    pub async fn list_employees(&self, query: &EmployeeQuery) -> Result<Page<Employee>, Error> {
        self.call(Method::GET, "/employees").query(query).json(200).await
    }

    /// Invites an employee by e-mail, with the client accounts to work on from the first moment.
    ///
    /// `already_employee`.
    pub async fn invite_employee(&self, invitation: &InviteEmployee) -> Result<Employee, Error> {
        self.call(Method::POST, "/employees").once(self.once.as_ref()).body(invitation).json(201).await
    }

    /// One employee, with the open invitations that they made.
    pub async fn read_employee(&self, employee_id: &EmployeeId) -> Result<EmployeeDetail, Error> {
        self.call(Method::GET, &format!("/employees/{employee_id}")).json(200).await
    }

    /// Changes an employee's name, role or status, with effect at once; answers their new state.
    ///
    /// `last_admin` when the firm would have no active admin any more; `employee_invited` when somebody who has not
    /// joined yet should become active or deactivated.
    pub async fn update_employee(
        &self,
        employee_id: &EmployeeId,
        changes: &UpdateEmployee,
    ) -> Result<Employee, Error> {
        self.call(Method::PATCH, &format!("/employees/{employee_id}")).body(changes).json(200).await
    }

    /// Removes an employee for good, at once; an open invitation dies with it.
    ///
    /// `last_admin` when the firm would have no active admin any more.
    pub async fn remove_employee(&self, employee_id: &EmployeeId) -> Result<(), Error> {
        self.call(Method::DELETE, &format!("/employees/{employee_id}")).empty(204).await
    }

    /// Sends an employee's invitation again: with a new link, and the old one is dead.
    ///
    /// `employee_joined` when there is no invitation to send any more.
    pub async fn resend_employee_invitation(&self, employee_id: &EmployeeId) -> Result<(), Error> {
        self.call(Method::POST, &format!("/employees/{employee_id}/resend")).empty(204).await
    }

    /// The firm's client accounts: all for an admin, the assigned ones for a bookkeeper.
    pub async fn list_firm_accounts(&self, query: &FirmAccountQuery) -> Result<Page<ClientAccount>, Error> {
        self.call(Method::GET, "/accounts").query(query).json(200).await
    }

    /// One client account.
    pub async fn read_firm_account(&self, account_id: &AccountId) -> Result<ClientAccount, Error> {
        self.call(Method::GET, &format!("/accounts/{account_id}")).json(200).await
    }

    /// Everybody who is assigned to a client account, also those who do not get in, and the admins.
    pub async fn list_account_employees(
        &self,
        account_id: &AccountId,
        query: &PageQuery,
    ) -> Result<Page<AccountEmployee>, Error> {
        self.call(Method::GET, &format!("/accounts/{account_id}/employees")).query(query).json(200).await
    }

    /// Lets a client go: nobody of the firm gets into the account any more, at once.
    pub async fn disconnect_account(&self, account_id: &AccountId) -> Result<(), Error> {
        self.call(Method::DELETE, &format!("/accounts/{account_id}")).empty(204).await
    }

    /// The client accounts that an employee may open.
    pub async fn list_employee_accounts(
        &self,
        employee_id: &EmployeeId,
        query: &PageQuery,
    ) -> Result<Page<EmployeeAccount>, Error> {
        self.call(Method::GET, &format!("/employees/{employee_id}/accounts")).query(query).json(200).await
    }

    /// Assigns a client account to an employee; one that is assigned already stays so.
    pub async fn grant_account(&self, employee_id: &EmployeeId, account_id: &AccountId) -> Result<(), Error> {
        self.call(Method::PUT, &format!("/employees/{employee_id}/accounts/{account_id}")).empty(204).await
    }

    /// Takes a client account away from an employee, at once; one that is not assigned stays so.
    pub async fn revoke_account(
        &self,
        employee_id: &EmployeeId,
        account_id: &AccountId,
    ) -> Result<(), Error> {
        self.call(Method::DELETE, &format!("/employees/{employee_id}/accounts/{account_id}")).empty(204).await
    }

    /// Assigns and takes away many accounts, all or nothing: up to
    /// [`MAX_ASSIGNMENT_PAIRS`](portal_api_types::MAX_ASSIGNMENT_PAIRS) pairs.
    ///
    /// With `dry_run` nothing is changed; with `list_changes` the answer lists what was, or would be.
    ///
    /// `too_many_items`.
    pub async fn assign_accounts(&self, batch: &AssignmentBatch) -> Result<AssignmentResult, Error> {
        self.call(Method::POST, "/assignments").once(self.once.as_ref()).body(batch).json(200).await
    }

    /// The audit trail of the firm, newest first.
    pub async fn list_firm_activity(&self, query: &ActivityQuery) -> Result<Page<ActivityEntry>, Error> {
        self.call(Method::GET, "/activity").query(query).json(200).await
    }

    /// The whole audit trail of the firm that the filters leave, as CSV; the query's `limit` and `cursor` do not
    /// count.
    pub async fn export_firm_activity(&self, query: &ActivityQuery) -> Result<String, Error> {
        self.call(Method::GET, "/activity").query(&query.as_csv()).text("text/csv").await
    }

    pub(crate) fn once(&self) -> Option<&IdempotencyKey> {
        self.once.as_ref()
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.portal, method, &format!("{}{path}", self.path)).bearer(&self.token)
    }
}
