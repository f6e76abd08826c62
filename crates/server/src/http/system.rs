//! What operators and programs ask of the server itself.

use actix_web::{HttpResponse, web};

use super::query::ok;
use crate::app::App;
use crate::auth::actor::Anyone;
use crate::error::ApiError;
use crate::jobs::outbox;

/// Alive
pub async fn check_health(_: Anyone) -> HttpResponse {
    ok(serde_json::json!({"status": "alive"}))
}

/// Ready
pub async fn check_readiness(_: Anyone, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    app.services.db.check_ready().await?;
    Ok(ok(serde_json::json!({"status": "ready"})))
}

/// Metrics
pub async fn read_metrics(_: Anyone, app: web::Data<App>) -> HttpResponse {
    // Unreachable is worth a number too: the rest is still to be seen.
    let depth = outbox::depth(&app.services.db).await.unwrap_or(-1);
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats, and these are small numbers")]
    {
        metrics::gauge!("portal_outbox_pending").set(depth as f64);
        metrics::gauge!("portal_database_queue").set(app.services.db.queued() as f64);
        metrics::gauge!("portal_database_connections").set(app.config.connections() as f64);
    }
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(app.metrics.render())
}

/// Public keys
pub async fn read_jwks(_: Anyone, app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "public, max-age=300"))
        .json(app.tokens.keys().ring().published())
}
