//! Webhooks of the operator, which hear of all accounts.

use actix_web::{HttpResponse, web};
use portal_api_types::{
    NewWebhook, Page, UpdateWebhook, Webhook, WebhookDelivery, WebhookDeliveryId, WebhookId,
    WebhookWithSecret,
};

use super::body::Body;
use super::creating::{Creating, IdempotencyHeader};
use super::query::{PageQuery, Path, Query};
use super::webhooks::keeper::Keeper;
use crate::app::App;
use crate::auth::actor::Operator;
use crate::error::ApiError;

/// List the operator's webhooks
///
/// For the operator. All webhooks that the operator's keys have made, the first to come first: there are at most 10, so
/// that they come as one page.
#[utoipa::path(
    get,
    path = "/api/v1/operator/webhooks",
    tag = "Operator",
    responses((status = 200, description = "The webhooks, without their secrets.", body = Page<Webhook>)),
    security(("operator_key" = []))
)]
pub async fn list_operator_webhooks(
    operator: Operator,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(operator).list(&app).await
}

/// Make a webhook of the operator
///
/// For the operator. From now on, what changes in any account, and what is told to the operator only, is posted to `url`,
/// signed with the secret of the answer, which is shown this once; see *Webhooks* for what is posted and how to verify it.
///
/// The URL begins with `https://` and leads to an address of the public internet. The webhook is the operator's, not the
/// key's: it goes on when the key is revoked, and every key of the operator may change it.
#[utoipa::path(
    post,
    path = "/api/v1/operator/webhooks",
    tag = "Operator",
    params(IdempotencyHeader),
    request_body = NewWebhook,
    responses(
        (status = 201, description = "The webhook, and its secret.", body = WebhookWithSecret),
        (
            status = 409,
            description = "`too_many_webhooks`: the operator has 10 webhooks already. `answer_not_kept`: the same request \
                with the same `Idempotency-Key` has made the webhook already. Its secret is kept nowhere."
        ),
        (
            status = 422,
            description = "`invalid_value`: the URL is not one that the portal speaks to."
        )
    ),
    security(("operator_key" = []))
)]
pub async fn create_operator_webhook(
    operator: Operator,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<NewWebhook>,
) -> Result<HttpResponse, ApiError> {
    let once = attempt.by(&operator.caller());
    Keeper::from(operator).create(&app, body, once).await
}

/// Read a webhook of the operator
///
/// For the operator. Where it leads, what it wants, and whether it works.
#[utoipa::path(
    get,
    path = "/api/v1/operator/webhooks/{id}",
    tag = "Operator",
    params(("id" = WebhookId, Path, description = "A webhook of the operator.")),
    responses((status = 200, description = "The webhook, without its secret.", body = Webhook)),
    security(("operator_key" = []))
)]
pub async fn read_operator_webhook(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(operator).read(&app, id).await
}

/// Change a webhook of the operator
///
/// For the operator. What is left out stays. Switched off, what waits is cancelled. Switched on, it starts afresh.
#[utoipa::path(
    patch,
    path = "/api/v1/operator/webhooks/{id}",
    tag = "Operator",
    params(("id" = WebhookId, Path, description = "A webhook of the operator.")),
    request_body = UpdateWebhook,
    responses(
        (status = 200, description = "The webhook, as changed.", body = Webhook),
        (
            status = 422,
            description = "`invalid_value`: the URL is not one that the portal speaks to."
        )
    ),
    security(("operator_key" = []))
)]
pub async fn update_operator_webhook(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
    Body(body): Body<UpdateWebhook>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(operator).update(&app, id, body).await
}

/// Delete a webhook of the operator
///
/// For the operator. Nothing more is sent, not even what waits, and its delivery log is gone.
#[utoipa::path(
    delete,
    path = "/api/v1/operator/webhooks/{id}",
    tag = "Operator",
    params(("id" = WebhookId, Path, description = "A webhook of the operator.")),
    responses((status = 204, description = "The webhook is gone.")),
    security(("operator_key" = []))
)]
pub async fn delete_operator_webhook(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(operator).delete(&app, id).await
}

/// Give a webhook of the operator a new secret
///
/// For the operator. The answer shows it this once. For 24 hours the old secret signs too: `webhook-signature` then has two
/// signatures, parted by a blank, so that a receiver that knows either loses nothing. A second rotation within that
/// time ends the first secret at once.
#[utoipa::path(
    post,
    path = "/api/v1/operator/webhooks/{id}/secret",
    tag = "Operator",
    params(("id" = WebhookId, Path, description = "A webhook of the operator.")),
    responses((status = 201, description = "The webhook, and its new secret.", body = WebhookWithSecret)),
    security(("operator_key" = []))
)]
pub async fn rotate_operator_webhook_secret(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(operator).rotate(&app, id).await
}

/// Send a test event to the operator
///
/// For the operator. Posts an event of the type `webhook.test`, whatever types the webhook wants, also when it is switched off.
/// What came of it is in the delivery log.
#[utoipa::path(
    post,
    path = "/api/v1/operator/webhooks/{id}/test",
    tag = "Operator",
    params(("id" = WebhookId, Path, description = "A webhook of the operator.")),
    responses(
        (status = 201, description = "The delivery, on its way.", body = WebhookDelivery),
        (status = 429, description = "`rate_limited`: 60 events were sent by hand to this webhook within an hour.")
    ),
    security(("operator_key" = []))
)]
pub async fn test_operator_webhook(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(operator).test(&app, id).await
}

/// Read the delivery log of a webhook of the operator
///
/// For the operator. What was sent and what waits, the newest first, with every try: when, what the receiver answered, how long it
/// took. Entries go 30 days after they ended.
#[utoipa::path(
    get,
    path = "/api/v1/operator/webhooks/{id}/deliveries",
    tag = "Operator",
    params(("id" = WebhookId, Path, description = "A webhook of the operator."), PageQuery),
    responses((status = 200, description = "A page of deliveries.", body = Page<WebhookDelivery>)),
    security(("operator_key" = []))
)]
pub async fn list_operator_webhook_deliveries(
    operator: Operator,
    app: web::Data<App>,
    Path(id): Path<WebhookId>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(operator).deliveries(&app, id, query).await
}

/// Deliver an event to the operator once more
///
/// For the operator. Posts an event of the log again, under the same `webhook-id`: a receiver that has it already knows it by that. It
/// waits for no other event, and goes out when the webhook is switched off too.
#[utoipa::path(
    post,
    path = "/api/v1/operator/webhooks/{id}/deliveries/{delivery_id}/redeliver",
    tag = "Operator",
    params(
        ("id" = WebhookId, Path, description = "A webhook of the operator."),
        ("delivery_id" = WebhookDeliveryId, Path, description = "A delivery of its log.")
    ),
    responses(
        (status = 201, description = "The new delivery, on its way.", body = WebhookDelivery),
        (status = 429, description = "`rate_limited`: 60 events were sent by hand to this webhook within an hour.")
    ),
    security(("operator_key" = []))
)]
pub async fn redeliver_operator_webhook(
    operator: Operator,
    app: web::Data<App>,
    Path((id, delivery)): Path<(WebhookId, WebhookDeliveryId)>,
) -> Result<HttpResponse, ApiError> {
    Keeper::from(operator).redeliver(&app, id, delivery).await
}
