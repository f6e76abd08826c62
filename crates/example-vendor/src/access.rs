//! Who is it, and may they now? A handler that takes a [`Caller`] is reached by nobody else.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use portal_client::api_types::{AccountId, AccountRole, ExternalId, Introspection};

use crate::app::App;
use crate::refusal::{Refusal, SCOPE};

/// Somebody whom the portal lets into an account now, or said so a moment ago. The token has said *who and where* when it was
/// made; all of this is what the portal says now.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The portal's id of the account.
    pub account_id: AccountId,
    /// Ours.
    pub external_id: ExternalId,
    /// In which role.
    pub role: AccountRole,
}

impl FromRequest for Caller {
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer(request);
        let app = request.app_data::<web::Data<App>>().cloned();
        Box::pin(async move {
            // Only a mistake in `app.rs` takes it away; nobody is let in then.
            let app = app.ok_or(Refusal::PortalAway)?;
            admit(standing(&app, &token?).await?)
        })
    }
}

/// The token of `Authorization: Bearer ...`. Never from the query: URLs are logged.
fn bearer(request: &HttpRequest) -> Result<String, Refusal> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let value = values.next().ok_or(Refusal::NoToken)?;
    let (scheme, token) =
        value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(Refusal::NoToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::NoToken);
    }
    // Two of them: whichever we took, somebody in between may have meant the other.
    if values.next().is_some() { Err(Refusal::InvalidToken) } else { Ok(token.trim().to_owned()) }
}

/// What is so of the token: first by its signature, so that rubbish never reaches the portal, and then by the portal's word
/// (RFC 7662), which is kept for a moment.
async fn standing(app: &App, token: &str) -> Result<Introspection, Refusal> {
    let claims = app.tokens.check(token).await?;
    if let Some(answer) = app.cache.get(&claims.jti) {
        return Ok(answer);
    }
    let asked = app.cache.asking();
    match app.operator.introspect_token(token).await {
        Ok(answer) => {
            app.cache.put(asked, claims.jti, answer.clone());
            Ok(answer)
        }
        // Whatever it is (no network, no database, our key revoked): not knowing is not letting in.
        Err(error) => {
            tracing::warn!(%error, "the portal cannot be asked about a token");
            Err(Refusal::PortalAway)
        }
    }
}

fn admit(answer: Introspection) -> Result<Caller, Refusal> {
    let (true, Some(account_id), Some(role)) = (answer.active, answer.account_id, answer.role) else {
        return Err(Refusal::Ended);
    };
    match role {
        AccountRole::Owner | AccountRole::Member | AccountRole::FirmAdmin | AccountRole::Bookkeeper => {}
        // A program may do what its key's scopes say.
        AccountRole::Integration => {
            let scopes = answer.scope.unwrap_or_default();
            if !scopes.split(' ').any(|scope| scope == SCOPE.as_str()) {
                return Err(Refusal::InsufficientScope);
            }
        }
    }
    let external_id = answer.external_id.ok_or(Refusal::NotLinked)?;
    Ok(Caller { account_id, external_id, role })
}
