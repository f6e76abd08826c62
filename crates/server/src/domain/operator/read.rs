//! What the operator reads: any account, firm or person.

use portal_api_types::{
    AccountId, AccountRef, AccountStatus, ExternalId, FirmId, FirmStatus, OperatorAccount,
    OperatorAccountDetail, OperatorFirm, OperatorUser, UserId, UserStatus,
};

use super::Filter;
use crate::auth::scope::{AccountScope, OperatorScope};
use crate::db::Conn;
use crate::domain::{Outcome, Refusal};
use crate::store::directory;

/// One account.
pub fn account(conn: &mut Conn, operator: &OperatorScope, id: &AccountId) -> Outcome<OperatorAccountDetail> {
    let account = directory::account(conn, operator, id)?
        .ok_or(Refusal::NotFound("There is no account with this id."))?;
    detail(conn, operator, account)
}

/// An account with its owners.
pub fn detail(
    conn: &mut Conn,
    operator: &OperatorScope,
    account: OperatorAccount,
) -> Outcome<OperatorAccountDetail> {
    let owners = directory::owners(conn, &scope(operator, &account))?;
    Ok(OperatorAccountDetail { account, owners })
}

/// The right to work with an account that the operator has read.
pub(super) fn scope(operator: &OperatorScope, account: &OperatorAccount) -> AccountScope {
    operator.account(AccountRef { id: account.id.clone(), name: account.name.clone() })
}

/// A page of accounts; one more than asked for when there is a next page.
pub fn accounts(
    conn: &mut Conn,
    operator: &OperatorScope,
    filter: &Filter<AccountStatus>,
    external_id: Option<&ExternalId>,
    after: Option<&str>,
    limit: usize,
) -> Outcome<Vec<OperatorAccount>> {
    directory::accounts(conn, operator, filter, external_id, after, limit + 1)
}

/// One firm.
pub fn firm(conn: &mut Conn, operator: &OperatorScope, id: &FirmId) -> Outcome<OperatorFirm> {
    directory::firm(conn, operator, id)?
        .ok_or_else(|| Refusal::NotFound("There is no firm with this id.").into())
}

/// A page of firms; one more than asked for when there is a next page.
pub fn firms(
    conn: &mut Conn,
    operator: &OperatorScope,
    filter: &Filter<FirmStatus>,
    after: Option<&str>,
    limit: usize,
) -> Outcome<Vec<OperatorFirm>> {
    directory::firms(conn, operator, filter, after, limit + 1)
}

/// One person.
pub fn user(conn: &mut Conn, operator: &OperatorScope, id: &UserId) -> Outcome<OperatorUser> {
    directory::user(conn, operator, id)?
        .ok_or_else(|| Refusal::NotFound("There is no person with this id.").into())
}

/// A page of people; one more than asked for when there is a next page.
pub fn users(
    conn: &mut Conn,
    operator: &OperatorScope,
    filter: &Filter<UserStatus>,
    after: Option<&str>,
    limit: usize,
) -> Outcome<Vec<OperatorUser>> {
    directory::users(conn, operator, filter, after, limit + 1)
}
