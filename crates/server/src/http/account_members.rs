//! People in the account without a firm.

use actix_web::{HttpResponse, web};
use portal_api_types::{AddMember, UserId};

use super::body::Body;
use super::query::{Path, created, done};
use crate::app::App;
use crate::auth::actor::AccountOwner;
use crate::domain::member;
use crate::error::ApiError;

/// Invite a person without a firm
pub async fn add_member(
    owner: AccountOwner,
    app: web::Data<App>,
    Body(body): Body<AddMember>,
) -> Result<HttpResponse, ApiError> {
    let row = member::add::add(&app.services, owner.ctx, owner.actor, owner.account, body).await?;
    app.outbox.wake();
    Ok(created(row))
}

/// Take a person out
pub async fn remove_member(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<UserId>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| member::remove::remove(conn, &owner.ctx, &owner.actor, &owner.account, &id))
        .await?;
    app.outbox.wake();
    Ok(done())
}
