//! The body of a request that creates something, with its `Idempotency-Key`. A handler that takes one gives the attempt to its
//! caller and runs its use case by the [`Once`] that this answers; its OpenAPI attribute has `IdempotencyHeader` among its
//! parameters. The answer's type has to be one of [`Kept`](crate::domain::idempotency::Kept), or is kept nowhere.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_api_types::IdempotencyKey;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::body::{LIMIT, bytes, parse};
use crate::auth::link::hash_of;
use crate::domain::idempotency::{Caller, Once};
use crate::error::ApiError;

/// The header, for the description of an operation.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header that `Creating` reads")]
pub struct IdempotencyHeader {
    /// Made up by the caller for one request, such as a random UUID: up to 255 characters of visible ASCII. The same
    /// request again, with the same key and the same body byte for byte, gets the first answer within 24 hours, and
    /// nothing happens twice. See *Conventions*.
    #[param(rename = "Idempotency-Key", value_type = Option<String>, nullable = false, min_length = 1, max_length = 255,
        pattern = "^[!-~]+$", example = "6f1c0f9e-7a3b-4c55-9d0e-2b8f4f3a1c77")]
    idempotency_key: Option<String>,
}

/// A JSON body of up to `MOST` bytes, and the attempt that it came with.
pub struct Creating<T, const MOST: usize = LIMIT> {
    /// The body.
    pub body: T,
    /// Whether the caller has made a key for it.
    pub attempt: Attempt,
}

/// A request that may have come before.
pub struct Attempt {
    key: Option<IdempotencyKey>,
    operation: String,
    body_hash: String,
}

impl Attempt {
    /// The right to serve this caller's request once.
    pub fn by(self, caller: &Caller) -> Once {
        match self.key {
            Some(key) => Once::new(caller, &self.operation, &key, self.body_hash),
            None => Once::default(),
        }
    }
}

impl<T: DeserializeOwned + 'static, const MOST: usize> FromRequest for Creating<T, MOST> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            // First: it waits until the caller was let in.
            let bytes = bytes(&request, payload, "application/json", MOST).await?;
            let key = key(&request)?;
            let body = parse(&bytes)?;
            let operation = format!("{} {}", request.method(), request.path());
            let body_hash = if key.is_some() { hash_of(&bytes) } else { String::new() };
            Ok(Self { body, attempt: Attempt { key, operation, body_hash } })
        })
    }
}

fn key(request: &HttpRequest) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut sent = request.headers().get_all("idempotency-key");
    let (first, second) = (sent.next(), sent.next());
    if second.is_some() {
        return Err(ApiError::malformed_parameter("Send one Idempotency-Key, not several."));
    }
    let Some(first) = first else { return Ok(None) };
    // What is no text is no key either.
    IdempotencyKey::parse(first.to_str().unwrap_or_default())
        .map(Some)
        .map_err(|invalid| ApiError::malformed_parameter(invalid.detail))
}
