//! The built browser app: its files, and its page for every path that is not the API's.

mod files;
mod policy;

use actix_web::guard::GuardContext;
use actix_web::http::header::{
    self, AcceptEncoding, ContentEncoding, ETag, Encoding, EntityTag, Header, IfNoneMatch,
};
use actix_web::{HttpRequest, HttpResponse, web};

use self::files::{Form, Served};
pub use self::files::{Frontend, FrontendError};
use crate::auth::actor::Anyone;

/// First segments of paths that are never the app's: what is not there stays a 404 for programs to read.
const RESERVED: [&str; 8] =
    ["api", "swagger-ui", "healthz", "readyz", "metrics", ".well-known", "oauth", "dev"];

/// Whether a request is for the app rather than for the API and its neighbours.
pub fn is_apps(request: &GuardContext<'_>) -> bool {
    let path = request.head().uri.path();
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    !RESERVED.contains(&first)
}

/// Read a file of the app
///
/// A path that names no file is a page of the app, which knows its own routes, unless it looks like a file: a script of
/// last week's build must not come as a page.
pub async fn read_app(
    _: Anyone,
    app: web::Data<Frontend>,
    path: web::Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    let looks_like_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match app.file(&path) {
        Some(file) => answer(file, &request),
        None if looks_like_file => HttpResponse::NotFound().finish(),
        None => answer(app.index(), &request),
    }
}

/// The file in the form that the browser likes best, or word that it has that one.
fn answer(file: &Served, request: &HttpRequest) -> HttpResponse {
    let form = negotiate(file, request);
    let etag = EntityTag::new_strong(form.etag.clone());
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&etag)),
        Err(_) => false,
    };
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    // A 304 replaces the headers that the browser has kept, so it needs the page's policy as much as the page does.
    answer
        .insert_header(ETag(etag))
        .insert_header((header::VARY, "accept-encoding"))
        .insert_header((header::CACHE_CONTROL, file.cache));
    if let Some(policy) = &file.policy {
        answer.insert_header((header::CONTENT_SECURITY_POLICY, policy.as_str()));
    }
    if known {
        return answer.finish();
    }
    if form.encoding != ContentEncoding::Identity {
        answer.insert_header(form.encoding);
    }
    answer.content_type(file.content_type.as_str()).body(form.bytes.clone())
}

/// The form that the browser likes best of those there are (RFC 9110 section 12.5.3); for who refuses all, the plain one.
fn negotiate<'a>(file: &'a Served, request: &HttpRequest) -> &'a Form {
    let mut there: Vec<_> = file.forms.iter().map(|form| Encoding::Known(form.encoding)).collect();
    there.push(Encoding::identity());
    let liked = AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(there.iter()));
    let form = file.forms.iter().find(|form| liked == Some(Encoding::Known(form.encoding)));
    form.unwrap_or(&file.plain)
}
