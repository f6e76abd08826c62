//! Questions to PostgreSQL without a thread that waits: each worker of the server has a connection of its own, by an
//! asynchronous driver, which sends questions while earlier ones are still being answered.
//!
//! It is a faster way for what every request asks, and never the only one. Whatever is unusual (no connection yet, a broken
//! one, an error, more questions than it is good for) is left to the queue and its connections, which know all the rest:
//! they try again, and they say what is wrong. TLS is one of these: nothing goes this way to a server that libpq might speak
//! TLS with.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::AbortHandle;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, NoTls, Statement};

use super::question::{Answer, Columns, Question, Value};
use super::worker::READ_DEADLINE;
use super::{DbError, POSTGRES_SESSION};
use crate::domain::Failure;

/// Questions that may be on their way over one connection; more wait in the queue, where too many are refused.
const IN_FLIGHT: usize = 256;
/// How long after a failure a new connection is tried.
const REST: Duration = Duration::from_secs(1);

thread_local! {
    /// This thread's connections, by the pipeline that they belong to.
    static PLACES: RefCell<HashMap<usize, Place>> = RefCell::default();
}

/// A thread's connection, if there is one, and when the next one may be tried.
#[derive(Default)]
struct Place {
    live: Option<Arc<Live>>,
    next_try: Option<Instant>,
}

struct Live {
    client: Client,
    /// What reads and writes for the client. It would wait for ever for answers that nobody waits for any more.
    connection: AbortHandle,
    statements: Mutex<HashMap<Cow<'static, str>, Statement>>,
    in_flight: AtomicUsize,
    /// How many connections had been given up when it was made.
    given_up: usize,
}

impl Live {
    async fn statement(&self, question: &Question) -> Result<Statement, tokio_postgres::Error> {
        let known =
            self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(&*question.sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(&question.sql).await?;
        let mut statements = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
        statements.insert(question.sql.clone(), statement.clone());
        Ok(statement)
    }

    async fn ask<A: Answer>(&self, question: &Question) -> Result<Option<A>, tokio_postgres::Error> {
        let statement = self.statement(question).await?;
        let values: Vec<&(dyn ToSql + Sync)> = question
            .values
            .iter()
            .map(|value| match value {
                Value::Text(text) => text as &(dyn ToSql + Sync),
                Value::Time(time) => time,
                Value::Number(number) => number,
            })
            .collect();
        let row = self.client.query_opt(&statement, &values).await?;
        row.map(|row| A::from_columns(&Columns(row))).transpose()
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

/// Counts a question as long as it is asked, whatever becomes of it.
struct InFlight<'a>(&'a AtomicUsize);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The way for questions. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pipeline {
    id: usize,
    config: Arc<Config>,
    /// How many connections were given up so far: older ones are doubtful.
    given_up: Arc<AtomicUsize>,
}

impl Pipeline {
    /// For the database with this URL; none where the driver does not know all that it says, or must not be used.
    pub(super) fn new(url: &str, given_up: Arc<AtomicUsize>) -> Option<Self> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let mut config = Config::from_str(url).ok().filter(may_be_used)?;
        // As in `with_limits`, for the other driver.
        config.connect_timeout(Duration::from_secs(2)).tcp_user_timeout(Duration::from_secs(5));
        config.keepalives_idle(Duration::from_secs(5)).keepalives_interval(Duration::from_secs(2));
        Some(Self { id: NUMBER.fetch_add(1, Ordering::Relaxed), config: Arc::new(config), given_up })
    }

    /// The answer; none when the question has to go the other way.
    pub(super) async fn ask<A: Answer>(&self, question: &Question) -> Option<Result<Option<A>, Failure>> {
        let live = self.live()?;
        if live.in_flight.fetch_add(1, Ordering::Relaxed) >= IN_FLIGHT {
            live.in_flight.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let _counted = InFlight(&live.in_flight);
        match tokio::time::timeout(READ_DEADLINE, live.ask(question)).await {
            Ok(Ok(answer)) => Some(Ok(answer)),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a question was not answered, and is asked again");
                self.forget(&live);
                None
            }
            // There is no time left to ask again.
            Err(_) => {
                self.forget(&live);
                Some(Err(Failure::Database(DbError::Busy)))
            }
        }
    }

    /// This thread's connection. Where there is none, one is made for the questions that come later.
    fn live(&self) -> Option<Arc<Live>> {
        PLACES.with_borrow_mut(|places| {
            let place = places.entry(self.id).or_default();
            let given_up = self.given_up.load(Ordering::SeqCst);
            let is_good = |live: &&Arc<Live>| !live.client.is_closed() && live.given_up == given_up;
            if let Some(live) = place.live.as_ref().filter(is_good) {
                return Some(Arc::clone(live));
            }
            let now = Instant::now();
            if place.next_try.is_none_or(|at| at <= now) {
                *place = Place { live: None, next_try: Some(now + REST) };
                tokio::spawn(self.clone().connect());
            }
            None
        })
    }

    async fn connect(self) {
        let given_up = self.given_up.load(Ordering::SeqCst);
        let connected = async {
            let (client, connection) = self.config.connect(NoTls).await?;
            // It breaks and is found closed, or ends with what is made of it here.
            let connection = tokio::spawn(connection).abort_handle();
            let (statements, in_flight) = (Mutex::default(), AtomicUsize::new(0));
            let live = Live { client, connection, statements, in_flight, given_up };
            live.client.batch_execute(POSTGRES_SESSION).await?;
            Ok::<_, tokio_postgres::Error>(live)
        };
        match tokio::time::timeout(READ_DEADLINE, connected).await {
            Ok(Ok(live)) => {
                PLACES
                    .with_borrow_mut(|places| places.entry(self.id).or_default().live = Some(Arc::new(live)));
            }
            Ok(Err(error)) => tracing::debug!(%error, "no connection for questions: they go the other way"),
            Err(_) => tracing::debug!("no connection for questions in time: they go the other way"),
        }
    }

    fn forget(&self, live: &Arc<Live>) {
        PLACES.with_borrow_mut(|places| {
            let place = places.entry(self.id).or_default();
            place.live.take_if(|current| Arc::ptr_eq(current, live));
        });
    }
}

/// Whether both drivers would speak to the same server, and both without TLS: to this machine, or because the URL says so.
fn may_be_used(config: &Config) -> bool {
    let local = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()),
        Host::Unix(_) => true,
    };
    let one = config.get_hosts().len() == 1 && config.get_hostaddrs().is_empty();
    one && match config.get_ssl_mode() {
        SslMode::Disable => true,
        SslMode::Prefer => config.get_hosts().iter().all(local),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_in_the_clear_that_libpq_might_encrypt() {
        let used = |url: &str| Pipeline::new(url, Arc::default()).is_some();
        assert!(used("postgres://portal@127.0.0.1:5432/portal"));
        assert!(used("postgresql://portal@localhost/portal"));
        assert!(used("postgres://portal@%2Frun%2Fpostgresql/portal"));
        assert!(used("postgres://portal@db.internal/portal?sslmode=disable"));
        assert!(!used("postgres://portal@db.internal/portal"));
        assert!(!used("postgres://portal@127.0.0.1/portal?sslmode=require"));
        assert!(!used("postgres://portal@127.0.0.1/portal?sslmode=verify-full"));
        assert!(!used("postgres://portal@127.0.0.1/portal?sslrootcert=ca.pem"));
        assert!(!used("postgres://portal@127.0.0.1,127.0.0.2/portal"), "which of them?");
    }
}
