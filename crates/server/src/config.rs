//! The configuration: one definition for flags, environment variables and `--help`. `.env` is read by `main`.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ipnet::IpNet;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// Where the database is, and what else every command needs.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// The database: `sqlite://PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite://portal.db", hide_env_values = true)]
    pub database_url: String,
    /// How many connections this process keeps to the database. By default as many as suit the database.
    #[arg(long = "db-connections", env = "PORTAL_DB_CONNECTIONS", value_parser = parse_connections)]
    pub db_connections: Option<usize>,
    /// Refuse to serve on a PostgreSQL that could lose answered changes in a power cut: with `fsync` or `full_page_writes` off.
    /// Without this, it is only warned of.
    #[arg(long = "require-durable", env = "PORTAL_REQUIRE_DURABLE")]
    pub require_durable: bool,
    /// The address to listen on.
    #[arg(long = "listen", env = "PORTAL_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The URL by which browsers reach the portal: what the links of mails start with.
    #[arg(long = "public-url", env = "PORTAL_PUBLIC_URL", default_value = "http://localhost:8080", value_parser = parse_public_url)]
    pub public_url: String,
    /// The mail server: `smtp://` or `smtps://`, with user and password in it. Without one, mails are written to files.
    #[arg(long = "smtp-url", env = "PORTAL_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// A PEM file with a root certificate that the mail server's certificate may be signed by, besides the public ones.
    #[arg(long = "smtp-ca-file", env = "PORTAL_SMTP_CA_FILE")]
    pub smtp_ca_file: Option<PathBuf>,
    /// Where mails are written as `.eml` files when there is no mail server.
    #[arg(long = "mail-dir", env = "PORTAL_MAIL_DIR", default_value = "mail")]
    pub mail_dir: PathBuf,
    /// Whom mails come from.
    #[arg(
        long = "mail-from",
        env = "PORTAL_MAIL_FROM",
        default_value = "Accounting Portal <no-reply@localhost>"
    )]
    pub mail_from: String,
    /// Where the signing keys are; made at the first start. All processes of one portal share it.
    #[arg(long = "keys-dir", env = "PORTAL_KEYS_DIR", default_value = "keys")]
    pub keys_dir: PathBuf,
    /// The built browser app to serve: the folder that `trunk build --release` writes. Read once, at the start.
    #[arg(long = "frontend-dir", env = "PORTAL_FRONTEND_DIR")]
    pub frontend_dir: Option<PathBuf>,
    /// Origins of browser apps that are served from elsewhere, separated by commas.
    #[arg(long = "cors-origins", env = "PORTAL_CORS_ORIGINS", value_delimiter = ',', value_parser = parse_origin)]
    pub cors_origins: Vec<String>,
    /// Proxies whose `X-Forwarded-For` counts: addresses or networks, separated by commas.
    #[arg(long = "trusted-proxies", env = "PORTAL_TRUSTED_PROXIES", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxies: Vec<IpNet>,
    /// What to log, as in `info,portal_server=debug`.
    #[arg(long = "log", env = "PORTAL_LOG", default_value = "info,actix_http=off,actix_server=warn", value_parser = parse_filter)]
    pub log: String,
    /// How log lines look.
    #[arg(long = "log-format", env = "PORTAL_LOG_FORMAT", value_enum, default_value = "text")]
    pub log_format: LogFormat,
    /// The collector that traces go to by OTLP over HTTP, such as `http://127.0.0.1:4318`. Needs a program that was built
    /// with the feature `otlp`.
    #[arg(long = "otlp-url", env = "PORTAL_OTLP_URL")]
    pub otlp_url: Option<String>,
    /// What the limits per network, inviter and address are multiplied by.
    #[arg(long = "rate-limit-factor", env = "PORTAL_RATE_LIMIT_FACTOR", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate_limit_factor: u32,
    /// Addresses that are not public, or are spoken to without TLS, and that webhooks may be sent to all the same: addresses or
    /// networks, separated by commas. For receivers in the operator's own network.
    #[arg(long = "webhook-allow", env = "PORTAL_WEBHOOK_ALLOW", value_delimiter = ',', value_parser = parse_network)]
    pub webhook_allow: Vec<IpNet>,
    /// How often, in seconds, an event stream without events shows that it is alive, and asks whether it may go on. Less
    /// than a proxy's time limit for idle connections.
    #[arg(long = "event-heartbeat", env = "PORTAL_EVENT_HEARTBEAT", default_value = "15", value_parser = clap::value_parser!(u64).range(1..=300))]
    pub event_heartbeat: u64,
    /// How many event streams this process keeps open at most.
    #[arg(long = "event-streams", env = "PORTAL_EVENT_STREAMS", default_value = "5000")]
    pub event_streams: usize,
    /// How many connections this process serves at the same time, event streams among them. Beyond that, requests are answered
    /// with 503. Fewer where the system allows fewer open files: each takes two.
    #[arg(long = "max-connections", env = "PORTAL_MAX_CONNECTIONS", default_value = "10000", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub max_connections: u32,
    /// How many seconds a request's head may take to arrive, and how many its body may.
    #[arg(long = "request-timeout", env = "PORTAL_REQUEST_TIMEOUT", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=300))]
    pub request_timeout: u64,
}

