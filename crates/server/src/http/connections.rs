//! Connections: how many there may be, and how long one may stay without a request.
//!
//! A connection beyond the limit is not left to wait: its first request is answered with 503, and it is closed. So a flood
//! costs a bounded amount of memory, and who comes meanwhile is told so at once.
//!
//! The framework limits how long the first request of a connection may take to arrive, and how long a connection may be idle,
//! but not how long a later request may take to arrive, nor an answer to be read. So a connection is closed from outside
//! when no request has begun on it for [`PATIENCE`], unless a stream goes out on it; and when that stream has had its time.

use std::any::Any;
use std::collections::HashMap;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Extensions, ServiceRequest, ServiceResponse};
use actix_web::http::ConnectionType;
use actix_web::rt;
use actix_web::web::Bytes;

/// How long a connection may be without a request that begins. Longer than the slowest honest download of our largest file.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How long a connection may be without its first request once all places are taken: a client that says nothing makes room for one
/// that does. It can connect again.
const PATIENCE_WHEN_FULL: Duration = Duration::from_millis(500);
/// How often it is looked.
const PERIOD: Duration = Duration::from_millis(100);

/// How long a refusal is held back. To take a connection and refuse it costs twice as much as a short request, and who hammers
/// comes back at once: without a pause, more than a third of the processor time would go into refusals. The connections that are
/// taken to be refused are an eighth of those that are served, so that even three times as many as are served are told within a
/// second.
const REFUSAL_PAUSE: Duration = Duration::from_millis(20);

/// What whoever looks after the process asks is answered on any connection: it must not be restarted for being busy.
const ALWAYS_ANSWERED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// The connections of this process. Cheap to clone.
#[derive(Clone)]
pub struct Connections(Arc<Table>);

struct Table {
    limit: usize,
    patience: Duration,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    lines: HashMap<u64, Arc<Line>>,
}

/// A connection, as the table knows it.
struct Line {
    /// The same socket once more, to close it from outside.
    socket: TcpStream,
    over: bool,
    /// Whether a request has ever begun on it.
    has_asked: AtomicBool,
    busy: AtomicUsize,
    since: Mutex<Instant>,
    /// When what goes out has had its time.
    until: Mutex<Option<Instant>>,
}

/// A connection's place in the table; leaves it when the connection is gone.
struct Place {
    table: Arc<Table>,
    id: u64,
    line: Arc<Line>,
}

/// How long the answer that has this among its extensions may go out in all, however slowly it is read. Then its connection is
/// closed, so that what has come does not pass for all of it.
#[derive(Debug, Clone, Copy)]
pub struct AtMost(pub Duration);

/// Something goes on on a connection.
struct Busy(Arc<Line>);

impl Connections {
    /// No connections yet, and at most this many.
    pub fn new(limit: usize) -> Self {
        Self::with_patience(limit, PATIENCE)
    }

    fn with_patience(limit: usize, patience: Duration) -> Self {
        Self(Arc::new(Table { limit, patience, open: Mutex::default() }))
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.0.open().lines.len()
    }

    /// How many are served at the same time.
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// How many may be open together with those that are only told that there are too many.
    pub fn with_refused(&self) -> usize {
        self.0.limit + spare(self.0.limit)
    }

    /// Notes a new connection; for the server's `on_connect`.
    pub fn note(&self, io: &dyn Any, data: &mut Extensions) {
        let Some(stream) = io.downcast_ref::<rt::net::TcpStream>() else { return };
        // Without a descriptor left, it is served as if there were no table.
        let Ok(socket) = stream.as_fd().try_clone_to_owned() else { return };
        let mut open = self.0.open();
        let over = open.lines.len() >= self.0.limit;
        let (busy, since) = (AtomicUsize::new(0), Mutex::new(Instant::now()));
        let socket = TcpStream::from(socket);
        let line = Arc::new(Line {
            socket,
            over,
            has_asked: AtomicBool::new(false),
            busy,
            since,
            until: Mutex::default(),
        });
        let id = open.next;
        open.next += 1;
        open.lines.insert(id, Arc::clone(&line));
        data.insert(Place { table: Arc::clone(&self.0), id, line });
    }

