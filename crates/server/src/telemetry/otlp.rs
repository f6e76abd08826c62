//! Traces for a collector, by OTLP over HTTP (feature `otlp`).
//!
//! Only our own spans go out, those of the target [`super::TRACE`]: a request with its route and status, what it did in the
//! database, a mail and an event that are sent. Neither has paths, addresses or names in it.

use actix_web::http::header::{HeaderMap, HeaderName};
use async_trait::async_trait;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// What sends traces; what waits goes out when it is dropped.
pub(super) struct Exporting {
    provider: SdkTracerProvider,
    /// Where the requests to the collector run.
    _runtime: tokio::runtime::Runtime,
}

impl Drop for Exporting {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

/// Requests on a runtime of their own: the exporter's thread has none.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    runtime: tokio::runtime::Handle,
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let http = self.http.clone();
        // Begun in there, too: a request has a time limit from its beginning.
        let answered = self.runtime.spawn(async move {
            let answer = http.execute(request).await?;
            let status = answer.status();
            Ok::<_, reqwest::Error>((status, answer.bytes().await?))
        });
        let (status, body) = answered.await??;
        Ok(Response::builder().status(status).body(body)?)
    }
}

/// Starts to send, and answers what hands our spans over.
pub(super) fn start<S>(url: &str) -> Result<(impl Layer<S>, Exporting), Box<dyn std::error::Error>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("otlp")
        .enable_all()
        .build()?;
    let http = reqwest::Client::builder()
        .timeout(std::time::Duration::from_secs(5))
        .tls_backend_preconfigured(crate::outbound::tls_config()?)
        .build()?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client { http, runtime: runtime.handle().clone() })
        .with_endpoint(format!("{}/v1/traces", url.trim_end_matches('/')))
        .build()?;
    let resource = Resource::builder()
        .with_service_name("accounting-portal")
        .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("portal"))
        .with_location(false)
        .with_threads(false)
        .with_filter(Targets::new().with_target(super::TRACE, tracing::Level::DEBUG));
    Ok((layer, Exporting { provider, _runtime: runtime }))
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// Gives a span its name. From a field it takes none any more, once it was entered.
pub(super) fn name_span(span: &Span, name: String) {
    span.context().span().update_name(name);
}

/// Makes the span part of the trace that the caller names, by W3C's `traceparent`.
pub(super) fn continue_trace(span: &Span, headers: &HeaderMap) {
    // Refused only where nobody listens to spans.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
}
