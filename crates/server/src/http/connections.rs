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
use std::sync::atomic::{AtomicUsize, Ordering};
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

/// How long a connection may be without a request once all places are taken: a client that says nothing, at first or any more,
/// makes room for one that does. It can connect again.
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
        let line = Arc::new(Line { socket, over, busy, since, until: Mutex::default() });
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
            let patience = if is_full { PATIENCE_WHEN_FULL } else { self.0.patience };
            let lines: Vec<Arc<Line>> = self.0.open().lines.values().map(Arc::clone).collect();
            for line in lines {
                if line.is_idle_since(looked, patience) || line.is_overdue(looked) {
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
}

impl Busy {
    fn on(line: &Arc<Line>) -> Self {
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
mod tests {
    use std::net::SocketAddr;

    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpResponse, HttpServer, web};
    use futures_util::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream as Socket;

    use super::*;
    use crate::http::answer;

    async fn stream(count: web::Path<u32>) -> HttpResponse {
        let count = count.into_inner();
        let pieces = stream::unfold(0, move |sent| async move {
            rt::time::sleep(Duration::from_millis(50)).await;
            (sent < count).then(|| (Ok::<_, std::io::Error>(Bytes::from_static(b"piece")), sent + 1))
        });
        HttpResponse::Ok().streaming(Box::pin(pieces))
    }

    async fn limited(count: web::Path<u32>) -> HttpResponse {
        let mut answer = stream(count).await;
        answer.extensions_mut().insert(AtMost(Duration::from_millis(500)));
        answer
    }

    fn serve(connections: &Connections) -> SocketAddr {
        let noting = connections.clone();
        let server = HttpServer::new(|| {
            App::new()
                .wrap(from_fn(answer::answer))
                .route("/stream/{count}", web::get().to(stream))
                .route("/limited/{count}", web::get().to(limited))
                .route("/healthz", web::get().to(HttpResponse::Ok))
                .route("/", web::get().to(HttpResponse::Ok))
        })
        .workers(1)
        .keep_alive(Duration::from_secs(30))
        .on_connect(move |io, data| noting.note(io, data))
        .bind("127.0.0.1:0")
        .expect("a free port");
        let address = server.addrs()[0];
        rt::spawn(server.run());
        rt::spawn(connections.clone().watch());
        address
    }

    /// What comes until the connection is closed, and how long that took.
    async fn spoken(address: SocketAddr, first: &str, drip: bool) -> (String, Duration) {
        let (mut socket, started) = (Socket::connect(address).await.expect("a connection"), Instant::now());
        socket.write_all(first.as_bytes()).await.expect("sent");
        let (mut reading, mut writing) = socket.into_split();
        let dripping = rt::spawn(async move {
            while drip && writing.write_all(b"G").await.is_ok() {
                rt::time::sleep(Duration::from_millis(100)).await;
            }
            rt::time::sleep(Duration::from_secs(60)).await;
        });
        let mut all = Vec::new();
        let _ = reading.read_to_end(&mut all).await;
        dripping.abort();
        (String::from_utf8_lossy(&all).into_owned(), started.elapsed())
    }

    #[actix_web::test]
    async fn a_second_request_that_comes_byte_by_byte_is_not_waited_for_and_a_stream_is() {
        let connections = Connections::with_patience(10, Duration::from_millis(800));
        let address = serve(&connections);
        let dripped = spoken(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", true);
        let streamed = spoken(address, "GET /stream/40 HTTP/1.1\r\nHost: x\r\n\r\n", false);
        let (dripped, streamed) = futures_util::future::join(dripped, streamed).await;
        assert!(dripped.0.starts_with("HTTP/1.1 200") && dripped.1 < Duration::from_secs(10), "{dripped:?}");
        assert_eq!(streamed.0.matches("piece").count(), 40, "to its end: {streamed:?}");
        assert!(streamed.1 >= Duration::from_secs(2));
        let deadline = Instant::now() + Duration::from_secs(10);
        while connections.count() > 0 {
            assert!(Instant::now() < deadline, "{} are still noted", connections.count());
            rt::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[actix_web::test]
    async fn a_stream_that_has_had_its_time_is_broken_off_and_a_short_one_leaves_the_connection_alone() {
        let address = serve(&Connections::with_patience(10, Duration::from_millis(800)));
        let (limited, took) = spoken(address, "GET /limited/40 HTTP/1.1\r\nHost: x\r\n\r\n", false).await;
        let pieces = limited.matches("piece").count();
        assert!((1..40).contains(&pieces) && took < Duration::from_secs(2), "{pieces} in {took:?}");
        assert!(!limited.ends_with("0\r\n\r\n"), "it does not pass for whole: {limited:?}");
        let both = "GET /limited/4 HTTP/1.1\r\nHost: x\r\n\r\nGET /stream/30 HTTP/1.1\r\nHost: x\r\n\r\n";
        let (both, _) = spoken(address, both, false).await;
        assert_eq!(both.matches("piece").count(), 4 + 30, "to their ends: {both:?}");
    }

    #[actix_web::test]
    async fn one_connection_too_many_is_told_so_and_closed_but_not_for_who_watches() {
        let connections = Connections::with_patience(1, PATIENCE);
        let address = serve(&connections);
        let mut first = Socket::connect(address).await.expect("a connection");
        let mut answer = [0; 12];
        for _ in 0..3 {
            first.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
            first.read_exact(&mut answer).await.expect("an answer");
            assert_eq!(&answer, b"HTTP/1.1 200");
            let mut rest = [0; 4_096];
            let _ = first.read(&mut rest).await.expect("the rest");
        }
        let (second, took) = spoken(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", false).await;
        let second = second.to_lowercase();
        assert!(second.starts_with("http/1.1 503") && second.contains("retry-after: "), "{second}");
        assert!(second.contains("connection: close") && second.contains("problem+json"), "{second}");
        assert!(took < Duration::from_secs(10), "closed at once: {took:?}");
        let (watching, _) = spoken(address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", false).await;
        assert!(watching.starts_with("HTTP/1.1 200"), "{watching}");
    }

    #[actix_web::test]
    async fn who_says_nothing_makes_room_when_all_places_are_taken() {
        let connections = Connections::with_patience(2, PATIENCE);
        let address = serve(&connections);
        let mut silent = Vec::new();
        while silent.len() < 2 {
            silent.push(Socket::connect(address).await.expect("a connection"));
        }
        let deadline = Instant::now() + Duration::from_secs(10);
        // Refused as long as they are there, and then served.
        while !spoken(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false)
            .await
            .0
            .contains(" 200 ")
        {
            assert!(Instant::now() < deadline, "they have their places for ever");
            rt::time::sleep(Duration::from_millis(100)).await;
        }
        for mut silent in silent {
            assert_eq!(silent.read(&mut [0; 16]).await.unwrap_or(0), 0, "it was closed");
        }
    }
}
