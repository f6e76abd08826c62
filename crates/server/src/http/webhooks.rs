//! Webhooks of the account.

pub mod keeper;

use actix_web::{HttpResponse, web};
use portal_api_types::{
    NewWebhook, Page, UpdateWebhook, Webhook, WebhookDelivery, WebhookDeliveryId, WebhookId,
    WebhookWithSecret,
};

use keeper::Keeper;

use super::body::Body;
use super::creating::{Creating, IdempotencyHeader};
use super::query::{PageQuery, Path, Query};
use crate::app::App;
use crate::auth::actor::AccountOwner;
use crate::error::ApiError;

/// List webhooks
///
/// For owners. All webhooks of the account, the first to come first: there are at most 10, so that they come as one page.
#[utoipa::path(
    get,
    path = "/api/v1/account/webhooks",
    tag = "Webhooks",
    responses((status = 200, description = "The webhooks, without their secrets.", body = Page<Webhook>)),
    security(("account_token" = ["owner"]))
)]
pub async fn list_webhooks(owner: AccountOwner, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Keeper::from(owner).list(&app).await
}

/// Make a webhook
///
/// For owners. From now on, what changes in the account is posted to `url`, signed with the secret of the answer, which
/// is shown this once; see *Webhooks* for what is posted and how to verify it.
///
/// The URL begins with `https://` and leads to an address of the public internet. You answer for the webhook: when you are not an owner any
/// more, it is switched off, until another owner switches it on.
#[utoipa::path(
    post,
    path = "/api/v1/account/webhooks",
    tag = "Webhooks",
    params(IdempotencyHeader),
    request_body = NewWebhook,
    responses(
        (status = 201, description = "The webhook, and its secret.", body = WebhookWithSecret),
        (
            status = 409,
            description = "`too_many_webhooks`: the account has 10 webhooks already. `answer_not_kept`: the same request with \
                the same `Idempotency-Key` has made the webhook already. Its secret is kept nowhere."
        ),
        (
            status = 422,
            description = "`invalid_value`: the URL is not one that the portal speaks to, or a type of event is only \
                for the operator."
        )
    ),
    security(("account_token" = ["owner"]))
)]
pub async fn create_webhook(
    owner: AccountOwner,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<NewWebhook>,
) -> Result<HttpResponse, ApiError> {
    let once = attempt.by(&owner.caller());
    Keeper::from(owner).create(&app, body, once).await
}

/// Read a webhook
///
/// For owners. Where it leads, what it wants, and whether it works.
#[utoipa::path(
    get,
    path = "/api/v1/account/webhooks/{id}",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "A webhook of the account.")),
    responses((status = 200, description = "The webhook, without its secret.", body = Webhook)),
    security(("account_token" = ["owner"]))
)]
pub async fn read_webhook(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(owner).read(&app, id).await
}

/// Change a webhook
///
/// For owners. What is left out stays. Switched off, what waits is cancelled. Switched on, it starts afresh. Whoever
/// switches it on, or gives it another URL, answers for it from then on.
#[utoipa::path(
    patch,
    path = "/api/v1/account/webhooks/{id}",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "A webhook of the account.")),
    request_body = UpdateWebhook,
    responses(
        (status = 200, description = "The webhook, as changed.", body = Webhook),
        (
            status = 422,
            description = "`invalid_value`: the URL is not one that the portal speaks to, or a type of event is only \
                for the operator."
        )
    ),
    security(("account_token" = ["owner"]))
)]
pub async fn update_webhook(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
    Body(body): Body<UpdateWebhook>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(owner).update(&app, id, body).await
}

/// Delete a webhook
///
/// For owners. Nothing more is sent, not even what waits, and its delivery log is gone.
#[utoipa::path(
    delete,
    path = "/api/v1/account/webhooks/{id}",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "A webhook of the account.")),
    responses((status = 204, description = "The webhook is gone.")),
    security(("account_token" = ["owner"]))
)]
pub async fn delete_webhook(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(owner).delete(&app, id).await
}

/// Give a webhook a new secret
///
/// For owners. The answer shows it this once. For 24 hours the old secret signs too: `webhook-signature` then has two
/// signatures, parted by a blank, so that a receiver that knows either loses nothing. A second rotation within that
/// time ends the first secret at once.
#[utoipa::path(
    post,
    path = "/api/v1/account/webhooks/{id}/secret",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "A webhook of the account.")),
    responses((status = 201, description = "The webhook, and its new secret.", body = WebhookWithSecret)),
    security(("account_token" = ["owner"]))
)]
pub async fn rotate_webhook_secret(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(owner).rotate(&app, id).await
}

/// Send a test event
///
/// For owners. Posts an event of the type `webhook.test`, whatever types the webhook wants, also when it is switched off.
/// What came of it is in the delivery log.
#[utoipa::path(
    post,
    path = "/api/v1/account/webhooks/{id}/test",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "A webhook of the account.")),
    responses(
        (status = 201, description = "The delivery, on its way.", body = WebhookDelivery),
        (status = 429, description = "`rate_limited`: 60 events were sent by hand to this webhook within an hour.")
    ),
    security(("account_token" = ["owner"]))
)]
pub async fn test_webhook(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(owner).test(&app, id).await
}

/// Read a webhook's delivery log
///
/// For owners. What was sent and what waits, the newest first, with every try: when, what the receiver answered, how long it
/// took. Entries go 30 days after they ended.
#[utoipa::path(
    get,
    path = "/api/v1/account/webhooks/{id}/deliveries",
    tag = "Webhooks",
    params(("id" = WebhookId, Path, description = "A webhook of the account."), PageQuery),
    responses((status = 200, description = "A page of deliveries.", body = Page<WebhookDelivery>)),
    security(("account_token" = ["owner"]))
)]
pub async fn list_webhook_deliveries(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(owner).deliveries(&app, id, query).await
}

/// Deliver an event once more
///
/// For owners. Posts an event of the log again, under the same `webhook-id`: a receiver that has it already knows it by that. It
/// waits for no other event, and goes out when the webhook is switched off too.
#[utoipa::path(
    post,
    path = "/api/v1/account/webhooks/{id}/deliveries/{delivery_id}/redeliver",
    tag = "Webhooks",
    params(
        ("id" = WebhookId, Path, description = "A webhook of the account."),
        ("delivery_id" = WebhookDeliveryId, Path, description = "A delivery of its log.")
    ),
    responses(
        (status = 201, description = "The new delivery, on its way.", body = WebhookDelivery),
        (status = 429, description = "`rate_limited`: 60 events were sent by hand to this webhook within an hour.")
    ),
    security(("account_token" = ["owner"]))
)]
pub async fn redeliver_webhook(
    owner: AccountOwner,
    app: web::Data<App>,
    Path((id, delivery)): Path<(WebhookId, WebhookDeliveryId)>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(owner).redeliver(&app, id, delivery).await
}
