//! Keys of the account, for programs.

use actix_web::{HttpResponse, web};
use portal_api_types::{ApiKey, ApiKeyId, ApiKeySecret, NewApiKey, Page};

use super::creating::{Creating, IdempotencyHeader};
use super::query::{PageQuery, Path, Query, after, created, done, ok, page};
use crate::app::App;
use crate::auth::actor::AccountOwner;
use crate::clock::Time;
use crate::domain::api_key;
use crate::error::ApiError;

/// List API keys
///
/// For owners. The account's keys that are not revoked, newest first, with what each may do and when it was last used. A key
/// acts by the right of the owner who made it: when that person is an owner no more, it is not `active`.
#[utoipa::path(
    get,
    path = "/api/v1/account/api-keys",
    tag = "API keys",
    params(PageQuery),
    responses((status = 200, description = "A page of the account's keys.", body = Page<ApiKey>)),
    security(("account_token" = ["owner"]))
)]
pub async fn list_api_keys(
    owner: AccountOwner,
    app: web::Data<App>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let (after, limit) = (after::<Time>(query.cursor.as_deref())?, query.limit);
    let found = app
        .services
        .db
        .read(move |conn| api_key::list::list(conn, &owner.ctx, &owner.account, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |key| (key.created_at.naive_utc(), key.id.to_string()), |key| key)))
}

/// Make an API key
///
/// For owners. A key lets a program act in this account and no other, as far as its scopes reach. The answer has the key's
/// secret, this once. With the key's id as `client_id` and the secret as `client_secret`, the program gets account tokens from
/// `issue_token`.
///
/// The key acts by your right: it works only while you are an owner of the account, and ends for good when you are taken out.
#[utoipa::path(
    post,
    path = "/api/v1/account/api-keys",
    tag = "API keys",
    params(IdempotencyHeader),
    request_body = NewApiKey,
    responses(
        (status = 201, description = "The key, with its secret.", body = ApiKeySecret),
        (
            status = 409,
            description = "`answer_not_kept`: the same request with the same `Idempotency-Key` has made the key already. Its \
                secret is kept nowhere."
        ),
        (
            status = 422,
            description = "`invalid_value`: a scope is not one of its words, none is named, or `expires_at` is not \
                within the next ten years."
        )
    ),
    security(("account_token" = ["owner"]))
)]
pub async fn create_api_key(
    owner: AccountOwner,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<NewApiKey>,
) -> Result<HttpResponse, ApiError> {
    let (once, now) = (attempt.by(&owner.caller()), owner.ctx.now);
    let create = move |conn: &mut _| {
        api_key::create::create(conn, &owner.ctx, &owner.actor, &owner.account, body.clone())
    };
    Ok(created(once.write_secret(&app.services.db, now, create).await?))
}

/// Revoke an API key
///
/// For owners. The key's secret and all tokens that were given out for it open nothing any more, at once. There is no way back:
/// make another.
#[utoipa::path(
    delete,
    path = "/api/v1/account/api-keys/{id}",
    tag = "API keys",
    params(("id" = ApiKeyId, Path, description = "A key of the account.")),
    responses((status = 204, description = "The key is revoked.")),
    security(("account_token" = ["owner"]))
)]
pub async fn revoke_api_key(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<ApiKeyId>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| api_key::revoke::revoke(conn, &owner.ctx, &owner.actor, &owner.account, &id))
        .await?;
    Ok(done())
}
