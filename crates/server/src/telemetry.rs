//! Logs, metrics and traces.

#[cfg(feature = "otlp")]
mod otlp;

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{Config, LogFormat};
use crate::store::retention::KINDS;

/// The target of spans that are traces. They are of the level DEBUG, so that they cost next to nothing where nobody asks.
pub const TRACE: &str = "portal_trace";

/// Starts logging to standard error. A second call changes nothing.
pub fn init(filter: &str, format: LogFormat) {
    // Fails only when there is a logger already.
    let _ = tracing_subscriber::registry().with(logger(filter, format)).try_init();
}

/// What goes on for as long as the portal serves.
#[derive(Default)]
pub struct Telemetry {
    #[cfg(feature = "otlp")]
    _exporting: Option<otlp::Exporting>,
}

/// Starts logging as [`init`] does, and sends traces where the configuration says to.
///
/// # Errors
/// A sentence, where traces are wanted and cannot be sent.
#[cfg(feature = "otlp")]
pub fn init_serving(config: &Config) -> Result<Telemetry, String> {
    let Some(url) = &config.otlp_url else {
        init(&config.log, config.log_format);
        return Ok(Telemetry::default());
    };
    let (traces, exporting) = otlp::start(url).map_err(|error| error.to_string())?;
    let logger = logger(&config.log, config.log_format);
    let _ = tracing_subscriber::registry().with(traces).with(logger).try_init();
    Ok(Telemetry { _exporting: Some(exporting) })
}

/// Starts logging as [`init`] does.
///
/// # Errors
/// A sentence, where traces are wanted: this program has been built without them.
#[cfg(not(feature = "otlp"))]
pub fn init_serving(config: &Config) -> Result<Telemetry, String> {
    if config.otlp_url.is_some() {
        return Err("this program was built without traces: build it with `--features otlp`".to_owned());
    }
    init(&config.log, config.log_format);
    Ok(Telemetry::default())
}

/// Makes the span of a request part of the trace that its caller names.
#[cfg_attr(not(feature = "otlp"), expect(unused_variables, reason = "there are no traces to be part of"))]
pub fn continue_trace(span: &tracing::Span, headers: &actix_web::http::header::HeaderMap) {
    #[cfg(feature = "otlp")]
    otlp::continue_trace(span, headers);
}

/// Names the span of a request by its route, which is known when it has been served.
#[cfg_attr(not(feature = "otlp"), expect(unused_variables, reason = "there are no traces that have names"))]
pub fn name_span(span: &tracing::Span, name: String) {
    #[cfg(feature = "otlp")]
    otlp::name_span(span, name);
}

fn logger<S>(filter: &str, format: LogFormat) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal();
    let lines = tracing_subscriber::fmt::layer().with_ansi(colours).with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
    };
    lines.with_filter(filter)
}

/// How long durations are kept one by one.
const SUM_UP_EVERY: Duration = Duration::from_secs(1);

tokio::task_local! {
    static REQUEST_ID: String;
}

/// Serves a request under its id, which [`request_id`] then tells.
pub async fn serving<T>(id: String, request: impl Future<Output = T>) -> T {
    REQUEST_ID.scope(id, request).await
}

/// The id of the request that is being served; empty for what no request has asked for.
pub fn request_id() -> String {
    REQUEST_ID.try_with(String::clone).unwrap_or_default()
}

/// The recorder of what is measured: one a process.
pub fn metrics() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
            let durations = Matcher::Suffix("_seconds".to_owned());
            let recorder = PrometheusBuilder::new()
                .set_buckets_for_metric(durations, &buckets)
                .unwrap_or_else(|_| PrometheusBuilder::new())
                .build_recorder();
            let handle = recorder.handle();
            // Fails only when there is a recorder already.
            let _ = metrics::set_global_recorder(recorder);
            describe();
            sum_up(handle.clone());
            handle
        })
        .clone()
}

/// Sums durations up for as long as the process runs. The recorder keeps each one until then, and whether anybody asks for the
/// metrics, which would do it too, is not ours to say.
fn sum_up(handle: PrometheusHandle) {
    let begun = std::thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        loop {
            std::thread::sleep(SUM_UP_EVERY);
            handle.run_upkeep();
        }
    });
    if let Err(error) = begun {
        tracing::error!(%error, "could not start the thread that sums metrics up");
    }
}

