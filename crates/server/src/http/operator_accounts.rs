//! Accounts, as the operator manages them.

use actix_web::{HttpResponse, web};
use portal_api_types::{
    AccountId, AccountStatus, CreateAccount, ExternalId, Limit, MemberRow, NewOwner, OperatorAccount,
    OperatorAccountDetail, Page, Search, UpdateAccount, UpsertAccount,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::Body;
use super::creating::{Creating, IdempotencyHeader};
use super::query::{self, Path, Query, after, created, ok, page};
use crate::app::App;
use crate::auth::actor::Operator;
use crate::domain::After;
use crate::domain::operator::create_account::Upserted;
use crate::domain::operator::{Filter, add_owner, create_account, read, update_account};
use crate::error::ApiError;

/// Make an account
///
/// For the operator: the vendor whose product already has accounts. `owner`, if given, is the first owner. Somebody who
/// has a login owns the account at once and is told by mail; anybody else gets a link, which works for 7 days. An account
/// without an owner is there, but nobody can enter it.
///
/// `external_id` is what your product calls the account, and one account has it. To be able to ask twice, use
/// `upsert_account`, or send an `Idempotency-Key`.
#[utoipa::path(
    post,
    path = "/api/v1/operator/accounts",
    tag = "Operator",
    params(IdempotencyHeader),
    request_body = CreateAccount,
    responses(
        (
            status = 201,
            description = "The account.",
            body = OperatorAccountDetail,
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
                "status": "active", "created_at": "2026-11-24T09:30:00Z",
                "owners": [{
                    "user_id": null, "invitation_id": "invt_01h455vb4pex5vsknk084sn02q", "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "role": "owner", "status": "invited"
                }]
            })
        ),
        (status = 409, description = "`external_id_taken`: another account has this external id."),
        (
            status = 429,
            description = "`rate_limited`: the owner has no login, and the address has got too many mails (5 an \
                hour). Nothing was made."
        )
    ),
    security(("operator_key" = []))
)]
pub async fn create_account(
    operator: Operator,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<CreateAccount>,
) -> Result<HttpResponse, ApiError> {
    let once = attempt.by(&operator.caller());
    let account = create_account::create(&app.services, operator.ctx, operator.scope, body, once).await?;
    app.outbox.wake();
    Ok(created(account))
}

/// Make sure that there is an account
///
/// For the operator. Makes the account with this external id, as `create_account` does, if there is none. If there is
/// one, it gets `name`, and `owner` does not count. So the same request may come any number of times, also at the same
/// moment: there is one account, and one mail to its owner.
#[utoipa::path(
    put,
    path = "/api/v1/operator/accounts/by-external-id/{external_id}",
    tag = "Operator",
    params(
        ("external_id" = ExternalId, Path, description = "What your product calls the account; percent-encoded.")
    ),
    request_body = UpsertAccount,
    responses(
        (
            status = 200,
            description = "The account, which was there.",
            body = OperatorAccountDetail,
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
                "status": "active", "created_at": "2026-11-24T09:30:00Z",
                "owners": [{
                    "user_id": "user_01h455vb4pex5vsknk084sn02q", "invitation_id": null, "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "role": "owner", "status": "connected"
                }]
            })
        ),
        (
            status = 201,
            description = "The account, which was made.",
            body = OperatorAccountDetail,
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
                "status": "active", "created_at": "2026-11-24T09:30:00Z",
                "owners": [{
                    "user_id": null, "invitation_id": "invt_01h455vb4pex5vsknk084sn02q", "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "role": "owner", "status": "invited"
                }]
            })
        ),
        (status = 409, description = "`account_closed`: a closed account cannot be renamed."),
        (
            status = 429,
            description = "`rate_limited`: the owner has no login, and the address has got too many mails (5 an \
                hour). Nothing was made."
        )
    ),
    security(("operator_key" = []))
)]
pub async fn upsert_account(
    operator: Operator,
    app: web::Data<App>,
    Path(external_id): Path<ExternalId>,
    Body(body): Body<UpsertAccount>,
) -> Result<HttpResponse, ApiError> {
    let upserted =
        create_account::upsert(&app.services, operator.ctx, operator.scope, external_id, body).await?;
    app.outbox.wake();
    Ok(match upserted {
        Upserted::Made(account) => created(account),
        Upserted::Found(account) => ok(account),
    })
}

/// Which accounts to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OperatorAccountQuery {
    /// Only those whose name has this text, in upper or lower case.
    #[param(value_type = Option<String>, max_length = 200, example = "bakery")]
    pub q: Option<Search>,
    /// Only those in this state.
    #[param(nullable = false, example = "active")]
    pub status: Option<AccountStatus>,
    /// Only the one with this external id.
    #[param(nullable = false, example = "store-4711")]
    pub external_id: Option<ExternalId>,
    /// How many items at most: 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50, example = 50)]
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Where to go on: `next_cursor` of the page before, unchanged.
    pub cursor: Option<String>,
}

