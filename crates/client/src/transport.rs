//! One call: what every operation has in common, from the token to the reading of the answer.

use std::fmt;

use portal_api_types::{ApiKeyId, IdempotencyKey, Secret};
#[cfg(not(target_arch = "wasm32"))]
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, describe_json_error};
use crate::events::Events;
use crate::json;
use crate::portal::Portal;

/// A bearer token. Never printed: its `Debug` form hides it.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    pub(crate) fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(hidden)")
    }
}

/// What is shown once.
#[derive(Deserialize)]
struct Shown {
    secret: Secret,
}

fn read<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, Error> {
    json::from_slice(body).map_err(|error| Error::wrong_body(status, describe_json_error(&error)))
}

/// A request in the making. It is sent by the method that says which answer is the expected one: [`Call::json`],
/// [`Call::empty`] or [`Call::text`].
pub(crate) struct Call {
    request: RequestBuilder,
}

impl Call {
    /// A call of this path, from the root of the portal.
    pub(crate) fn new(portal: &Portal, method: Method, path: &str) -> Self {
        Self { request: portal.http().request(method, portal.url(path)) }
    }

    pub(crate) fn bearer(self, token: &Token) -> Self {
        Self { request: self.request.bearer_auth(token.reveal()) }
    }

    pub(crate) fn query<Q: Serialize>(self, query: &Q) -> Self {
        Self { request: self.request.query(query) }
    }

    pub(crate) fn body<B: Serialize>(self, body: &B) -> Self {
        Self { request: self.request.json(body) }
    }

    /// Marks a call that is to take effect once, however often it is sent.
    pub(crate) fn once(self, key: Option<&IdempotencyKey>) -> Self {
        match key {
            Some(key) => Self { request: self.request.header("Idempotency-Key", key.as_str()) },
            None => self,
        }
    }

    /// The body as a form, which is what OAuth takes.
    pub(crate) fn form<F: Serialize>(self, form: &F) -> Self {
        Self { request: self.request.form(form) }
    }

    /// Proves a program by its key. Ids and secrets of the portal have no letter that OAuth would want encoded.
    pub(crate) fn basic(self, key: &ApiKeyId, secret: &Secret) -> Self {
        Self { request: self.request.basic_auth(key, Some(secret.reveal())) }
    }

    /// Marks a call that sends, sets or clears the refresh token's cookie. In a browser nothing else sends cookies to
    /// a portal of another origin; natively the jar decides.
    pub(crate) fn with_cookie(self) -> Self {
        #[cfg(target_arch = "wasm32")]
        let request = self.request.fetch_credentials_include();
        #[cfg(not(target_arch = "wasm32"))]
        let request = self.request;
        Self { request }
    }

    /// Sends; the answer has this status and is JSON.
    pub(crate) async fn json<T: DeserializeOwned>(self, status: u16) -> Result<T, Error> {
        self.json_of(&[status]).await
    }

    /// Sends; the answer has one of these statuses and is JSON.
    pub(crate) async fn json_of<T: DeserializeOwned>(self, statuses: &[u16]) -> Result<T, Error> {
        // Boxed: the code for each kind of answer need not hold the sending as well.
        let (status, body) = Box::pin(self.body_of(statuses)).await?;
        read(status, &body)
    }

    /// Sends; the answer has this status and is JSON, with a secret beside the fields of `T`. Each is read by itself: a
    /// flattened struct is a second reader of all that is in it.
    pub(crate) async fn json_with_secret<T: DeserializeOwned>(
        self,
        status: u16,
    ) -> Result<(T, Secret), Error> {
        let (status, body) = Box::pin(self.body_of(&[status])).await?;
        Ok((read(status, &body)?, read::<Shown>(status, &body)?.secret))
    }

    /// Sends; the answer has this status and says no more.
    pub(crate) async fn empty(self, status: u16) -> Result<(), Error> {
        Box::pin(self.send(status)).await.map(drop)
    }

    /// Sends; the answer has status 200 and is text of this kind.
    pub(crate) async fn text(self, media_type: &str) -> Result<String, Error> {
        let response = self.send(200).await?;
        if !header(&response, CONTENT_TYPE).is_some_and(|kind| kind.starts_with(media_type)) {
            return Err(Error::wrong_body(200, format!("{media_type} was expected")));
        }
        let body: Vec<u8> = response.bytes().await?.into();
        String::from_utf8(body).map_err(|_| Error::wrong_body(200, "the text is not UTF-8"))
    }

    /// Sends; the answer has status 200 and is a stream of events.
    pub(crate) async fn events(self) -> Result<Events, Error> {
        const EVENTS: &str = "text/event-stream";
        let response = Self { request: self.request.header(ACCEPT, EVENTS) }.send(200).await?;
        if !header(&response, CONTENT_TYPE).is_some_and(|kind| kind.starts_with(EVENTS)) {
            return Err(Error::wrong_body(200, format!("{EVENTS} was expected")));
        }
        Ok(Events::new(response))
    }

    async fn body_of(self, statuses: &[u16]) -> Result<(u16, Vec<u8>), Error> {
        let response = self.send_for(statuses).await?;
        let status = response.status().as_u16();
        Ok((status, response.bytes().await?.into()))
    }

    /// Sends and lets only the expected status through. Any success would not do: a gateway that answers its log-in
    /// page with 200 must not pass for a revocation with 204.
    async fn send(self, expected: u16) -> Result<Response, Error> {
        self.send_for(&[expected]).await
    }

    async fn send_for(self, expected: &[u16]) -> Result<Response, Error> {
        let response = sent(self.request).await?;
        let status = response.status().as_u16();
        if expected.contains(&status) {
            return Ok(response);
        }
        let expected = expected.first().copied().unwrap_or_default();
        let retry_after = header(&response, RETRY_AFTER).map(str::to_owned);
        let body = response.bytes().await?;
        Err(Error::from_answer(status, expected, retry_after.as_deref(), &body))
    }
}

/// Sends a request. A connection that was opened and not used is closed by the portal with a 408 that has no problem in it. Where
/// that crosses a request, the request was not read, and is sent again (RFC 9110 section 15.5.9). Browsers do so themselves.
#[cfg(not(target_arch = "wasm32"))]
async fn sent(request: RequestBuilder) -> Result<Response, reqwest::Error> {
    let again = request.try_clone();
    let response = request.send().await?;
    let is_problem =
        header(&response, CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/problem"));
    match again {
        Some(again) if response.status() == StatusCode::REQUEST_TIMEOUT && !is_problem => again.send().await,
        _ => Ok(response),
    }
}

#[cfg(target_arch = "wasm32")]
async fn sent(request: RequestBuilder) -> Result<Response, reqwest::Error> {
    request.send().await
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}
