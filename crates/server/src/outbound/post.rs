//! One POST to an address that a user has named: to where the rule allows, with time limits, without following redirects,
//! and reading no more of the answer than a look-back needs.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use rustls::{ClientConfig, RootCertStore};
use url::Url;

use super::addresses::{NotAdmitted, Resolver, Targets};

/// How long a connection may take.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long all of it may take, from the name to the last byte that is read.
const TOTAL_TIME: Duration = Duration::from_secs(15);
/// How much of an answer is read, in bytes.
const READ_AT_MOST: usize = 4 * 1024;
/// How much of that is kept, in characters.
const KEEP_AT_MOST: usize = 1_000;
/// How long a connection is kept for the next one.
const IDLE_TIME: Duration = Duration::from_secs(20);

const USER_AGENT: &str = concat!("AccountingPortal-Webhooks/", env!("CARGO_PKG_VERSION"));

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status; nothing without an answer.
    pub status: Option<u16>,
    /// Why there is no answer, or why it is no success; nothing for 2xx.
    pub error: Option<String>,
    /// How the answer's body began, in one form that is harmless to show.
    pub excerpt: Option<String>,
}

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// TLS.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    /// The client.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
}

/// Sends. Cheap to clone.
#[derive(Clone)]
pub struct Poster {
    targets: Targets,
    /// By TLS, and without: what they may connect to is not the same.
    tls: Client,
    plain: Client,
}

impl Poster {
    /// A sender to these targets.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(targets: Targets) -> Result<Self, SetupError> {
        let config = tls_config()?;
        let client = |tls: bool| {
            Client::builder()
                .dns_resolver(Arc::new(Resolver { targets: targets.clone(), tls }))
                .redirect(Policy::none())
                .no_proxy()
                .connect_timeout(CONNECT_TIME)
                .timeout(TOTAL_TIME)
                .pool_idle_timeout(IDLE_TIME)
                .pool_max_idle_per_host(2)
                .referer(false)
                .user_agent(USER_AGENT)
                .https_only(tls)
                .tls_backend_preconfigured(config.clone())
                .build()
        };
        Ok(Self { tls: client(true)?, plain: client(false)?, targets })
    }

    /// Posts JSON with these headers. Every answer that is not 2xx is an error, a redirect too.
    pub async fn post(&self, url: &str, headers: &[(&'static str, String)], body: String) -> Answer {
        let nothing = |error: &str| Answer { status: None, error: Some(error.to_owned()), excerpt: None };
        let Ok(url) = Url::parse(url) else { return nothing("the URL cannot be read") };
        // The resolver is not asked for a host that is an address.
        if !self.targets.admits_host(&url) {
            return nothing("the portal does not speak to this address");
        }
        let client = if url.scheme() == "https" { &self.tls } else { &self.plain };
        let mut map = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        for (name, value) in headers {
            let Ok(value) = HeaderValue::from_str(value) else { return nothing("a header cannot be sent") };
            map.insert(*name, value);
        }
        match client.post(url).headers(map).body(body).send().await {
            Ok(response) => read(response).await,
            Err(error) => nothing(&describe(&error)),
        }
    }
}

/// The public authorities, as for mail: the same on every machine.
pub(crate) fn tls_config() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

async fn read(mut response: Response) -> Answer {
    let status = response.status();
    let mut body = Vec::new();
    while body.len() < READ_AT_MOST {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk[..chunk.len().min(READ_AT_MOST - body.len())]),
            // The status has been said: what is missing of the rest does not change it.
            Ok(None) | Err(_) => break,
        }
    }
    let error = match status.as_u16() {
        200..=299 => None,
        300..=399 => Some(format!("the answer was {status}: redirects are not followed")),
        _ => Some(format!("the answer was {status}")),
    };
    Answer { status: Some(status.as_u16()), error, excerpt: excerpt(&body) }
}

fn excerpt(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let shown: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(KEEP_AT_MOST).collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

/// What went wrong, in words that say nothing of the portal's own network.
fn describe(error: &reqwest::Error) -> String {
    if cause::<NotAdmitted>(error).is_some() {
        return NotAdmitted.to_string();
    }
    if let Some(error) = cause::<rustls::Error>(error) {
        return format!("TLS: {error}");
    }
    let words = if error.is_timeout() {
        "the answer took too long"
    } else if error.is_connect() {
        "no connection could be made"
    } else {
        "the connection broke before there was an answer"
    };
    words.to_owned()
}

/// The cause of this kind. What an I/O error is made of is not among its sources, but it itself.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    if let Some(found) = error.downcast_ref::<E>() {
        return Some(found);
    }
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inside) => cause(inside),
        None => error.source().and_then(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_short_text_without_control_characters() {
        assert_eq!(excerpt(b""), None);
        assert_eq!(excerpt(b" \r\n\0 "), None);
        assert_eq!(excerpt(b"a\nb\x1b[31m\xff"), Some("a b [31m\u{FFFD}".to_owned()));
        assert_eq!(excerpt("ä".repeat(3_000).as_bytes()).unwrap().chars().count(), KEEP_AT_MOST);
    }
}
