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
use crate::http::body::{self, LIMIT};

/// What may be named more than once (RFC 8693 section 2.1).
const REPEATABLE: [&str; 2] = ["audience", "resource"];

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
            Ok(Self { parameters: parse(&bytes)?, proof: proof(&request)? })
        })
    }
}

fn parse(bytes: &[u8]) -> Result<Vec<(String, String)>, OAuthRefusal> {
    let mut parameters: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(bytes) {
        // RFC 6749 section 3.2: without a value, it is as if it were not there.
        if value.is_empty() {
            continue;
        }
        if parameters.iter().any(|(known, _)| *known == name) && !REPEATABLE.contains(&&*name) {
            return Err(OAuthRefusal::invalid_request("A parameter is there more than once."));
        }
        parameters.push((name.into_owned(), value.into_owned()));
    }
    Ok(parameters)
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
    /// A parameter that is there at most once.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter.
    pub fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that has to be there.
    pub fn required(&self, name: &str) -> Result<&str, OAuthRefusal> {
        self.get(name)
            .ok_or_else(|| OAuthRefusal::invalid_request(format!("The parameter {name} is missing.")))
    }

    /// By what the client proves itself: HTTP Basic, or id and secret among the parameters, but not both (RFC 6749 section 2.3).
    pub fn credentials(&self) -> Result<Option<Credentials>, OAuthRefusal> {
        let (id, secret) = (self.get("client_id"), self.get("client_secret"));
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
        let names = |body: &str| {
            parse(body.as_bytes())
                .ok()
                .map(|found| found.into_iter().map(|(name, _)| name).collect::<Vec<_>>())
        };
        assert_eq!(names("a=1&b=&c&d=2"), Some(vec!["a".to_owned(), "d".to_owned()]));
        assert_eq!(names("a=1&a=1"), None);
        assert_eq!(names("unknown=1&unknown=2"), None);
        assert_eq!(names("%61=1&a=1"), None);
        assert_eq!(names("a=1&a="), Some(vec!["a".to_owned()]));
        assert_eq!(names("audience=x&audience=y").map(|found| found.len()), Some(2));
        assert_eq!(names(""), Some(Vec::new()));
    }
}
