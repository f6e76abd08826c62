//! Accounting companies in the account.

use actix_web::{HttpResponse, web};
use portal_api_types::{EmployeeId, FirmId, InviteFirm};

use super::body::Body;
use super::query::{Path, created, done};
use crate::app::App;
use crate::auth::actor::AccountOwner;
use crate::domain::firm;
use crate::error::ApiError;

/// Invite an accounting company
pub async fn invite_firm(
    owner: AccountOwner,
    app: web::Data<App>,
    Body(body): Body<InviteFirm>,
) -> Result<HttpResponse, ApiError> {
    let row = firm::invite::invite(&app.services, owner.ctx, owner.actor, owner.account, body).await?;
    app.outbox.wake();
    Ok(created(row))
}

/// Cut an accounting company off
pub async fn disconnect_firm(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<FirmId>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| firm::disconnect::by_owner(conn, &owner.ctx, &owner.actor, &owner.account, &id))
        .await?;
    app.outbox.wake();
    Ok(done())
}

/// Keep one person of a firm out
pub async fn block_person(
    owner: AccountOwner,
    app: web::Data<App>,
    Path((firm, person)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| {
            firm::block_person::block(conn, &owner.ctx, &owner.actor, &owner.account, &firm, &person)
        })
        .await?;
    app.outbox.wake();
    Ok(done())
}

/// Let a person of a firm in again
pub async fn unblock_person(
    owner: AccountOwner,
    app: web::Data<App>,
    Path((firm, person)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| {
            firm::block_person::unblock(conn, &owner.ctx, &owner.actor, &owner.account, &firm, &person)
        })
        .await?;
    Ok(done())
}