    /// Closes, for as long as the process runs, what has been without a request for too long, or has had its time.
    pub async fn watch(self) {
        let mut looked = Instant::now();
        loop {
            rt::time::sleep(PERIOD).await;
            let is_full = self.count() >= self.0.limit;
            if !is_full && looked.elapsed() < self.0.patience / 8 {
                continue;
            }
            looked = Instant::now();
            let lines: Vec<Arc<Line>> = self.0.open().lines.values().map(Arc::clone).collect();
            for line in lines {
                if line.is_idle_since(looked, self.0.patience)
                    || line.is_overdue(looked)
                    || is_full && line.is_silent_since(looked, PATIENCE_WHEN_FULL)
                {
                    // It may be gone already; then there is nothing to close.
                    let _ = line.socket.shutdown(Shutdown::Both);
                }
            }
        }
    }
}

/// So many more are taken than are served, to be told that there are too many. Beyond these, they wait in the system's queue.
pub const fn spare(limit: usize) -> usize {
    limit / 8 + 16
}

impl Table {
    fn open(&self) -> MutexGuard<'_, Open> {
        // What is in it is right at every moment, also after a panic.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn since(&self) -> MutexGuard<'_, Instant> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_overdue(&self, now: Instant) -> bool {
        self.until().is_some_and(|until| until < now)
    }

    fn is_idle_since(&self, now: Instant, patience: Duration) -> bool {
        self.busy.load(Ordering::SeqCst) == 0 && now.saturating_duration_since(*self.since()) > patience
    }

    /// The same for one that has never asked for anything. What has asked may still be read by a slow reader; and what waits to be
    /// read here is a request that we are late with.
    fn is_silent_since(&self, now: Instant, patience: Duration) -> bool {
        !self.has_asked.load(Ordering::SeqCst)
            && self.is_idle_since(now, patience)
            && !matches!(self.socket.peek(&mut [0]), Ok(1..))
    }
}

impl Busy {
    fn on(line: &Arc<Line>) -> Self {
        line.has_asked.store(true, Ordering::SeqCst);
        line.busy.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(line))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        *self.0.since() = Instant::now();
        *self.0.until() = None;
        self.0.busy.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.table.open().lines.remove(&self.id);
    }
}

/// A request on its connection.
pub struct Serving {
    busy: Busy,
}

impl Serving {
    /// Notes that a request has begun on its connection.
    pub fn begin(request: &ServiceRequest) -> Option<Self> {
        request.conn_data::<Place>().map(|place| Self { busy: Busy::on(&place.line) })
    }

    /// Whether this path is refused here, since the connection is one too many.
    pub fn is_refused(&self, path: &str) -> bool {
        let refused = self.busy.0.over && !ALWAYS_ANSWERED.contains(&path);
        if refused {
            metrics::counter!("portal_connections_refused_total").increment(1);
        }
        refused
    }

    /// Lets a refusal wait, which costs nobody anything but its caller.
    pub async fn hold_back() {
        rt::time::sleep(REFUSAL_PAUSE).await;
    }

    /// Notes that the answer goes out.
    pub fn finish(self, mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        if self.busy.0.over {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        if let Some(AtMost(time)) = response.response().extensions().get() {
            *self.busy.0.until() = Some(Instant::now() + *time);
        }
        response.map_body(|_, body| match body.size() {
            // For as long as it goes out.
            BodySize::Stream => BoxBody::new(Streaming { body, _busy: self.busy }),
            _ => body,
        })
    }
}

struct Streaming {
    body: BoxBody,
    _busy: Busy,
}

impl MessageBody for Streaming {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

#[cfg(test)]
mod tests;
