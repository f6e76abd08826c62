//! Parameters of paths and queries, and the pages of lists.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use portal_api_types::{Limit, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Time;
use crate::domain::After;
use crate::error::ApiError;

/// What the query of a request says; refused as malformed when it is not well-formed.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(serde_urlencoded::from_str(request.query_string()).map(Self).map_err(|error| {
            let message = error.to_string();
            // Our own types put a code in front of their sentence.
            let detail = message.split_once(": ").map_or(message.as_str(), |(_, rest)| rest).to_owned();
            ApiError::malformed_parameter(detail)
        }))
    }
}

/// The ids of a path, in order; refused as malformed when one is not of its kind.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = actix_web::web::Path::<T>::extract(request).into_inner();
        ready(parsed.map(|ids| Self(ids.into_inner())).map_err(|error| {
            let message = error.to_string();
            let detail = message.rsplit_once(": ").map_or(message.as_str(), |(_, rest)| rest).to_owned();
            ApiError::malformed_parameter(detail)
        }))
    }
}

/// A page of a list by a text key.
#[derive(Debug, Clone, Default, serde::Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items at most: 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50, example = 50)]
    #[serde(default, deserialize_with = "limit")]
    pub limit: Limit,
    /// Where to go on: `next_cursor` of the page before, unchanged.
    pub cursor: Option<String>,
}

/// serde_urlencoded has texts only, and so has a flattened struct.
pub fn limit<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Limit, D::Error> {
    let text = <String as serde::Deserialize>::deserialize(deserializer)?;
    let number: u16 = text
        .parse()
        .map_err(|_| serde::de::Error::custom("invalid_value: limit is a number from 1 to 200."))?;
    Limit::new(number).map_err(|invalid| serde::de::Error::custom(format!("invalid_value: {invalid}")))
}

/// A sort key that a cursor carries.
pub trait CursorKey: Sized {
    /// As text.
    fn to_text(&self) -> String;
    /// From text.
    fn from_text(text: &str) -> Option<Self>;
}

impl CursorKey for String {
    fn to_text(&self) -> String {
        self.clone()
    }

    fn from_text(text: &str) -> Option<Self> {
        (!text.contains('\0')).then(|| text.to_owned())
    }
}

impl CursorKey for i64 {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl CursorKey for Time {
    fn to_text(&self) -> String {
        self.and_utc().timestamp_micros().to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        DateTime::from_timestamp_micros(text.parse().ok()?).map(|at| at.naive_utc())
    }
}

/// Reads a cursor: base64url of a JSON pair of sort key and id.
pub fn after<K: CursorKey>(cursor: Option<&str>) -> Result<Option<After<K>>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (key, id): (String, String) = serde_json::from_slice(&bytes).ok()?;
        let sane = id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let key = K::from_text(&key)?;
        sane.then_some(After { key, id })
    };
    read().map(Some).ok_or_else(|| {
        ApiError::malformed_parameter(
            "This cursor is not one of ours: send back next_cursor of the page before, unchanged.",
        )
    })
}

/// A page out of what was found, which is one more than `limit` when there is a next page.
pub fn page<R, T, K: CursorKey>(
    mut found: Vec<R>,
    limit: Limit,
    position: impl Fn(&R) -> (K, String),
    item: impl Fn(R) -> T,
) -> Page<T> {
    let more = found.len() > limit.get();
    found.truncate(limit.get());
    let next_cursor = found.last().filter(|_| more).map(|last| {
        let (key, id) = position(last);
        // A pair of texts always serialises.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(key.to_text(), id)).unwrap_or_default())
    });
    Page { items: found.into_iter().map(item).collect(), next_cursor }
}

/// 200 with JSON.
pub fn ok<T: Serialize>(body: T) -> HttpResponse {
    HttpResponse::Ok().json(body)
}

/// 201 with JSON.
pub fn created<T: Serialize>(body: T) -> HttpResponse {
    HttpResponse::Created().json(body)
}

/// 204.
pub fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}
