//! JSON bodies: read to a limit, parsed, checked, and refused with everything that is wrong in them.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::StreamExt;
use portal_api_types::{ErrorCode, FieldError};
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;

use super::json;
use crate::app::App;
use crate::auth::actor::Admitted;
use crate::error::ApiError;

/// What a body may have at most, in bytes.
pub const LIMIT: usize = 64 * 1024;
/// What the body of a batch may have at most.
pub const BATCH_LIMIT: usize = 2 * 1024 * 1024;

/// What the larger ones of all callers may have together, in KiB. A caller announces two megabytes with a few bytes, and may then
/// let the rest come as slowly as is waited for.
const LARGE_TOGETHER_KIB: usize = 32 * 1024;
static LARGE: Semaphore = Semaphore::const_new(LARGE_TOGETHER_KIB);

/// How many mistakes a refusal names. Finding each one takes a look at the whole body.
const MAX_ERRORS: usize = 20;

/// A JSON body of up to 64 KiB.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { read(&request, payload, LIMIT).await.map(Self) })
    }
}

async fn read<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: Payload,
    limit: usize,
) -> Result<T, ApiError> {
    parse(&bytes(request, payload, "application/json", limit).await?)
}

/// Reads a body, once its caller was let in.
///
/// # Errors
/// When it is not of this media type by its own word, too large, or too slow.
pub(super) async fn bytes(
    request: &HttpRequest,
    mut payload: Payload,
    media_type: &str,
    limit: usize,
) -> Result<BytesMut, ApiError> {
    Admitted::wait(request).await?;
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type) {
        let detail = format!("Send the body as Content-Type: {media_type}.");
        return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
    }
    let too_large = || {
        let detail = format!("The body is too large: at most {} KiB.", limit / 1024);
        ApiError::new(ErrorCode::PayloadTooLarge, detail)
    };
    let announced =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: u64| length > limit as u64) {
        return Err(too_large());
    }
    let reading = async {
        let (mut bytes, mut has_room) = (BytesMut::new(), false);
        while let Some(chunk) = payload.next().await {
            let chunk =
                chunk.map_err(|_| ApiError::new(ErrorCode::MalformedRequest, "The body ended too early."))?;
            if bytes.len() + chunk.len() > limit {
                return Err(too_large());
            }
            if bytes.len() + chunk.len() > LIMIT && !has_room {
                take_room(request, announced.unwrap_or(limit as u64))?;
                has_room = true;
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    // Whoever sends byte by byte must not keep a connection, and a server that wants to stop, waiting.
    let seconds = request.app_data::<Data<App>>().map_or(10, |app| app.config.request_timeout);
    tokio::time::timeout(Duration::from_secs(seconds), reading).await.map_err(|_| {
        let detail = format!("The body did not arrive within {seconds} seconds.");
        ApiError::new(ErrorCode::RequestTimeout, detail)
    })?
}

/// Takes room for a large body, until its request has been answered.
fn take_room(request: &HttpRequest, length: u64) -> Result<(), ApiError> {
    let kib = u32::try_from(length.div_ceil(1024)).unwrap_or(u32::MAX);
    let room = LARGE.try_acquire_many(kib).map_err(|_| ApiError::busy_with_large_bodies())?;
    request.extensions_mut().insert(room);
    Ok(())
}

/// Parses a body.
///
/// # Errors
/// What is wrong in it: everything, as far as a person will read that.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut value = json::parse(bytes)?;
    if !value.is_object() {
        return Err(refused(vec![FieldError {
            pointer: String::new(),
            code: ErrorCode::InvalidType,
            detail: "The body must be a JSON object.".to_owned(),
        }]));
    }
    let mut errors: Vec<FieldError> = Vec::new();
    loop {
        match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(body) if errors.is_empty() => return Ok(body),
            Ok(_) => return Err(refused(errors)),
            Err(error) => {
                let found = field_error(&error);
                let field = found.pointer.trim_start_matches('/').to_owned();
                // serde stops at the first mistake. Without the field that has it, it goes on to the next one.
                let again = found.code != ErrorCode::MissingField
                    && value.as_object_mut().is_some_and(|object| object.remove(&field).is_some());
                // A field that was taken out for a mistake is not also missing.
                if !errors.iter().any(|known| known.pointer == found.pointer) {
                    errors.push(found);
                }
                if !again || errors.len() == MAX_ERRORS {
                    return Err(refused(errors));
                }
            }
        }
    }
}

fn refused(errors: Vec<FieldError>) -> ApiError {
    let (code, detail) = errors
        .first()
        .map_or((ErrorCode::InvalidValue, String::new()), |first| (first.code, first.detail.clone()));
    ApiError { errors, ..ApiError::new(code, detail) }
}

