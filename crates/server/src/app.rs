//! The portal as one value, and the server around it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App as ActixApp, HttpServer, web};
use metrics_exporter_prometheus::PrometheusHandle;
use portal_api_types::Locale;
use tokio::signal::unix::{SignalKind, signal};

use crate::auth::keys::{KeyError, Keys};
use crate::auth::password::Passwords;
use crate::auth::token::Tokens;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{Db, DbError};
use crate::domain::event::streams::Streams;
use crate::domain::{Ctx, Failure, Services, keys};
use crate::http::answer;
use crate::http::connections::{Connections, spare};
use crate::http::frontend::{Frontend, FrontendError};
use crate::jobs::outbox::Outbox;
use crate::jobs::webhooks::Webhooks;
use crate::mail::transport::{Transport, TransportError};
use crate::outbound::{Poster, SetupError, Targets};
use crate::{open_files, routes, telemetry};

/// Why the portal cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The signing keys.
    #[error("PORTAL_KEYS_DIR: {0}")]
    Keys(#[from] KeyError),
    /// Keys that the database is not used with.
    #[error(
        "PORTAL_KEYS_DIR: this database is used with other keys than those in {}. All processes on one database share one \
         folder: links in mails and secrets of webhooks are made with its keys. Name that folder, or bring its files here. If \
         they are lost, `portal keys adopt --help` tells how to go on without them",
        .0.display()
    )]
    OtherKeys(PathBuf),
    /// The database may lose what it answers.
    #[error(
        "PORTAL_REQUIRE_DURABLE is set, and a power cut could damage this PostgreSQL and lose answered changes: {0} is off. Run \
         {1}; SELECT pg_reload_conf(); and start again"
    )]
    NotDurable(String, String),
    /// The database would not say.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The built browser app.
    #[error("PORTAL_FRONTEND_DIR: {0}")]
    Frontend(#[from] FrontendError),
    /// The mail settings.
    #[error(transparent)]
    Mail(#[from] TransportError),
    /// TLS for webhooks.
    #[error("webhooks cannot be sent: {0}")]
    Webhooks(#[from] SetupError),
    /// The collector of traces.
    #[error("PORTAL_OTLP_URL: {0}")]
    Traces(String),
    /// The system: an address that is taken, threads that cannot be started.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Everything that serving a request needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The configuration.
    pub config: Arc<Config>,
    /// The time.
    pub clock: Clock,
    /// What use cases need.
    pub services: Services,
    /// Access tokens.
    pub tokens: Tokens,
    /// The sender of mails.
    pub outbox: Outbox,
    /// Where webhooks may be sent to.
    pub targets: Targets,
    /// The sender of webhooks.
    pub webhooks: Webhooks,
    /// The open event streams.
    pub events: Streams,
    /// The open connections.
    pub connections: Connections,
    /// What has been measured.
    pub metrics: PrometheusHandle,
}

impl App {
    /// Puts the portal together. Makes the keys if there are none; does not migrate.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub fn open(config: Config, clock: Clock) -> Result<Self, StartError> {
        let db = Db::open(&config.database_url, config.connections())?;
        let keys = Arc::new(Keys::open(&config.keys_dir, &clock)?);
        let tokens = Tokens::new(Arc::clone(&keys), clock.clone(), config.public_url());
        let hashing = std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get);
        let services = Services { db: db.clone(), passwords: Passwords::start(hashing)? };
        let transport = Transport::open(&config)?;
        let events = Streams::new(
            db.clone(),
            clock.clone(),
            Duration::from_secs(config.event_heartbeat),
            config.event_streams,
            config.connections() / 2,
        );
        let targets = Targets::new(&config.webhook_allow);
        let poster = Poster::new(targets.clone())?;
        let webhooks = Webhooks::new(db.clone(), clock.clone(), keys.link_key().clone(), poster);
        let outbox = Outbox::new(db, clock.clone(), keys.link_key().clone(), transport, config.public_url());
        let metrics = telemetry::metrics();
        let connections = Connections::new(connections(&config));
        let config = Arc::new(config);
        Ok(Self { config, clock, services, tokens, outbox, targets, webhooks, events, connections, metrics })
    }

    /// Brings the database up to date, and makes sure that it is used with the keys of this process.
    ///
    /// # Errors
    /// When it cannot be migrated, or is used with other keys.
    pub async fn prepare(&self) -> Result<(), StartError> {
        self.services.db.migrate()?;
        let ctx = self.ctx(None, None, Locale::default());
        if self.services.db.write(move |conn| keys::are_in_use(conn, &ctx)).await? {
            Ok(())
        } else {
            Err(StartError::OtherKeys(self.config.keys_dir.clone()))
        }
    }

    /// Looks whether the database keeps what it answers: warns where it does not, or refuses to go on where that is wished for.
    ///
    /// # Errors
    /// [`StartError::NotDurable`], or when the database does not say.
    pub async fn check_durability(&self) -> Result<(), StartError> {
        let weak = self.services.db.weak_settings().await?;
        if self.config.require_durable && !weak.is_empty() {
            let remedies: Vec<String> =
                weak.iter().map(|setting| format!("ALTER SYSTEM SET {setting} = on")).collect();
            return Err(StartError::NotDurable(weak.join(" and "), remedies.join("; ")));
        }
        for setting in weak {
            tracing::warn!(
                "PostgreSQL's {setting} is off: a power cut may damage the database and lose answered changes"
            );
        }
        Ok(())
    }

    /// What a use case knows when it serves a request from this address, by this program, in this language.
    pub fn ctx(&self, ip: Option<String>, user_agent: Option<String>, locale: Locale) -> Ctx {
        Ctx {
            now: self.clock.now(),
            ip,
            user_agent,
            locale,
            made: Arc::default(),
            links: self.tokens.keys().link_key().clone(),
            rate_limit_factor: self.config.rate_limit_factor,
        }
    }
}

