//! The account of the token.

use actix_web::{HttpResponse, web};
use portal_api_types::{Account, AccountRole, InvitationId, RenameAccount};

use super::body::Body;
use super::query::{Path, done, ok};
use crate::app::App;
use crate::auth::actor::{AccountOwner, InAccount};
use crate::domain::account::list_users::{Detail, list_users};
use crate::domain::{account, invitation};
use crate::error::ApiError;

/// Read the account
pub async fn read_account(inside: InAccount) -> HttpResponse {
    let account = inside.account.as_ref();
    ok(Account {
        id: account.id,
        name: account.name,
        role: inside.role,
        firm: inside.actor.firm,
        created_at: inside.account_created_at.and_utc(),
    })
}

/// Rename the account
pub async fn rename_account(
    owner: AccountOwner,
    app: web::Data<App>,
    Body(body): Body<RenameAccount>,
) -> Result<HttpResponse, ApiError> {
    let (id, name, created_at) = (owner.account.id().clone(), body.name.clone(), owner.created_at);
    app.services
        .db
        .write(move |conn| {
            account::rename::rename(conn, &owner.ctx, &owner.actor, &owner.account, &body.name)
        })
        .await?;
    Ok(ok(Account { id, name, role: AccountRole::Owner, firm: None, created_at: created_at.and_utc() }))
}

/// List who can get in
pub async fn list_account_users(inside: InAccount, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let detail = if inside.role == AccountRole::Owner { Detail::Owner } else { Detail::Others };
    Ok(ok(app.services.db.read(move |conn| list_users(conn, &inside.account, detail)).await?))
}

/// Send an invitation again
pub async fn resend_invitation(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<InvitationId>,
) -> Result<HttpResponse, ApiError> {
    invitation::resend::resend(&app.services, owner.ctx, owner.actor, owner.account, id).await?;
    app.outbox.wake();
    Ok(done())
}

/// Cancel an invitation
pub async fn cancel_invitation(
    owner: AccountOwner,
    app: web::Data<App>,
    Path(id): Path<InvitationId>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| invitation::cancel::cancel(conn, &owner.ctx, &owner.actor, &owner.account, &id))
        .await?;
    Ok(done())
}
