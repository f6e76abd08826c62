//! A listener that keeps the last request and answers each with what it was told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as it came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Method and target, such as `GET /api/v1/me`.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn read(stream: &TcpStream) -> Self {
        let mut reader = BufReader::new(stream);
        let mut lines = reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty());
        let line = lines.next().unwrap_or_default().replace(" HTTP/1.1", "");
        let headers: Vec<_> = lines
            .filter_map(|line| {
                line.split_once(": ").map(|(key, value)| (key.to_lowercase(), value.to_owned()))
            })
            .collect();
        let mut request = Self { line, headers, body: String::new() };
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        reader.take(length).read_to_string(&mut request.body).expect("a body in UTF-8");
        request
    }
}

const LATE: &str = "HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[derive(Default)]
struct State {
    /// How many requests are closed with a 408 before the first one that is answered.
    late: usize,
    answer: String,
    last: Request,
    count: usize,
}

pub(crate) struct Listener {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Listener {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("the address just bound"));
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let request = Request::read(&stream);
                let mut state = shared.lock().expect("no test panicked while holding it");
                state.last = request;
                state.count += 1;
                let late = state.late > 0;
                state.late -= usize::from(late);
                let answer = if late { LATE } else { &state.answer };
                // A client that has gone away is that test's business.
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        Self { url, state }
    }

    /// A URL at which nobody listens.
    pub(crate) fn closed_port() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://{}", listener.local_addr().expect("the address just bound"))
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Answers every request with this from now on.
    pub(crate) fn answers(&self, status: u16, headers: &str, content_type: &str, body: &str) {
        // A 204 has no body and says no length of one.
        let length =
            if status == 204 { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        self.state.lock().expect("the listener's thread lives").answer = format!(
            "HTTP/1.1 {status} Told\r\nConnection: close\r\nContent-Type: {content_type}\r\n{length}{headers}\r\n{body}"
        );
    }

    /// Answers so many requests as a server does that closes an idle connection, and then as it was told to.
    pub(crate) fn is_late(&self, times: usize) {
        self.state.lock().expect("the listener's thread lives").late = times;
    }

    /// How many requests have come.
    pub(crate) fn count(&self) -> usize {
        self.state.lock().expect("the listener's thread lives").count
    }

    /// The last request.
    pub(crate) fn last(&self) -> Request {
        self.state.lock().expect("the listener's thread lives").last.clone()
    }
}
