//! Forms (RFC 6749 appendix B), and how clients and people prove themselves with them.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use portal_api_types::Secret;

use super::error::OAuthRefusal;
use crate::auth::client::Credentials;
use crate::auth::token::PUBLIC_CLIENT;
use crate::http::body::{self, LIMIT};

/// The parameters of a request, those without a value left out; and the header by which its sender proves themselves.
pub struct Form {
    parameters: Vec<(String, String)>,
    proof: Proof,
}

/// What `Authorization` says.
enum Proof {
    None,
    Basic(Credentials),
    Bearer(Secret),
}

impl FromRequest for Form {
    type Error = OAuthRefusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, OAuthRefusal>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = body::bytes(&request, payload, "application/x-www-form-urlencoded", LIMIT).await?;
            Ok(Self { parameters: parse(&bytes), proof: proof(&request)? })
        })
    }
}

fn parse(bytes: &[u8]) -> Vec<(String, String)> {
    // RFC 6749 section 3.2: without a value, it is as if it were not there.
    let given = url::form_urlencoded::parse(bytes).filter(|(_, value)| !value.is_empty());
    given.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn proof(request: &HttpRequest) -> Result<Proof, OAuthRefusal> {
    let mut headers = request.headers().get_all(header::AUTHORIZATION);
    let Some(value) = headers.next() else { return Ok(Proof::None) };
    if headers.next().is_some() {
        return Err(OAuthRefusal::invalid_request("Authorization is there more than once."));
    }
    let (scheme, value) = value.to_str().ok().and_then(|value| value.split_once(' ')).unwrap_or_default();
    let value = value.trim();
    match scheme.to_ascii_lowercase().as_str() {
        "basic" => basic(value).map(Proof::Basic).ok_or_else(|| {
            OAuthRefusal::invalid_client("What follows Basic is not a client's id and secret in base64.")
        }),
        "bearer" => Ok(Proof::Bearer(Secret::new(value))),
        _ => {
            Err(OAuthRefusal::invalid_client("Authorization has neither the form Basic nor the form Bearer."))
        }
    }
}

/// Id and secret of a client. Both are encoded like the values of a form before they are joined (RFC 6749 section 2.3.1), so
/// that either may have a colon in it.
fn basic(value: &str) -> Option<Credentials> {
    let joined = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some(Credentials { client_id: decoded(id)?, secret: Secret::new(decoded(secret)?) })
}

fn decoded(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

impl Form {
    /// A parameter that may be there once. One that nobody asks for is ignored, however often it is there (RFC 6749 section
    /// 3.2).
    pub fn get(&self, name: &'static str) -> Result<Option<&str>, OAuthRefusal> {
        let mut values = self.all(name);
        let (first, second) = (values.next(), values.next());
        if second.is_some() {
            let why = format!("The parameter {name} is there more than once.");
            return Err(OAuthRefusal::invalid_request(why));
        }
        Ok(first)
    }

    /// All values of a parameter that may be there more than once (RFC 8693 section 2.1).
    pub fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that has to be there.
    pub fn required(&self, name: &'static str) -> Result<&str, OAuthRefusal> {
        self.get(name)?
            .ok_or_else(|| OAuthRefusal::invalid_request(format!("The parameter {name} is missing.")))
    }

    /// By what the client proves itself: HTTP Basic, or id and secret among the parameters, but not both (RFC 6749 section 2.3).
    pub fn credentials(&self) -> Result<Option<Credentials>, OAuthRefusal> {
        let (id, secret) = (self.get("client_id")?, self.get("client_secret")?);
        match (&self.proof, id, secret) {
            (Proof::Basic(_) | Proof::Bearer(_), _, Some(_)) => {
                Err(OAuthRefusal::invalid_request("The client proves itself in two ways: choose one."))
            }
            (Proof::Basic(basic), Some(id), None) if id != basic.client_id => {
                Err(OAuthRefusal::invalid_request("Two clients are named: client_id is not that of Basic."))
            }
            (Proof::Basic(basic), _, None) => Ok(Some(basic.clone())),
            (Proof::None, Some(id), Some(secret)) => {
                Ok(Some(Credentials { client_id: id.to_owned(), secret: Secret::new(secret) }))
            }
            (Proof::None, None, Some(_)) => {
                Err(OAuthRefusal::invalid_request("There is a client_secret without a client_id."))
            }
            // Clients without a secret are no program: people's tokens are one client's, the portal's own.
            (Proof::None | Proof::Bearer(_), Some(id), None) if id != PUBLIC_CLIENT => {
                Err(OAuthRefusal::invalid_client("A client proves itself by its id and its secret."))
            }
            (Proof::None | Proof::Bearer(_), _, None) => Ok(None),
        }
    }

    /// The bearer token by which a person or a program asks.
    pub fn bearer(&self) -> Option<Secret> {
        match &self.proof {
            Proof::Bearer(token) => Some(token.clone()),
            Proof::None | Proof::Basic(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn basic_decodes_both_parts_like_a_form() {
        let read = |text: &str| {
            basic(&STANDARD.encode(text)).map(|read| (read.client_id, read.secret.reveal().to_owned()))
        };
        let parts = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(read("id:secret"), parts("id", "secret"));
        assert_eq!(read("a%3Ab:c%2Bd+e%25"), parts("a:b", "c+d e%"));
        assert_eq!(read("id:with:colons"), parts("id", "with:colons"));
        assert_eq!(read(":"), parts("", ""));
        assert_eq!(read("no colon"), None);
        assert_eq!(read("id:%FF"), None);
        assert_eq!(basic("not base64!").map(|_| ()), None);
        assert_eq!(basic(&STANDARD.encode(b"\xFF:\xFF")).map(|_| ()), None);
    }

    #[test]
    fn a_parameter_comes_once_and_without_a_value_not_at_all() {
        let a = |body: &str| {
            let form = Form { parameters: parse(body.as_bytes()), proof: Proof::None };
            form.get("a").map(|value| value.map(str::to_owned)).ok()
        };
        let one = Some(Some("1".to_owned()));
        assert_eq!(a("a=1&b=&c&d=2"), one);
        assert_eq!(a("a=1&a="), one);
        assert_eq!(a("a=1&unknown=1&unknown=2"), one);
        assert_eq!(a("a=&b=1"), Some(None));
        assert_eq!(a(""), Some(None));
        assert_eq!(a("a=1&a=1"), None);
        assert_eq!(a("%61=1&a=1"), None);
        let form = Form { parameters: parse(b"audience=x&audience=y"), proof: Proof::None };
        assert_eq!(form.all("audience").count(), 2);
        assert!(form.required("audience").is_err() && form.required("resource").is_err());
    }

    proptest! {
        #[test]
        fn a_form_is_read_as_it_was_meant(pairs in prop::collection::vec(("[a-z_]{1,12}", any::<String>()), 0..8)) {
            let mut written = url::form_urlencoded::Serializer::new(String::new());
            let body = written.extend_pairs(&pairs).finish();
            let meant: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
            prop_assert_eq!(parse(body.as_bytes()), meant);
        }

        #[test]
        fn a_client_is_read_as_it_was_meant(id in any::<String>(), secret in any::<String>()) {
            let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let read = basic(&STANDARD.encode(format!("{}:{}", encoded(&id), encoded(&secret)))).unwrap();
            prop_assert_eq!((read.client_id.as_str(), read.secret.reveal()), (id.as_str(), secret.as_str()));
        }

        #[test]
        fn no_bytes_make_it_fail(bytes in prop::collection::vec(any::<u8>(), 0..200), text in any::<String>()) {
            let form = Form { parameters: parse(&bytes), proof: Proof::None };
            let _ = (form.credentials().is_ok(), form.required("grant_type").is_ok(), form.all("scope").count());
            for header in [
                text.clone(),
                STANDARD.encode(&bytes),
                format!("Basic {}", STANDARD.encode(&bytes)),
                format!("Bearer {text}"),
            ] {
                let _ = basic(&header);
                let request = actix_web::test::TestRequest::default();
                let Ok(value) = header::HeaderValue::from_bytes(header.as_bytes()) else { continue };
                let _ = proof(&request.insert_header((header::AUTHORIZATION, value)).to_http_request()).is_ok();
            }
        }
    }
}