/// serde's words as a code, a place and a sentence. What our own types refuse has its code in front.
fn field_error(error: &serde_path_to_error::Error<serde_json::Error>) -> FieldError {
    let mut pointer = String::new();
    for segment in error.path() {
        use serde_path_to_error::Segment;
        match segment {
            Segment::Map { key } => {
                pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Seq { index } => pointer = format!("{pointer}/{index}"),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let message = error.inner().to_string();
    let named = || message.split('`').nth(1).unwrap_or_default().to_owned();
    if message.starts_with("unknown field") {
        let name = named();
        if !pointer.ends_with(&format!("/{name}")) {
            pointer = format!("{pointer}/{name}");
        }
        let detail = format!("There is no field `{name}` here.");
        return FieldError { pointer, code: ErrorCode::UnknownField, detail };
    }
    if message.starts_with("missing field") {
        let name = named();
        let detail = format!("The field `{name}` is missing.");
        return FieldError { pointer: format!("{pointer}/{name}"), code: ErrorCode::MissingField, detail };
    }
    if let Some((code, detail)) =
        message.split_once(": ").and_then(|(word, rest)| Some((ErrorCode::from_word(word)?, rest)))
    {
        return FieldError { pointer, code, detail: detail.to_owned() };
    }
    let code =
        if message.starts_with("invalid type") { ErrorCode::InvalidType } else { ErrorCode::InvalidValue };
    FieldError { pointer, code, detail: format!("{}.", sentence(&message)) }
}

fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use portal_api_types::{AssignmentBatch, Import, NewWebhook, Registration, UpdateEmployee};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn errors<T: DeserializeOwned>(body: &str) -> Vec<(String, ErrorCode)> {
        let error = parse::<T>(body.as_bytes()).err().unwrap();
        assert_eq!(
            error.errors.first().map(|first| first.code),
            Some(error.code),
            "the first error names the problem"
        );
        error.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn every_wrong_field_is_named() {
        let found =
            errors::<Registration>(r#"{"name": "  ", "email": "nobody", "account_name": 7, "extra": true}"#);
        assert!(found.contains(&("/name".into(), ErrorCode::InvalidName)), "{found:?}");
        assert!(found.contains(&("/email".into(), ErrorCode::InvalidEmail)), "{found:?}");
        assert!(found.contains(&("/account_name".into(), ErrorCode::InvalidType)), "{found:?}");
        assert!(found.contains(&("/extra".into(), ErrorCode::UnknownField)), "{found:?}");
        assert_eq!(found.len(), 4, "{found:?}");
    }

    #[test]
    fn a_missing_field_is_named() {
        let found = errors::<Registration>(r#"{"name": "Olivia", "account_name": "Bakery"}"#);
        assert_eq!(found, [("/email".to_owned(), ErrorCode::MissingField)]);
    }

    #[test]
    fn nested_mistakes_have_a_pointer() {
        let found = errors::<AssignmentBatch>(
            r#"{"grant": [{"employee_id": "x", "account_id": "acct_01h455vb4pex5vsknk084sn02q"}]}"#,
        );
        assert_eq!(found, [("/grant/0/employee_id".to_owned(), ErrorCode::InvalidId)]);
    }

    #[test]
    fn null_is_not_left_out() {
        let found = errors::<UpdateEmployee>(r#"{"role": null, "status": "admin,owner"}"#);
        assert!(
            found.contains(&("/role".into(), ErrorCode::InvalidType))
                || found.contains(&("/role".into(), ErrorCode::InvalidValue)),
            "{found:?}"
        );
        assert!(found.contains(&("/status".into(), ErrorCode::InvalidValue)), "{found:?}");
    }

    #[test]
    fn a_body_of_nothing_but_mistakes_is_given_up_soon() {
        let fields: Vec<String> = (0..150_000).map(|number| format!("\"f{number}\":0")).collect();
        let body = format!("{{{}}}", fields.join(","));
        assert!(body.len() < BATCH_LIMIT);
        let started = std::time::Instant::now();
        assert_eq!(errors::<AssignmentBatch>(&body).len(), MAX_ERRORS);
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }

    /// A field of some request, or another one.
    fn names() -> impl Strategy<Value = String> {
        let known = [
            "name",
            "email",
            "account_name",
            "role",
            "status",
            "grant",
            "revoke",
            "url",
            "events",
            "kind",
            "csv",
            "locale",
        ];
        prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
    }

    proptest! {
        #[test]
        fn whatever_a_body_has_in_it_the_refusal_says_what_is_wrong(
            fields in prop::collection::vec((names(), crate::http::json::tests::values()), 0..8),
            cut in any::<prop::sample::Index>(),
        ) {
            fn refusal<T: DeserializeOwned>(body: &[u8]) -> Option<ApiError> {
                parse::<T>(body).err()
            }
            let text = Value::Object(fields.into_iter().collect()).to_string().into_bytes();
            for body in [&text[..], &text[..cut.index(text.len())]] {
                for error in [
                    refusal::<Registration>(body),
                    refusal::<UpdateEmployee>(body),
                    refusal::<AssignmentBatch>(body),
                    refusal::<NewWebhook>(body),
                    refusal::<Import>(body),
                ].into_iter().flatten() {
                    prop_assert!((400..500).contains(&error.code.status()), "{:?}", error);
                    prop_assert!(!error.detail.is_empty() && error.errors.len() <= MAX_ERRORS, "{:?}", error);
                    for field in &error.errors {
                        prop_assert!(field.pointer.is_empty() || field.pointer.starts_with('/'), "{:?}", error);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in [
            "",
            "{",
            "nul",
            "{\"a\": 1,}",
            "{\"a\": 1, \"a\": 2}",
            "{\"a\": [{\"b\": 1, \"b\": 1}]}",
            "\u{feff}{}",
        ] {
            assert_eq!(
                parse::<Registration>(body.as_bytes()).err().unwrap().code,
                ErrorCode::MalformedJson,
                "{body:?}"
            );
        }
        assert_eq!(parse::<Registration>(b"\xff\xfe").err().unwrap().code, ErrorCode::MalformedJson);
        assert_eq!(errors::<Registration>("[]"), [(String::new(), ErrorCode::InvalidType)]);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(parse::<Registration>(deep.as_bytes()).err().unwrap().code, ErrorCode::MalformedJson);
    }
}
