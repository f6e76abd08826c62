//! The person who is signed in, and switching.

use actix_web::{HttpResponse, web};
use portal_api_types::{
    AccountId, AccountToken, Limit, NewAccount, Search, TokenAccount, TokenType, UpdateMe,
};
use serde::Deserialize;

use super::body::Body;
use super::query::{self, Path, Query, after, created, ok, page};
use crate::app::App;
use crate::auth::actor::SignedIn;
use crate::auth::token::ACCESS_TOKEN_SECONDS;
use crate::domain::{account, person};
use crate::error::ApiError;

/// Who am I
pub async fn read_me(me: SignedIn, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| person::read::read(conn, &me.person)).await?))
}

/// Change my name
pub async fn update_me(
    me: SignedIn,
    app: web::Data<App>,
    Body(changes): Body<UpdateMe>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.write(move |conn| person::rename::update(conn, &me.person, &changes)).await?))
}

/// A search in a list.
#[derive(Debug, Clone, Deserialize)]
pub struct SearchQuery {
    /// Only what has this text.
    pub q: Option<Search>,
    /// How many items.
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Behind which item.
    pub cursor: Option<String>,
}

/// List my accounts
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
        .read(move |conn| person::accounts::list(conn, &me.person, &q, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |(account, key)| (key.clone(), account.id.to_string()), |(account, _)| account)))
}

/// Open one more account
pub async fn open_account(
    me: SignedIn,
    app: web::Data<App>,
    Body(body): Body<NewAccount>,
) -> Result<HttpResponse, ApiError> {
    let opened =
        app.services.db.write(move |conn| account::open::open(conn, &me.ctx, &me.actor, &body.name)).await?;
    Ok(created(opened))
}

/// Switch to an account
pub async fn enter_account(
    me: SignedIn,
    app: web::Data<App>,
    Path(id): Path<AccountId>,
) -> Result<HttpResponse, ApiError> {
    let (person, wanted) = (me.person.clone(), id.clone());
    let entry =
        app.services.db.read(move |conn| account::enter::enter(conn, &me.ctx, &person, &wanted)).await?;
    let firm_id = entry.firm.as_ref().map(|firm| firm.id.clone());
    let access_token = app.tokens.issue_account(
        me.person.user_id(),
        me.person.session_id(),
        id.clone(),
        entry.role,
        firm_id,
    )?;
    Ok(created(AccountToken {
        access_token,
        token_type: TokenType::Bearer,
        expires_in: ACCESS_TOKEN_SECONDS,
        account: TokenAccount { id, name: entry.account_name, role: entry.role, firm: entry.firm },
    }))
}
