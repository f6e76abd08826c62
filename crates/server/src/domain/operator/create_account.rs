//! What happens when the operator makes an account, or makes sure that it is there: an external id is one account, however
//! often and however many at a time ask for it. A unique index decides.

use portal_api_types::{
    AccountId, AccountRef, CreateAccount, ExternalId, Name, NewOwner, OperatorAccount, OperatorAccountDetail,
    UpsertAccount, WebhookEventType,
};

use super::add_owner::{Notice, give, may_be_told};
use super::{read, update_account};
use crate::auth::scope::OperatorScope;
use crate::db::Conn;
use crate::domain::activity::{Action, Change};
use crate::domain::idempotency::Once;
use crate::domain::webhook::tell::Event;
use crate::domain::{Ctx, Failure, Outcome, Refusal, Services};
use crate::store::{accounts, directory};

/// Makes an account.
pub async fn create(
    services: &Services,
    ctx: Ctx,
    operator: OperatorScope,
    body: CreateAccount,
    once: Once,
) -> Outcome<OperatorAccountDetail> {
    if let Some(earlier) = once.earlier(&services.db, ctx.now).await? {
        return Ok(earlier);
    }
    let notice = may_be_told(services, &ctx, body.owner.as_ref()).await?;
    once.write(&services.db, ctx.now, move |conn| {
        make(conn, &ctx, &operator, &body.name, body.external_id.as_ref(), body.owner.as_ref(), notice)
            .map_err(|failure| failure.duplicate_as(Refusal::ExternalIdTaken))
    })
    .await
}

/// What became of a request for an account with an external id.
pub enum Upserted {
    /// It was made.
    Made(OperatorAccountDetail),
    /// It was there.
    Found(OperatorAccountDetail),
}

/// Makes sure that there is an account with this external id and name.
pub async fn upsert(
    services: &Services,
    ctx: Ctx,
    operator: OperatorScope,
    external_id: ExternalId,
    body: UpsertAccount,
) -> Outcome<Upserted> {
    let (scope, wanted) = (operator.clone(), external_id.clone());
    let known =
        services.db.read(move |conn| directory::account_by_external_id(conn, &scope, &wanted)).await?;
    // Nobody gets a mail for an account that is there.
    let owner = body.owner.as_ref().filter(|_| known.is_none());
    let notice = may_be_told(services, &ctx, owner).await?;
    services
        .db
        .write(move |conn| {
            if let Some(known) = directory::account_by_external_id(conn, &operator, &external_id)? {
                return update(conn, &ctx, &operator, known, &body.name).map(Upserted::Found);
            }
            make(conn, &ctx, &operator, &body.name, Some(&external_id), body.owner.as_ref(), notice)
                .map(Upserted::Made)
                // Somebody else was first: the next try finds the account.
                .map_err(Failure::duplicate_as_conflict)
        })
        .await
}

fn update(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    known: OperatorAccount,
    name: &Name,
) -> Outcome<OperatorAccountDetail> {
    if known.name != *name {
        update_account::rename(conn, ctx, operator, &known.id, name)?;
    }
    read::account(conn, operator, &known.id)
}

fn make(
    conn: &mut Conn,
    ctx: &Ctx,
    operator: &OperatorScope,
    name: &Name,
    external_id: Option<&ExternalId>,
    owner: Option<&NewOwner>,
    notice: Notice,
) -> Outcome<OperatorAccountDetail> {
    let account = AccountRef { id: AccountId::from_uuid(ctx.new_uuid()), name: name.clone() };
    accounts::insert(conn, &account.id, name, external_id, ctx.now)?;
    let mut change =
        Change::by(operator, Action::AccountOpened).in_account(&account).on(&account.id, &account.name);
    if let Some(external_id) = external_id {
        change = change.with("external_id", external_id);
    }
    change.record(conn, ctx)?;
    Event::by(operator, WebhookEventType::AccountOpened).in_account(&account).tell(conn, ctx)?;
    if let Some(owner) = owner {
        give(conn, ctx, operator, &operator.account(account.clone()), owner, notice)?;
    }
    read::account(conn, operator, &account.id)
}
