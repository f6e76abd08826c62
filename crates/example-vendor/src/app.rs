//! The parts put together.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::{App as ActixApp, HttpResponse, HttpServer, web};
use portal_client::api_types::Secret;
use portal_client::{Error, Operator, Portal};

use crate::books::{Books, BooksError};
use crate::cache::Cache;
use crate::config::{Config, PortalConfig};
use crate::token::Tokens;
use crate::webhook::Seen;
use crate::{invoices, webhook};

/// How long a request waits for the portal: who fails closed should fail soon.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why the program does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Our data.
    #[error(transparent)]
    Books(#[from] BooksError),
    /// The portal's URL is none, or TLS cannot be set up.
    #[error("VENDOR_PORTAL_URL cannot be used: {0}")]
    Portal(#[from] Error),
    /// The address is taken, say.
    #[error("VENDOR_LISTEN cannot be used: {0}")]
    Listen(#[from] std::io::Error),
}

/// What requests need.
pub struct App {
    /// Checks tokens by their signature.
    pub tokens: Tokens,
    /// Asks the portal about them.
    pub operator: Operator,
    /// What the portal said a moment ago.
    pub cache: Cache,
    /// The events that came.
    pub seen: Seen,
    /// What they are signed by.
    pub webhook_secret: Secret,
    /// Where people find the portal.
    pub portal_public_url: String,
    /// Our data.
    pub books: Books,
}

/// A client of the portal.
///
/// # Errors
/// When the URL is none.
pub fn portal(config: &PortalConfig) -> Result<Portal, StartError> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()
        .map_err(Error::from)?;
    Ok(Portal::with_client(&config.portal_url, http)?)
}

/// Listens: the server to run, and where it is.
///
/// # Errors
/// See [`StartError`].
pub fn bind(config: &Config) -> Result<(Server, Vec<SocketAddr>), StartError> {
    let portal = portal(&config.portal)?;
    let app = web::Data::new(App {
        operator: portal.operator(config.portal.operator_key.reveal()),
        tokens: Tokens::new(portal, config.issuer()),
        cache: Cache::new(Duration::from_secs(config.cache_seconds)),
        seen: Seen::default(),
        webhook_secret: config.webhook_secret.clone(),
        portal_public_url: config.issuer().to_owned(),
        books: Books::read(config.portal.accounts.as_deref())?,
    });
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(app.clone())
            .route("/invoices", web::get().to(invoices::list))
            .route("/portal-webhook", web::post().to(webhook::receive))
            .route("/healthz", web::get().to(HttpResponse::NoContent))
    })
    .workers(2)
    .bind(config.listen)?;
    let addresses = server.addrs();
    Ok((server.run(), addresses))
}
