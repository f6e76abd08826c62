//! What happens when the operator renames an account or gives it another external id.

use portal_api_types::{AccountId, ExternalId, Name, OperatorAccountDetail, UpdateAccount};

use super::account_status::lock_open;
use super::read;
use crate::auth::scope::OperatorScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::{Ctx, Outcome, Refusal, account};
use crate::store::directory;

/// Changes what is given, and answers the new state.
pub fn update(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    id: &AccountId,
    changes: &UpdateAccount,
) -> Outcome<OperatorAccountDetail> {
    if let Some(name) = &changes.name {
        rename(conn, ctx, operator, id, name)?;
    }
    if let Some(external_id) = &changes.external_id {
        link(conn, ctx, operator, id, external_id)?;
    }
    read::account(conn, operator, id)
}

/// Renames the account, as an owner would.
pub(super) fn rename(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    id: &AccountId,
    name: &Name,
) -> Outcome<()> {
    let known = lock_open(conn, operator, id)?;
    if known.name == *name {
        return Ok(());
    }
    account::rename::rename(conn, ctx, operator, &read::scope(operator, &known), name)
}

fn link(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    id: &AccountId,
    external_id: &ExternalId,
) -> Outcome<()> {
    let known = lock_open(conn, operator, id)?;
    if known.external_id.as_ref() == Some(external_id) {
        return Ok(());
    }
    let scope = read::scope(operator, &known);
    directory::set_external_id(conn, &scope, external_id)
        .map_err(|failure| failure.duplicate_as(Refusal::ExternalIdTaken))?;
    let mut change = Change::by(operator, Action::AccountLinked)
        .in_account(&scope.as_ref())
        .on(&known.id, &known.name)
        .with("external_id", external_id);
    if let Some(old) = &known.external_id {
        change = change.with("old_external_id", old);
    }
    change.record(conn, ctx)
}
