//! A real HTTP server on loopback that webhooks are sent to: it remembers what came and answers as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portal_api_types::{NewWebhook, Secret, WebhookEvent, WebhookEventType, WebhookWithSecret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::app::{Owner, TestApp};

/// A portal whose webhooks may go to this machine.
pub fn start() -> TestApp {
    TestApp::start_with(|config| {
        config.rate_limit_factor = 1_000;
        config.webhook_allow = vec!["127.0.0.0/8".parse().unwrap()];
    })
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its path.
    pub path: String,
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: String,
    /// `webhook-signature`.
    pub signature: String,
    /// All headers, in lower case.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Message {
    /// The event, once the signature is found to be by this secret.
    pub fn verified(&self, secret: &Secret) -> WebhookEvent {
        assert!(self.is_signed_by(secret), "{self:#?}");
        self.event()
    }

    /// Whether it is signed by this secret, as the specification's own library signs. Tests move the portal's clock, so that
    /// the library, which asks the machine's, is not asked to verify.
    pub fn is_signed_by(&self, secret: &Secret) -> bool {
        let library = standardwebhooks::Webhook::new(secret.reveal()).unwrap();
        let timestamp = self.timestamp.parse().unwrap();
        let expected = library.sign(&self.id, timestamp, self.body.as_bytes()).unwrap();
        self.signature.split(' ').any(|signature| signature == expected)
    }

    /// Whether the specification's own library lets it through, where nobody has moved the clock.
    pub fn is_let_through(&self, secret: &Secret) -> bool {
        let library = standardwebhooks::Webhook::new(secret.reveal()).unwrap();
        library.verify(self.body.as_bytes(), &self.headers()).is_ok()
    }

    /// The event, without looking at the signature.
    pub fn event(&self) -> WebhookEvent {
        serde_json::from_str(&self.body).unwrap()
    }

    fn headers(&self) -> reqwest::header::HeaderMap {
        let pairs = [
            ("webhook-id", &self.id),
            ("webhook-timestamp", &self.timestamp),
            ("webhook-signature", &self.signature),
        ];
        pairs.into_iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }
}

#[derive(Default)]
struct State {
    messages: Vec<Message>,
    /// The next answers, the last one first; then 204.
    answers: Vec<String>,
    delay: Duration,
}

/// The server.
#[derive(Clone)]
pub struct Receiver {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let receiver = Self { address, state: Arc::default() };
        let serving = receiver.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { while serving.serve_one(&mut stream).await.is_some() {} });
            }
        });
        receiver
    }

    async fn serve_one(&self, stream: &mut TcpStream) -> Option<()> {
        let mut bytes = Vec::new();
        let head_end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            read_more(stream, &mut bytes).await?;
        };
        let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.to_lowercase().strip_prefix(name).map(|_| line));
            line.and_then(|line| line.split_once(": ")).map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        let length: usize = header("content-length").parse().unwrap_or(0);
        while bytes.len() < head_end + length {
            read_more(stream, &mut bytes).await?;
        }
        let message = Message {
            path: head.split(' ').nth(1).unwrap().to_owned(),
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp"),
            signature: header("webhook-signature"),
            head: head.to_lowercase(),
            body: String::from_utf8(bytes[head_end..].to_vec()).unwrap(),
        };
        let (answer, delay) = {
            let mut state = self.state.lock().unwrap();
            state.messages.push(message);
            (state.answers.pop(), state.delay)
        };
        tokio::time::sleep(delay).await;
        let answer = answer.unwrap_or_else(|| "204 No Content\r\n\r\n".to_owned());
        stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await.ok()
    }

    /// Where it can be reached.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers the next requests with these statuses, in this order, and then 204.
    pub fn answers(&self, statuses: &[&str]) {
        let answers = statuses.iter().rev().map(|status| format!("{status}\r\ncontent-length: 0\r\n\r\n"));
        self.state.lock().unwrap().answers = answers.collect();
    }

    /// Answers the next request with these very bytes behind `HTTP/1.1 `.
    pub fn answers_raw(&self, answer: &str) {
        self.state.lock().unwrap().answers = vec![answer.to_owned()];
    }

    /// Takes this long for each answer.
    pub fn takes(&self, delay: Duration) {
        self.state.lock().unwrap().delay = delay;
    }

    /// What came so far.
    pub fn messages(&self) -> Vec<Message> {
        self.state.lock().unwrap().messages.clone()
    }

    /// Forgets what came so far.
    pub fn forget(&self) {
        self.state.lock().unwrap().messages.clear();
    }

    /// Waits until `count` requests have come.
    pub async fn wait_for(&self, count: usize) -> Vec<Message> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let messages = self.messages();
            if messages.len() >= count {
                return messages;
            }
            assert!(Instant::now() < deadline, "{} of {count}: {messages:#?}", messages.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits long enough for what would be sent to come, and answers all of it.
    pub async fn settled(&self) -> Vec<Message> {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        self.messages()
    }
}

async fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 4096];
    let read = stream.read(&mut chunk).await.ok().filter(|read| *read > 0)?;
    bytes.extend_from_slice(&chunk[..read]);
    Some(())
}

/// A webhook to this URL that wants these types.
pub fn webhook(url: &str, events: &[WebhookEventType]) -> NewWebhook {
    NewWebhook {
        url: url.to_owned(),
        description: "Test".parse().unwrap(),
        events: events.to_vec(),
        enabled: true,
    }
}

/// The owner makes a webhook to this receiver that wants everything.
pub async fn listen(owner: &Owner, receiver: &Receiver) -> WebhookWithSecret {
    owner.inside.create_webhook(&webhook(&receiver.url("/hook"), &[])).await.unwrap()
}