impl Config {
    /// The public URL, without a slash at its end.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Whether browsers reach the portal by https: then cookies are `Secure`.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether `/dev/mail` is there: only when mails go to files and nobody else can reach the server.
    pub fn shows_dev_mail(&self) -> bool {
        self.smtp_url.is_none() && self.listen.ip().is_loopback()
    }

    /// The connections to keep.
    pub fn connections(&self) -> usize {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get);
        self.db_connections.unwrap_or(if self.database_url.starts_with("sqlite") {
            cores + 1
        } else {
            cores * 4
        })
    }
}

/// Each is a thread.
fn parse_connections(text: &str) -> Result<usize, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|count| (1..=512).contains(count))
        .ok_or_else(|| "use a number from 1 to 512".to_owned())
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| format!("{text} is neither an address nor a network"))
}

fn parse_public_url(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).map_err(|_| "it must be a URL such as https://portal.example.com")?;
    if !matches!(url.scheme(), "http" | "https")
        || url.host().is_none()
        || url.path() != "/"
        || url.query().is_some()
    {
        return Err("it must be http:// or https:// and a host, without a path".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn parse_origin(text: &str) -> Result<String, String> {
    let origin = text.trim();
    match url::Url::parse(origin) {
        Ok(url) if url.origin().is_tuple() && url.origin().ascii_serialization() == origin => {
            Ok(origin.to_owned())
        }
        _ => Err("an origin is scheme, host and port, such as https://app.example.com, and nothing else"
            .to_owned()),
    }
}

fn parse_filter(text: &str) -> Result<String, String> {
    // The filter's own parser cuts texts at bytes.
    if !text.is_ascii() {
        return Err("a filter is ASCII, such as info,portal_server=debug".to_owned());
    }
    tracing_subscriber::EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_setting_is_taken_as_it_is_meant_or_refused_with_a_sentence(
            text in any::<String>(),
            host in "[a-z0-9.:\\[\\]-]{1,20}",
            four in any::<u32>(),
            length in 0_u8..40,
            filter in "[ -~]{0,30}",
        ) {
            let network = format!("{}/{length}", std::net::Ipv4Addr::from(four));
            for text in [text.clone(), network, format!("{host}/{length}")] {
                match parse_network(&text) {
                    Ok(network) => prop_assert_eq!(parse_network(&network.to_string()), Ok(network)),
                    Err(why) => prop_assert!(!why.is_empty()),
                }
            }
            for text in [
                text.clone(),
                format!("https://{host}"),
                format!("http://{host}/"),
                format!("https://{host}/{text}"),
            ] {
                if let Ok(url) = parse_public_url(&text) {
                    prop_assert!(url.starts_with("http") && !url.ends_with('/'), "{}", url);
                    prop_assert_eq!(parse_public_url(&url), Ok(url.clone()));
                }
                if let Ok(origin) = parse_origin(&text) {
                    prop_assert_eq!(parse_origin(&origin), Ok(origin.clone()));
                    prop_assert!(parse_public_url(&origin).is_ok() || !origin.starts_with("http"), "{}", origin);
                }
            }
            for text in [text, filter] {
                prop_assert!(parse_filter(&text).is_err() || text.is_ascii());
            }
        }
    }
}
