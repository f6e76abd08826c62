//! What operators and programs ask of the server itself.

use actix_web::{HttpResponse, web};

use super::query::ok;
use crate::app::App;
use crate::auth::actor::Anyone;
use crate::auth::keys::PUBLISHED_SECONDS;
use crate::clock::Time;
use crate::error::ApiError;
use crate::jobs::{outbox, webhooks};

/// Alive
///
/// Anyone may call this. Whether the server answers at all; it asks nothing else, so that a database that is away
/// does not get the server restarted.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "System",
    responses(
        (
            status = 200,
            description = "The server is alive.",
            body = Object,
            content_type = "application/json",
            example = json!({"status": "alive"})
        )
    ),
    security(())
)]
pub async fn check_health(_: Anyone) -> HttpResponse {
    ok(serde_json::json!({"status": "alive"}))
}

/// Ready
///
/// Anyone may call this. Whether the server can do its work: the database is reachable and its schema is up to
/// date.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "System",
    responses(
        (
            status = 200,
            description = "The server is ready.",
            body = Object,
            content_type = "application/json",
            example = json!({"status": "ready"})
        ),
        (status = 503, description = "`unavailable`: the database is away or not migrated.")
    ),
    security(())
)]
pub async fn check_readiness(_: Anyone, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    app.services.db.check_ready().await?;
    Ok(ok(serde_json::json!({"status": "ready"})))
}

/// Metrics
///
/// Anyone who can reach it may call this: operators keep it from the public by their proxy. Requests by route and
/// status with their times, failed sign-ins, mails that wait, and the database's queue, in the text format of
/// Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "System",
    responses(
        (
            status = 200,
            description = "The metrics.",
            body = String,
            content_type = "text/plain",
            example = json!("portal_outbox_pending 0\n")
        )
    ),
    security(())
)]
pub async fn read_metrics(_: Anyone, app: web::Data<App>) -> HttpResponse {
    let db = &app.services.db;
    let mails = outbox::pending(db).await;
    let webhooks = webhooks::pending(db).await;
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats, and these are small numbers")]
    {
        // Unreachable is worth a number too: the rest is still to be seen.
        metrics::gauge!("portal_database_reachable")
            .set(f64::from(u8::from(mails.is_ok() && webhooks.is_ok())));
        let (depth, oldest) = mails.unwrap_or((-1, None));
        metrics::gauge!("portal_outbox_pending").set(depth as f64);
        metrics::gauge!("portal_outbox_age_seconds").set(age(&app, oldest));
        let (depth, oldest) = webhooks.unwrap_or((-1, None));
        metrics::gauge!("portal_webhooks_pending").set(depth as f64);
        metrics::gauge!("portal_webhooks_age_seconds").set(age(&app, oldest));
        metrics::gauge!("portal_database_queue").set(db.queued() as f64);
        metrics::gauge!("portal_connections").set(app.connections.count() as f64);
        metrics::gauge!("portal_event_streams").set(app.events.count() as f64);
        metrics::gauge!("portal_database_connections").set(app.config.connections() as f64);
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(app.metrics.render())
}

/// The seconds since then; none have passed since never.
fn age(app: &App, since: Option<Time>) -> f64 {
    since.map_or(0.0, |since| (app.clock.now() - since).as_seconds_f64().max(0.0))
}

/// Public keys
///
/// Anyone may call this. The public keys (Ed25519) that the portal's tokens are signed by, as a JWK set (RFC 7517);
/// several at once while keys rotate. Who checks tokens by them keeps the answer for five minutes and asks again
/// for an unknown `kid`. A valid signature does not say that access has not ended since: ask `introspect_token` for
/// that.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "System",
    responses(
        (
            status = 200,
            description = "The public keys.",
            body = Object,
            content_type = "application/json",
            example = json!({"keys": [{
                "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
                "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
            }]})
        )
    ),
    security(())
)]
pub async fn read_jwks(_: Anyone, app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", format!("public, max-age={PUBLISHED_SECONDS}")))
        // Pages of any site may check tokens: there is nothing in it that is not public.
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .json(app.tokens.keys().reloaded().published())
}