/// The connections to serve: as many as are wished for and the system has files for.
fn connections(config: &Config) -> usize {
    let files = open_files::raise_limit().saturating_sub(config.connections() * 4);
    wished_connections(config).min(open_files::connections(files, spare))
}

fn wished_connections(config: &Config) -> usize {
    usize::try_from(config.max_connections).unwrap_or(usize::MAX)
}

/// Binds the address and starts to serve. The answer is the running server, which ends by SIGTERM or SIGINT after the
/// requests in flight are answered, and the addresses it listens on.
///
/// # Errors
/// When the address cannot be bound, or the browser app cannot be read.
pub fn bind(app: &App) -> Result<(Server, Vec<SocketAddr>), StartError> {
    let shared = web::Data::new(app.clone());
    let config = Arc::clone(&app.config);
    let frontend = config.frontend_dir.as_deref().map(Frontend::read).transpose()?.map(web::Data::new);
    let (limit, wished) = (app.connections.limit(), wished_connections(&config));
    if limit < wished {
        tracing::warn!(
            "as few files may be open, {limit} connections are served, not the {wished} of PORTAL_MAX_CONNECTIONS"
        );
    }
    let connections = app.connections.clone();
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get);
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(shared.clone())
            .wrap(Condition::new(!config.cors_origins.is_empty(), routes::cors(&config)))
            .wrap(from_fn(answer::answer))
            .configure(|routes| routes::configure(routes, &config, frontend.as_ref()))
            .default_service(web::to(answer::not_found))
    })
    .workers(workers)
    .max_connections(app.connections.with_refused().div_ceil(workers))
    .on_connect(move |io, data| connections.note(io, data))
    .shutdown_timeout(20)
    .client_request_timeout(Duration::from_secs(app.config.request_timeout))
    .bind(app.config.listen)?;
    let addresses = server.addrs();
    actix_web::rt::spawn(close_events_on_signal(app.events.clone()));
    actix_web::rt::spawn(app.connections.clone().watch());
    Ok((server.run(), addresses))
}

/// Event streams are requests in flight that never end by themselves: on a signal they are closed, so that the server does
/// not wait for them.
async fn close_events_on_signal(events: Streams) {
    let (mut terminate, mut interrupt) =
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(%error, "signals cannot be heard: a stop will wait for open event streams");
                return;
            }
        };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    events.close();
}