/// What is measured, for who reads it: the kind, the name and a sentence.
pub const MEASURED: [(&str, &str, &str); 21] = [
    ("histogram", "http_request_duration_seconds", "How long requests took, by method, route and status"),
    (
        "histogram",
        "portal_database_wait_seconds",
        "How long work for the database waited for a thread, by read and write",
    ),
    ("histogram", "portal_database_run_seconds", "How long it then took, by read, write and question"),
    ("counter", "portal_database_refused_total", "Work that was refused: the queue was full, or it was late"),
    (
        "counter",
        "portal_database_given_up_total",
        "Connections that were given up, as the database has not answered for long",
    ),
    ("gauge", "portal_database_queue", "Work that waits for a thread now"),
    (
        "gauge",
        "portal_database_connections",
        "The connections that this process keeps to the database at most",
    ),
    ("gauge", "portal_database_reachable", "Whether the database answered just now: 1 or 0"),
    ("counter", "portal_mails_total", "Tries to send a mail, by outcome: sent, deferred or failed"),
    ("gauge", "portal_outbox_pending", "Mails that wait; -1 when the database does not answer"),
    ("gauge", "portal_outbox_age_seconds", "How long the oldest of them has waited"),
    (
        "counter",
        "portal_webhooks_total",
        "Tries to deliver an event, by outcome: delivered, deferred or failed",
    ),
    (
        "gauge",
        "portal_webhooks_pending",
        "Events that wait to be delivered; -1 when the database does not answer",
    ),
    ("gauge", "portal_webhooks_age_seconds", "How long the oldest of them has waited"),
    ("gauge", "portal_event_streams", "Event streams that are open"),
    ("gauge", "portal_connections", "Connections that are open"),
    (
        "counter",
        "portal_connections_refused_total",
        "Requests that were refused, as they came by a connection too many",
    ),
    ("counter", "portal_sign_in_failures_total", "Sign-ins that failed"),
    ("counter", "portal_client_failures_total", "Wrong secrets of API keys"),
    ("counter", "portal_forgotten_rows_total", "Rows that were deleted since their time was over, by table"),
    ("gauge", "portal_build_info", "Always 1; its label is the version"),
];

/// Says what is measured, and lets counters begin at nothing: an alert cannot tell the first failure from no news.
fn describe() {
    for (kind, name, sentence) in MEASURED {
        match kind {
            "counter" => metrics::describe_counter!(name, sentence),
            "gauge" => metrics::describe_gauge!(name, sentence),
            _ => metrics::describe_histogram!(name, sentence),
        }
    }
    for reason in ["full", "late"] {
        metrics::counter!("portal_database_refused_total", "reason" => reason).absolute(0);
    }
    for outcome in ["sent", "deferred", "failed"] {
        metrics::counter!("portal_mails_total", "outcome" => outcome).absolute(0);
    }
    for outcome in ["delivered", "deferred", "failed"] {
        metrics::counter!("portal_webhooks_total", "outcome" => outcome).absolute(0);
    }
    for kind in KINDS {
        metrics::counter!("portal_forgotten_rows_total", "table" => kind.table).absolute(0);
    }
    metrics::counter!("portal_database_given_up_total").absolute(0);
    metrics::counter!("portal_connections_refused_total").absolute(0);
    metrics::counter!("portal_sign_in_failures_total").absolute(0);
    metrics::counter!("portal_client_failures_total").absolute(0);
    metrics::gauge!("portal_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn resident_mib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").expect("the process's own status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1_024
    }

    #[test]
    fn what_is_measured_takes_no_memory_though_nobody_asks_for_it() {
        metrics();
        let measure = || {
            let durations = metrics::histogram!("http_request_duration_seconds", "route" => "/a-test");
            for _ in 0..1_000_000 {
                durations.record(0.001);
            }
            std::thread::sleep(SUM_UP_EVERY * 2);
            resident_mib()
        };
        let before = measure();
        // 8 MiB each time, if they were kept.
        for _ in 0..5 {
            measure();
        }
        let after = measure();
        assert!(after < before + 20, "{before} MiB, and {after} MiB after six million durations more");
    }
}
