//! The API's description, for programs and for people.

use std::sync::{Arc, LazyLock};

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::Config;

use crate::auth::actor::Anyone;
use crate::error::ApiError;
use crate::openapi;

/// Read this document
///
/// Anyone may call this. The OpenAPI document of the portal that answers, which fits its version.
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "System",
    responses(
        (
            status = 200,
            description = "This document.",
            body = Object,
            content_type = "application/json",
            example = json!({"openapi": "3.1.0", "info": {"title": "Accounting portal", "version": "0.1.0"}, "paths": {}})
        )
    ),
    security(())
)]
pub async fn read_openapi(_: Anyone) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(openapi::text())
}

/// No question goes to another host: by default Swagger UI has a public service judge the document.
static SWAGGER_UI: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    Arc::new(
        Config::new(["/api/openapi.json"])
            .validator_url("none")
            .try_it_out_enabled(true)
            .persist_authorization(false)
            .display_request_duration(true)
            .deep_linking(true)
            .filter(true)
            .doc_expansion("list"),
    )
});

/// OAuth refuses a wrong secret by a challenge for HTTP Basic, on which a browser asks for a password by a dialog of its own,
/// and the page never hears of the answer. Requests that leave the browser's own credentials out are spared that.
fn without_dialog(initializer: &str) -> String {
    let bundle = "SwaggerUIBundle({";
    let omit = "\n    requestInterceptor: (request) => \
                new URL(request.url, location).pathname.startsWith(\"/oauth/\") ? \
                Object.assign(request, { credentials: \"omit\" }) : request,";
    initializer.replacen(bundle, &format!("{bundle}{omit}"), 1)
}

/// Read a file of Swagger UI
pub async fn read_swagger_ui(_: Anyone, file: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let found = utoipa_swagger_ui::serve(&file, Arc::clone(&SWAGGER_UI)).map_err(|error| {
        tracing::error!(%error, "a file of Swagger UI cannot be served");
        ApiError::internal()
    })?;
    let Some(mut found) = found else { return Ok(HttpResponse::NotFound().finish()) };
    if file.as_str() == "swagger-initializer.js" {
        found.bytes = without_dialog(&String::from_utf8_lossy(&found.bytes)).into_bytes().into();
    }
    let mut answer = HttpResponse::Ok();
    if found.gzpipped {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    // Its scripts are files, but it writes styles into the page.
    answer.insert_header((
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ));
    Ok(answer.content_type(found.content_type).body(found.bytes.into_owned()))
}
