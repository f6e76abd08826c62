//! The actor who switches: somebody signed in, who may enter the account that the path names.
//!
//! In one question where the answer is yes, as whoever may enter an account is somebody whose session is alive. Only a no is
//! asked about again: is it the session that has ended, or the access?

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use portal_api_types::AccountId;

use super::actor::{Extraction, app, bearer};
use super::scope::PersonScope;
use crate::domain::account::enter::no_such_account;
use crate::error::ApiError;
use crate::store::access::{self, Entry, EntryRow, IdentityRow};

/// Somebody with an identity token who may act in the account of the path, now.
pub struct Entering {
    /// Who, by which session.
    pub person: PersonScope,
    /// Which account.
    pub account: AccountId,
    /// By which way, the strongest that there is.
    pub entry: Entry,
}

impl FromRequest for Entering {
    type Error = ApiError;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        Box::pin(entering(request.clone()))
    }
}

async fn entering(request: HttpRequest) -> Result<Entering, ApiError> {
    let app = app(&request)?;
    let claims = app.tokens.check_identity(bearer(&request)?).map_err(|_| ApiError::unauthenticated())?;
    let wanted = request.match_info().query("account_id").parse::<AccountId>();
    let (person, db, now) = (claims.registered.person(), &app.services.db, app.clock.now());
    if let Ok(account) = &wanted
        && let Some(row) = db.ask::<EntryRow>(access::enter(&person, account, now)).await?
    {
        return Ok(Entering { person, account: account.clone(), entry: row.parse()? });
    }
    if db.ask::<IdentityRow>(access::identify(&person, now)).await?.is_none() {
        return Err(ApiError::unauthenticated());
    }
    match wanted {
        Ok(_) => Err(no_such_account().into()),
        Err(invalid) => Err(ApiError::malformed_parameter(invalid.detail)),
    }
}
