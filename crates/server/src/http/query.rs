//! Parameters of paths and queries, and the pages of lists.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use chrono::DateTime;
use futures_util::future::{Either, Ready};
use portal_api_types::{ErrorCode, Limit, Page, is_id};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::auth::actor::{Admitted, Extraction};
use crate::clock::Time;
use crate::domain::After;
use crate::error::ApiError;

/// What the query of a request says; refused as malformed when it is not well-formed.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Either<Ready<Result<Self, ApiError>>, Extraction<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = serde_urlencoded::from_str(request.query_string())
            .map(Self)
            .map_err(|error| ApiError::malformed_parameter(sentence(&error.to_string())));
        Admitted::first(request, parsed)
    }
}

/// The ids of a path, in order; refused as malformed when one is not of its kind.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Either<Ready<Result<Self, ApiError>>, Extraction<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = actix_web::web::Path::<T>::extract(request).into_inner();
        let parsed = parsed
            .map(|ids| Self(ids.into_inner()))
            .map_err(|error| ApiError::malformed_parameter(sentence(&error.to_string())));
        Admitted::first(request, parsed)
    }
}

/// What is wrong, without what our own types and the framework put in front of their sentences: `a: code: The sentence.`
fn sentence(message: &str) -> String {
    let mut rest = message;
    while let Some((word, behind)) = rest.split_once(": ") {
        if ErrorCode::from_word(word).is_some() {
            return behind.to_owned();
        }
        rest = behind;
    }
    message.to_owned()
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
    /// As bytes.
    fn to_bytes(&self) -> Vec<u8>;
    /// The key that these bytes are, or come closest to: a cursor names a place in an order, whether or not an item is there.
    fn from_bytes(bytes: &[u8]) -> Self;
}

impl CursorKey for String {
    fn to_bytes(&self) -> Vec<u8> {
        self.clone().into_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        // PostgreSQL's texts have no NUL.
        Self::from_utf8_lossy(bytes).replace('\0', "\u{FFFD}")
    }
}

impl CursorKey for i64 {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_be_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let mut eight = [0; 8];
        eight.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Self::from_be_bytes(eight)
    }
}

/// The last microsecond of the year 9999: later ones are no RFC 3339.
const LATEST: i64 = 253_402_300_799_999_999;

impl CursorKey for Time {
    fn to_bytes(&self) -> Vec<u8> {
        self.and_utc().timestamp_micros().to_bytes()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let micros = i64::from_bytes(bytes).clamp(0, LATEST);
        DateTime::from_timestamp_micros(micros).unwrap_or_default().naive_utc()
    }
}

/// What cursors look like: the bytes of a sort key in base 16, and an id.
pub const CURSOR_PATTERN: &str = "^([0-9a-f]{2})*\\.[a-z]{4}_[0-7][0-9a-hjkmnp-tv-z]{25}$";

/// Reads a cursor.
pub fn after<K: CursorKey>(cursor: Option<&str>) -> Result<Option<After<K>>, ApiError> {
    let Some(cursor) = cursor else { return Ok(None) };
    let read = || {
        let (key, id) = cursor.split_once('.')?;
        let key = from_base16(key)?;
        is_id(id).then(|| After { key: K::from_bytes(&key), id: id.to_owned() })
    };
    read().map(Some).ok_or_else(|| {
        ApiError::malformed_parameter(
            "This cursor is not one of ours: send back next_cursor of the page before, unchanged.",
        )
    })
}

fn write_cursor<K: CursorKey>(key: &K, id: &str) -> String {
    let key: String = key.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{key}.{id}")
}

/// One text for the same bytes: lower case only.
fn from_base16(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks();
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
    rest.is_empty().then(|| bytes.collect())?
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
        write_cursor(&key, &id)
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "acct_01h455vb4pex5vsknk084sn02q";

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        fn back<K: CursorKey>(key: K) -> K {
            let after = after::<K>(Some(&write_cursor(&key, ID))).unwrap().unwrap();
            assert_eq!(after.id, ID);
            after.key
        }
        for key in ["", "blue bakery", "äpfel 𝒳"] {
            assert_eq!(back(key.to_owned()), key);
        }
        for key in [0, 1, i64::MAX] {
            assert_eq!(back(key), key);
        }
        let now = DateTime::from_timestamp_micros(1_795_512_600_123_456).unwrap().naive_utc();
        assert_eq!(back(now), now);
    }

    #[test]
    fn a_cursor_has_one_form_and_any_place_of_that_form_is_one() {
        let read = |cursor: &str| {
            let text = after::<String>(Some(cursor)).map(|after| after.unwrap().key);
            let (number, time) = (after::<i64>(Some(cursor)).is_ok(), after::<Time>(Some(cursor)).is_ok());
            assert_eq!((number, time), (text.is_ok(), text.is_ok()), "{cursor}");
            text.ok()
        };
        assert_eq!(read(&format!("6100ff.{ID}")).as_deref(), Some("a\u{FFFD}\u{FFFD}"));
        assert_eq!(read(&format!("ffffffffffffffffff.{ID}")).map(|key| key.chars().count()), Some(9));
        for other in [
            "",
            ".",
            ID,
            &format!("6.{ID}"),
            &format!("6A.{ID}"),
            &format!("+6.{ID}"),
            "61.acct_x",
            "61.ACCT_01h455vb4pex5vsknk084sn02q",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
        assert_eq!(read(&format!("61.{ID}\n")), None);
    }

    proptest! {
        #[test]
        fn every_place_in_a_list_has_its_cursor(
            text in any::<String>(),
            number in any::<i64>(),
            micros in 0..=LATEST,
        ) {
            let text = text.replace('\0', "");
            let back = after::<String>(Some(&write_cursor(&text, ID))).unwrap().unwrap();
            prop_assert_eq!((back.key, back.id.as_str()), (text, ID));
            prop_assert_eq!(after::<i64>(Some(&write_cursor(&number, ID))).unwrap().unwrap().key, number);
            let time = DateTime::from_timestamp_micros(micros).unwrap().naive_utc();
            prop_assert_eq!(after::<Time>(Some(&write_cursor(&time, ID))).unwrap().unwrap().key, time);
        }

        #[test]
        fn no_cursor_that_somebody_makes_up_is_more_than_malformed(text in any::<String>(), hex in "[0-9a-g]{0,40}") {
            for cursor in [text, format!("{hex}.{ID}"), format!("{hex}{ID}")] {
                let number = after::<i64>(Some(&cursor)).map(|_| ());
                prop_assert_eq!(after::<Time>(Some(&cursor)).is_ok(), number.is_ok());
                match after::<String>(Some(&cursor)) {
                    Ok(read) => prop_assert!(!read.unwrap().key.contains('\0'), "PostgreSQL's texts have none"),
                    Err(error) => prop_assert_eq!(error.code, ErrorCode::MalformedParameter),
                }
            }
        }

        #[test]
        fn no_query_is_more_than_malformed(text in any::<String>(), limit in "[0-9+-]{0,6}") {
            for query in [
                text.clone(),
                format!("limit={limit}&cursor={text}"),
                format!("limit={limit}&limit={text}"),
            ] {
                let parsed: Result<PageQuery, _> = serde_urlencoded::from_str(&query);
                match parsed {
                    Ok(page) => prop_assert!((1..=200).contains(&page.limit.get())),
                    Err(error) => prop_assert!(!sentence(&error.to_string()).is_empty()),
                }
            }
        }
    }
}
