//! What a call comes to.
//!
//! How an answer is received is kept apart from how it is read: the sending is the same code for all kinds of answers,
//! which matters where code is loaded, and what differs by kind is small.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde::de::DeserializeOwned;

use crate::error::{Error, describe_json_error};
use crate::json;

/// A body on its way, or the error instead of it.
#[cfg(not(target_arch = "wasm32"))]
pub type Receiving = Pin<Box<dyn Future<Output = Result<Body, Error>> + Send>>;
/// A body on its way, or the error instead of it. A browser's stays on its thread.
#[cfg(target_arch = "wasm32")]
pub type Receiving = Pin<Box<dyn Future<Output = Result<Body, Error>>>>;

/// The body of an answer with an expected status, before it is read.
pub struct Body {
    status: u16,
    bytes: Vec<u8>,
}

/// It may have a token in it.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Body {
    pub(crate) fn new(status: u16, bytes: Vec<u8>) -> Self {
        Self { status, bytes }
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        json::from_slice(&self.bytes)
            .map_err(|error| Error::wrong_body(self.status, describe_json_error(&error)))
    }

    pub(crate) fn text(self) -> Result<String, Error> {
        String::from_utf8(self.bytes).map_err(|_| Error::wrong_body(self.status, "the text is not UTF-8"))
    }
}

/// How a body is read as the answer of an operation.
pub type Reader<T> = fn(Body) -> Result<T, Error>;

/// The answer of an operation, to be awaited. Nothing is sent before.
#[must_use = "nothing is sent before it is awaited"]
pub struct Answer<T> {
    receiving: Receiving,
    read: Reader<T>,
}

impl<T> Answer<T> {
    pub(crate) fn new(receiving: Receiving, read: Reader<T>) -> Self {
        Self { receiving, read }
    }

    /// What is the same for all operations, and what is not: for who does more around the former than await it.
    pub fn into_parts(self) -> (Receiving, Reader<T>) {
        (self.receiving, self.read)
    }
}

impl<T> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").finish_non_exhaustive()
    }
}

impl<T> Future for Answer<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let body = ready!(self.receiving.as_mut().poll(context))?;
        Poll::Ready((self.read)(body))
    }
}
