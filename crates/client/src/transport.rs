//! One call: what every operation has in common, from the token to the reading of the answer.

use std::fmt;

use portal_api_types::{
    ApiKey, ApiKeyId, ApiKeySecret, Employee, EmployeeDetail, IdempotencyKey, OpenInvitation, Secret,
    Webhook, WebhookWithSecret,
};
#[cfg(not(target_arch = "wasm32"))]
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::answer::{Answer, Body, Receiving};
use crate::error::Error;
use crate::events::Events;
use crate::portal::Portal;
use crate::query::Parameters;

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

/// An answer with a value among whose fields stand others. Each part is read by itself: a flattened struct is a second
/// reader of all that is in it.
pub(crate) trait InParts {
    type Value: DeserializeOwned;
    type Others: DeserializeOwned;

    fn of(value: Self::Value, others: Self::Others) -> Self;
}

/// What is shown once.
#[derive(Deserialize)]
pub(crate) struct Shown {
    secret: Secret,
}

impl InParts for ApiKeySecret {
    type Value = ApiKey;
    type Others = Shown;

    fn of(key: ApiKey, Shown { secret }: Shown) -> Self {
        Self { key, secret }
    }
}

impl InParts for WebhookWithSecret {
    type Value = Webhook;
    type Others = Shown;

    fn of(webhook: Webhook, Shown { secret }: Shown) -> Self {
        Self { webhook, secret }
    }
}

/// What goes when an employee goes.
#[derive(Deserialize)]
pub(crate) struct Going {
    open_invitations: Vec<OpenInvitation>,
}

impl InParts for EmployeeDetail {
    type Value = Employee;
    type Others = Going;

    fn of(employee: Employee, Going { open_invitations }: Going) -> Self {
        Self { employee, open_invitations }
    }
}

/// A request in the making. It becomes an answer by the method that says which one is expected: [`Call::json`],
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

    pub(crate) fn query(self, parameters: &Parameters) -> Self {
        Self { request: self.request.query(parameters) }
    }

    pub(crate) fn body<B: Serialize>(self, body: &B) -> Self {
        self.json_body(
            serde_json::to_vec(body).expect("bodies have names for keys, and nothing that refuses"),
        )
    }

    fn json_body(self, json: Vec<u8>) -> Self {
        Self { request: self.request.header(CONTENT_TYPE, "application/json").body(json) }
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

    /// The answer has this status and is JSON.
    pub(crate) fn json<T: DeserializeOwned>(self, status: u16) -> Answer<T> {
        self.json_of([status, status])
    }

    /// The answer has one of these statuses and is JSON.
    pub(crate) fn json_of<T: DeserializeOwned>(self, statuses: [u16; 2]) -> Answer<T> {
        Answer::new(self.receive(statuses, None), |body| body.json())
    }

    /// The answer has this status and is JSON, of two parts.
    pub(crate) fn json_in_parts<T: InParts>(self, status: u16) -> Answer<T> {
        Answer::new(self.receive([status, status], None), |body| Ok(T::of(body.json()?, body.json()?)))
    }

    /// The answer has this status and says no more.
    pub(crate) fn empty(self, status: u16) -> Answer<()> {
        Answer::new(self.receive([status, status], None), |_| Ok(()))
    }

    /// The answer has status 200 and is text of this kind.
    pub(crate) fn text(self, media_type: &'static str) -> Answer<String> {
        Answer::new(self.receive([200, 200], Some(media_type)), Body::text)
    }

    /// Sends; the answer has status 200 and is a stream of events.
    pub(crate) async fn events(self) -> Result<Events, Error> {
        const EVENTS: &str = "text/event-stream";
        let response = Self { request: self.request.header(ACCEPT, EVENTS) }.send([200, 200]).await?;
        require(&response, EVENTS)?;
        Ok(Events::new(response))
    }

    /// Sends once it is awaited, and receives a body with one of these statuses, and of this kind if that matters.
    fn receive(self, statuses: [u16; 2], media_type: Option<&'static str>) -> Receiving {
        Box::pin(async move {
            let response = self.send(statuses).await?;
            if let Some(media_type) = media_type {
                require(&response, media_type)?;
            }
            let status = response.status().as_u16();
            Ok(Body::new(status, response.bytes().await?.into()))
        })
    }

    /// Sends and lets only the expected status through. Any success would not do: a gateway that answers its log-in
    /// page with 200 must not pass for a revocation with 204.
    async fn send(self, expected: [u16; 2]) -> Result<Response, Error> {
        let response = sent(self.request).await?;
        let status = response.status().as_u16();
        if expected.contains(&status) {
            return Ok(response);
        }
        let retry_after = header(&response, RETRY_AFTER).map(str::to_owned);
        let body = response.bytes().await?;
        Err(Error::from_answer(status, expected[0], retry_after.as_deref(), &body))
    }
}

fn require(response: &Response, media_type: &str) -> Result<(), Error> {
    if header(response, CONTENT_TYPE).is_some_and(|kind| kind.starts_with(media_type)) {
        return Ok(());
    }
    Err(Error::wrong_body(response.status().as_u16(), format!("{media_type} was expected")))
}

/// Sends a request. A connection that was opened and not used is closed by the portal with a 408 that has no problem in it. Where
/// that crosses a request, the request was not read, and is sent again (RFC 9110 section 15.5.9). Browsers do so themselves. As it
/// may be somebody in between who says so, only what has the same effect when it is done twice is sent twice.
#[cfg(not(target_arch = "wasm32"))]
async fn sent(request: RequestBuilder) -> Result<Response, reqwest::Error> {
    let again = request.try_clone().filter(may_be_repeated);
    let response = request.send().await?;
    let is_problem =
        header(&response, CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/problem"));
    match again {
        Some(again) if response.status() == StatusCode::REQUEST_TIMEOUT && !is_problem => again.send().await,
        _ => Ok(response),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn may_be_repeated(request: &RequestBuilder) -> bool {
    let request = request.try_clone().and_then(|request| request.build().ok());
    request.is_some_and(|request| {
        request.method().is_idempotent() || request.headers().contains_key("Idempotency-Key")
    })
}

#[cfg(target_arch = "wasm32")]
async fn sent(request: RequestBuilder) -> Result<Response, reqwest::Error> {
    request.send().await
}

fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}
