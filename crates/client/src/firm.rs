//! Acting in one firm.

use portal_api_types::{
    AccountId, ActivityEntry, AssignmentBatch, AssignmentResult, ClientAccount, Employee, EmployeeAccount,
    EmployeeDetail, EmployeeId, Firm, FirmId, IdempotencyKey, InviteEmployee, Page, RenameFirm,
    UpdateEmployee,
};
use reqwest::Method;

use crate::answer::Answer;
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
    pub fn read_firm(&self) -> Answer<Firm> {
        self.call(Method::GET, "").json(200)
    }

    /// Renames the firm; answers its new state.
    pub fn rename_firm(&self, name: &RenameFirm) -> Answer<Firm> {
        self.call(Method::PATCH, "").body(name).json(200)
    }

    /// The firm's people.
    pub fn list_employees(&self, query: &EmployeeQuery) -> Answer<Page<Employee>> {
        self.call(Method::GET, "/employees").query(&query.parameters()).json(200)
    }

    /// Invites an employee by e-mail, with the client accounts to work on from the first moment.
    ///
    /// `already_employee`.
    pub fn invite_employee(&self, invitation: &InviteEmployee) -> Answer<Employee> {
        self.call(Method::POST, "/employees").once(self.once.as_ref()).body(invitation).json(201)
    }

    /// One employee, with the open invitations that they made.
    pub fn read_employee(&self, employee_id: &EmployeeId) -> Answer<EmployeeDetail> {
        self.call(Method::GET, &format!("/employees/{employee_id}")).json_in_parts(200)
    }

    /// Changes an employee's name, role or status, with effect at once; answers their new state.
    ///
    /// `last_admin` when the firm would have no active admin any more; `employee_invited` when somebody who has not
    /// joined yet should become active or deactivated.
    pub fn update_employee(&self, employee_id: &EmployeeId, changes: &UpdateEmployee) -> Answer<Employee> {
        self.call(Method::PATCH, &format!("/employees/{employee_id}")).body(changes).json(200)
    }

    /// Removes an employee for good, at once; an open invitation dies with it.
    ///
    /// `last_admin` when the firm would have no active admin any more.
    pub fn remove_employee(&self, employee_id: &EmployeeId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/employees/{employee_id}")).empty(204)
    }

    /// Sends an employee's invitation again: with a new link, and the old one is dead.
    ///
    /// `employee_joined` when there is no invitation to send any more.
    pub fn resend_employee_invitation(&self, employee_id: &EmployeeId) -> Answer<()> {
        self.call(Method::POST, &format!("/employees/{employee_id}/resend")).empty(204)
    }

    /// The firm's client accounts: all for an admin, the assigned ones for a bookkeeper.
    pub fn list_firm_accounts(&self, query: &FirmAccountQuery) -> Answer<Page<ClientAccount>> {
        self.call(Method::GET, "/accounts").query(&query.parameters()).json(200)
    }

    /// Lets a client go: nobody of the firm gets into the account any more, at once.
    pub fn disconnect_account(&self, account_id: &AccountId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/accounts/{account_id}")).empty(204)
    }

    /// The client accounts that an employee may open.
    pub fn list_employee_accounts(
        &self,
        employee_id: &EmployeeId,
        query: &PageQuery,
    ) -> Answer<Page<EmployeeAccount>> {
        self.call(Method::GET, &format!("/employees/{employee_id}/accounts"))
            .query(&query.parameters())
            .json(200)
    }

    /// Assigns a client account to an employee; one that is assigned already stays so.
    pub fn grant_account(&self, employee_id: &EmployeeId, account_id: &AccountId) -> Answer<()> {
        self.call(Method::PUT, &format!("/employees/{employee_id}/accounts/{account_id}")).empty(204)
    }

    /// Takes a client account away from an employee, at once; one that is not assigned stays so.
    pub fn revoke_account(&self, employee_id: &EmployeeId, account_id: &AccountId) -> Answer<()> {
        self.call(Method::DELETE, &format!("/employees/{employee_id}/accounts/{account_id}")).empty(204)
    }

    /// Assigns and takes away many accounts, all or nothing: up to
    /// [`MAX_ASSIGNMENT_PAIRS`](portal_api_types::MAX_ASSIGNMENT_PAIRS) pairs.
    ///
    /// With `dry_run` nothing is changed; with `list_changes` the answer lists what was, or would be.
    ///
    /// `too_many_items`.
    pub fn assign_accounts(&self, batch: &AssignmentBatch) -> Answer<AssignmentResult> {
        self.call(Method::POST, "/assignments").once(self.once.as_ref()).body(batch).json(200)
    }

    /// The audit trail of the firm, newest first.
    pub fn list_firm_activity(&self, query: &ActivityQuery) -> Answer<Page<ActivityEntry>> {
        self.call(Method::GET, "/activity").query(&query.parameters()).json(200)
    }

    /// The whole audit trail of the firm that the filters leave, as CSV; the query's `limit` and `cursor` do not
    /// count.
    pub fn export_firm_activity(&self, query: &ActivityQuery) -> Answer<String> {
        self.call(Method::GET, "/activity").query(&query.parameters_of_csv()).text("text/csv")
    }

    pub(crate) fn once(&self) -> Option<&IdempotencyKey> {
        self.once.as_ref()
    }

    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(&self.portal, method, &format!("{}{path}", self.path)).bearer(&self.token)
    }
}
