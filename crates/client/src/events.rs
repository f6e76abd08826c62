//! An event stream.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use portal_api_types::Change;
use reqwest::Response;

use crate::error::{Error, describe_json_error};
use crate::json;
use crate::sse::{Message, Parser};

/// What an event stream says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortalEvent {
    /// The first: from here on changes are told. After a reconnect, what is shown is to be asked for anew.
    Ready,
    /// Something has changed.
    Change(Change),
    /// The last: the session has ended.
    End,
}

#[cfg(not(target_arch = "wasm32"))]
type Body = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>;
// What the browser gives stays on its one thread.
#[cfg(target_arch = "wasm32")]
type Body = Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>>>>;

/// An open event stream: what [`SignedIn::events`](crate::SignedIn::events) answers.
///
/// It ends after [`PortalEvent::End`], after an error, and without either when the portal closes it: since the token has
/// expired, or the server stops. Then go on with another, by a fresh token if it was that; wait a little between tries.
/// Dropping it closes it.
pub struct Events {
    body: Body,
    parser: Parser,
    /// Read, and not yet given out.
    waiting: VecDeque<Result<PortalEvent, Error>>,
    finished: bool,
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("finished", &self.finished).finish_non_exhaustive()
    }
}

impl Events {
    pub(crate) fn new(response: Response) -> Self {
        Self {
            body: Box::pin(response.bytes_stream()),
            parser: Parser::default(),
            waiting: VecDeque::new(),
            finished: false,
        }
    }

    /// Waits for the next event; nothing when the stream is closed. Heartbeats are not told.
    pub async fn next(&mut self) -> Option<Result<PortalEvent, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    fn read(&mut self, bytes: &[u8]) {
        match self.parser.feed(bytes) {
            Ok(messages) => {
                self.waiting.extend(messages.iter().filter_map(|message| decode(message).transpose()))
            }
            Err(_) => self.waiting.push_back(Err(Error::wrong_body(200, "an event that does not end"))),
        }
    }
}

impl Stream for Events {
    type Item = Result<PortalEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.finished {
                return Poll::Ready(None);
            }
            if let Some(event) = self.waiting.pop_front() {
                self.finished = matches!(event, Ok(PortalEvent::End) | Err(_));
                return Poll::Ready(Some(event));
            }
            match ready!(self.body.as_mut().poll_next(context)) {
                Some(Ok(bytes)) => self.read(&bytes),
                Some(Err(error)) => self.waiting.push_back(Err(error.into())),
                None => self.finished = true,
            }
        }
    }
}

/// What a message says; nothing when it is of a kind that only a newer portal has.
fn decode(message: &Message) -> Result<Option<PortalEvent>, Error> {
    match message.event.as_str() {
        "ready" => Ok(Some(PortalEvent::Ready)),
        "end" => Ok(Some(PortalEvent::End)),
        "change" => match json::from_slice(message.data.as_bytes()) {
            Ok(change) => Ok(Some(PortalEvent::Change(change))),
            Err(error) => Err(Error::wrong_body(200, describe_json_error(&error))),
        },
        _ => Ok(None),
    }
}
