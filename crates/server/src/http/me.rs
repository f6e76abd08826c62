//! The person who is signed in, and switching.

use actix_web::{HttpResponse, web};
use portal_api_types::{AccountId, AccountToken, Limit, Me, MyAccount, NewAccount, Page, Search, UpdateMe};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::Body;
use super::creating::{Creating, IdempotencyHeader};
use super::query::{self, Query, after, created, ok, page};
use crate::app::App;
use crate::auth::actor::SignedIn;
use crate::auth::entering::Entering;
use crate::domain::{account, person};
use crate::error::ApiError;

/// Who am I
///
/// For anyone who is signed in. Your name, e-mail and language, and the firms that you work for with your role in each: what
/// an app needs to know which parts of it to show.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "Me",
    responses((status = 200, description = "You.", body = Me)),
    security(("identity_token" = []))
)]
pub async fn read_me(me: SignedIn, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| person::read::read(conn, &me.person)).await?))
}

/// Change my name or language
///
/// For anyone who is signed in. What is left out stays as it is. The language is that of your mails. The e-mail cannot be changed, as it is what the
/// login is known by.
#[utoipa::path(
    patch,
    path = "/api/v1/me",
    tag = "Me",
    request_body = UpdateMe,
    responses((status = 200, description = "You, as changed.", body = Me)),
    security(("identity_token" = []))
)]
pub async fn update_me(
    me: SignedIn,
    app: web::Data<App>,
    Body(changes): Body<UpdateMe>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.write(move |conn| person::update::update(conn, &me.person, &changes)).await?))
}

/// A search in a list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Only accounts whose name has this text, in upper or lower case.
    #[param(value_type = Option<String>, max_length = 200, example = "bakery")]
    pub q: Option<Search>,
    /// How many items at most: 1 to 200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50, example = 50)]
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Where to go on: `next_cursor` of the page before, unchanged.
    pub cursor: Option<String>,
}

/// List my accounts
///
/// For anyone who is signed in. Every account that you may act in now, by name: your own, those you are a member
/// of, and those of your firms' clients, each with your role there. It is what a switcher shows; `enter_account`
/// gets a token for one of them.
#[utoipa::path(
    get,
    path = "/api/v1/me/accounts",
    tag = "Me",
    params(SearchQuery),
    responses(
        (status = 200, description = "A page of the accounts that you may act in.", body = Page<MyAccount>)
    ),
    security(("identity_token" = []))
)]
pub async fn list_my_accounts(
    me: SignedIn,
    app: web::Data<App>,
    Query(query): Query<SearchQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?;
    let (q, limit) = (query.q.map(|q| q.as_str().to_owned()).unwrap_or_default(), query.limit);
    let found = app
        .services
        .db
        .look(move |conn| person::accounts::list(conn, &me.person, &q, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |(account, key)| (key.clone(), account.id.to_string()), |(account, _)| account)))
}

/// Open one more account
///
/// For anyone who is signed in. The new account is there at once, and you are its only owner. Nobody else has
/// access until you let them in.
#[utoipa::path(
    post,
    path = "/api/v1/me/accounts",
    tag = "Me",
    params(IdempotencyHeader),
    request_body = NewAccount,
    responses(
        (
            status = 201,
            description = "The new account.",
            body = MyAccount,
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery Café", "role": "owner", "firm": null,
                "external_id": null
            })
        )
    ),
    security(("identity_token" = []))
)]
pub async fn open_account(
    me: SignedIn,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<NewAccount>,
) -> Result<HttpResponse, ApiError> {
    let (once, now) = (attempt.by(&me.caller()), me.ctx.now);
    let opened = once
        .write(&app.services.db, now, move |conn| account::open::open(conn, &me.ctx, &me.actor, &body.name))
        .await?;
    Ok(created(opened))
}

/// Switch to an account
///
/// For anyone who is signed in and may act in the account now: as an owner or a member, or through a firm. The
/// answer is an account token, which opens the operations under `/account`, of this one account only, for 15
/// minutes.
///
/// The token says which account, not that it is still allowed: each request asks anew. If your access ends, the
/// next request with the token is refused. It ends with the session too.
#[utoipa::path(
    post,
    path = "/api/v1/accounts/{account_id}/token",
    tag = "Me",
    params(("account_id" = AccountId, Path, description = "The account to act in.")),
    responses(
        (status = 201, description = "A token of the account, and your role there.", body = AccountToken)
    ),
    security(("identity_token" = []))
)]
pub async fn enter_account(entering: Entering, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let Entering { person, account, entry, .. } = entering;
    Ok(created(account::enter::token(&app.tokens, &person, account, entry)?))
}
