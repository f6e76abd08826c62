//! What happens when the operator suspends, resumes or closes an account. The rule of access asks for the status: who is in a
//! suspended account is refused at the next request. Resumed, everything is as it was; closed, nothing comes back. The owners
//! are told by mail.

use portal_api_types::{AccountId, AccountStatus, OperatorAccount, OperatorAccountDetail, WebhookEventType};

use super::read;
use crate::auth::scope::OperatorScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::invitation::cancel::{Place, withdraw};
use crate::domain::webhook::tell::Event;
use crate::domain::{Ctx, Outcome, Refusal, post};
use crate::mail::Mail;
use crate::store::{accounts, directory, invitations};

/// Takes the account's row for this transaction, and answers it as it is then; a closed one is refused.
pub(super) fn lock_open(
    conn: &mut Conn,
    operator: &OperatorScope,
    id: &AccountId,
) -> Outcome<OperatorAccount> {
    let account = lock(conn, operator, id)?;
    if account.status == AccountStatus::Closed { Err(Refusal::AccountClosed.into()) } else { Ok(account) }
}

fn lock(conn: &mut Conn, operator: &OperatorScope, id: &AccountId) -> Outcome<OperatorAccount> {
    let seen = read::account(conn, operator, id)?.account;
    accounts::lock(conn, &read::scope(operator, &seen))?;
    Ok(read::account(conn, operator, id)?.account)
}

/// Suspends the account. One that is suspended stays so.
pub fn suspend(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    id: &AccountId,
) -> Outcome<OperatorAccountDetail> {
    let account = lock_open(conn, operator, id)?;
    set(conn, ctx, operator, &account, AccountStatus::Suspended, Action::AccountSuspended)
}

/// Resumes the account. One that is active stays so.
pub fn resume(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    id: &AccountId,
) -> Outcome<OperatorAccountDetail> {
    let account = lock_open(conn, operator, id)?;
    set(conn, ctx, operator, &account, AccountStatus::Active, Action::AccountResumed)
}

/// Closes the account for good, and kills the open invitations into it. One that is closed stays so.
pub fn close(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    id: &AccountId,
) -> Outcome<OperatorAccountDetail> {
    let account = lock(conn, operator, id)?;
    let scope = read::scope(operator, &account);
    for open in invitations::list_in_account(conn, &scope)? {
        withdraw(conn, ctx, operator, &Place::Account(scope.as_ref()), &open)?;
    }
    set(conn, ctx, operator, &account, AccountStatus::Closed, Action::AccountClosed)
}

fn set(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    account: &OperatorAccount,
    status: AccountStatus,
    action: Action,
) -> Outcome<OperatorAccountDetail> {
    if account.status != status {
        let scope = read::scope(operator, account);
        directory::set_account_status(conn, &scope, status)?;
        let event = match status {
            AccountStatus::Active => WebhookEventType::AccountResumed,
            AccountStatus::Suspended => WebhookEventType::AccountSuspended,
            AccountStatus::Closed => WebhookEventType::AccountClosed,
        };
        Event::by(operator, event).in_account(&scope.as_ref()).tell(conn, ctx)?;
        Change::by(operator, action)
            .in_account(&scope.as_ref())
            .on(&account.id, &account.name)
            .record(conn, ctx)?;
        post::to_owners(conn, ctx, &scope, |name| Mail::AccountStatusChanged {
            name,
            account_name: account.name.to_string(),
            operator_name: operator.name().to_string(),
            status,
        })?;
    }
    read::account(conn, operator, &account.id)
}