/// List all accounts
///
/// For the operator. In the order of their making, so that new ones come at the end.
#[utoipa::path(
    get,
    path = "/api/v1/operator/accounts",
    tag = "Operator",
    params(OperatorAccountQuery),
    responses((status = 200, description = "A page of accounts.", body = Page<OperatorAccount>)),
    security(("operator_key" = []))
)]
pub async fn list_accounts(
    operator: Operator,
    app: web::Data<App>,
    Query(query): Query<OperatorAccountQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?.map(|After { id, .. }| id);
    let filter =
        Filter { q: query.q.map(|q| q.as_str().to_owned()).unwrap_or_default(), status: query.status };
    let (limit, external_id) = (query.limit, query.external_id);
    let found = app
        .services
        .db
        .read(move |conn| {
            read::accounts(
                conn,
                &operator.scope,
                &filter,
                external_id.as_ref(),
                after.as_deref(),
                limit.get(),
            )
        })
        .await?;
    Ok(ok(page(found, limit, |account| (String::new(), account.id.to_string()), |account| account)))
}

/// Read any account
///
/// For the operator. With its owners, and who is invited to be one.
#[utoipa::path(
    get,
    path = "/api/v1/operator/accounts/{id}",
    tag = "Operator",
    params(("id" = AccountId, Path, description = "The account.")),
    responses((
            status = 200,
            description = "The account.",
            body = OperatorAccountDetail,
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
                "status": "active", "created_at": "2026-11-24T09:30:00Z",
                "owners": [{
                    "user_id": "user_01h455vb4pex5vsknk084sn02q", "invitation_id": null, "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "role": "owner", "status": "connected"
                }]
            })
        )),
    security(("operator_key" = []))
)]
pub async fn read_any_account(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<AccountId>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| read::account(conn, &operator.scope, &id)).await?))
}

/// Change any account
///
/// For the operator. What is left out stays as it is. The owners read in their activity that the operator did it.
#[utoipa::path(
    patch,
    path = "/api/v1/operator/accounts/{id}",
    tag = "Operator",
    params(("id" = AccountId, Path, description = "The account.")),
    request_body = UpdateAccount,
    responses(
        (
            status = 200,
            description = "The account, as changed.",
            body = OperatorAccountDetail,
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery", "external_id": "store-4711",
                "status": "active", "created_at": "2026-11-24T09:30:00Z",
                "owners": [{
                    "user_id": "user_01h455vb4pex5vsknk084sn02q", "invitation_id": null, "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "role": "owner", "status": "connected"
                }]
            })
        ),
        (
            status = 409,
            description = "`account_closed`: a closed account cannot be changed. `external_id_taken`: another \
                account has this external id."
        )
    ),
    security(("operator_key" = []))
)]
pub async fn update_account(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<AccountId>,
    Body(body): Body<UpdateAccount>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app
        .services
        .db
        .write(move |conn| update_account::update(conn, &operator.ctx, &operator.scope, &id, &body))
        .await?))
}

/// Give an account an owner
///
/// For the operator. One more owner, or the first. Somebody who has a login owns the account at once (a member becomes an
/// owner) and is told by mail; anybody else gets a link, which works for 7 days. If the address has an open invitation
/// into the account already, that one is dead and the new link counts: so this also sends a link again.
#[utoipa::path(
    post,
    path = "/api/v1/operator/accounts/{id}/owners",
    tag = "Operator",
    params(("id" = AccountId, Path, description = "The account."), IdempotencyHeader),
    request_body = NewOwner,
    responses(
        (
            status = 201,
            description = "The owner's row, connected or invited.",
            body = MemberRow,
            example = json!({
                "user_id": null, "invitation_id": "invt_01h455vb4pex5vsknk084sn02q", "name": "Olivia Stone",
                "email": "olivia@blue-bakery.example", "role": "owner", "status": "invited"
            })
        ),
        (
            status = 409,
            description = "`already_member`: the person is an owner already. `account_closed`: the account is \
                closed for good."
        ),
        (
            status = 429,
            description = "`rate_limited`: the person has no login, and the address has got too many mails (5 an \
                hour)."
        )
    ),
    security(("operator_key" = []))
)]
pub async fn add_owner(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<AccountId>,
    Creating { body, attempt }: Creating<NewOwner>,
) -> Result<HttpResponse, ApiError> {
    let once = attempt.by(&operator.caller());
    let row = add_owner::add(&app.services, operator.ctx, operator.scope, id, body, once).await?;
    app.outbox.wake();
    Ok(created(row))
}
