//! The account of the token.

use actix_web::{HttpResponse, web};
use portal_api_types::{Account, AccountRole, AccountUsers, InvitationId, RenameAccount};

use super::body::Body;
use super::query::{Path, done, ok};
use crate::app::App;
use crate::auth::actor::{AccountOwner, InAccount};
use crate::auth::programs::{AccountRead, FirmsManage, UsersRead};
use crate::domain::account::list_users::{Detail, list_users};
use crate::domain::{account, invitation};
use crate::error::ApiError;

/// Read the account
///
/// For anyone in the account. The account of the token, with the role in which you act there now, which may be
/// another than when the token was made.
#[utoipa::path(
    get,
    path = "/api/v1/account",
    tag = "Account",
    responses((status = 200, description = "The account.", body = Account)),
    security(("account_token" = []), ("api_key" = ["account:read"]))
)]
pub async fn read_account(inside: InAccount<AccountRead>) -> HttpResponse {
    let account = inside.account.as_ref();
    ok(Account {
        id: account.id,
        name: account.name,
        role: inside.role,
        firm: inside.actor.firm,
        external_id: inside.external_id,
        created_at: inside.account_created_at.and_utc(),
    })
}

/// Rename the account
///
/// For owners. The new name shows at once, in the switcher and in connected firms' lists of clients.
#[utoipa::path(
    patch,
    path = "/api/v1/account",
    tag = "Account",
    request_body = RenameAccount,
    responses(
        (
            status = 200,
            description = "The account, as renamed.",
            body = Account,
            example = json!({
                "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "Blue Bakery & Café", "role": "owner", "firm": null,
                "external_id": null, "created_at": "2026-11-24T09:30:00Z"
            })
        )
    ),
    security(("account_token" = ["owner"]))
)]
pub async fn rename_account(
    owner: AccountOwner,
    app: web::Data<App>,
    Body(body): Body<RenameAccount>,
) -> Result<HttpResponse, ApiError> {
    let (id, name) = (owner.account.id().clone(), body.name.clone());
    let (created_at, external_id) = (owner.created_at.and_utc(), owner.external_id);
    app.services
        .db
        .write(move |conn| {
            account::rename::rename(conn, &owner.ctx, &owner.actor, &owner.account, &body.name)
        })
        .await?;
    Ok(ok(Account { id, name, role: AccountRole::Owner, firm: None, external_id, created_at }))
}

/// List who can get in
///
/// For anyone in the account. Everyone who can get in now, and who is invited: owners, members, and the accounting
/// companies with those of their people who have access. A firm's admins have every client; its bookkeepers those
/// assigned to them.
///
/// Only owners, and programs with the scope, are told e-mail addresses and whom the owner keeps out (`blocked`); for others
/// these are null and empty.
#[utoipa::path(
    get,
    path = "/api/v1/account/users",
    tag = "Account",
    responses(
        (
            status = 200,
            description = "Everyone who can get in, and who is invited.",
            body = AccountUsers,
            example = json!({
                "owners": [{
                    "user_id": "user_01h455vb4pex5vsknk084sn02q", "name": "Olivia Stone",
                    "email": "olivia@blue-bakery.example", "since": "2026-11-24T09:30:00Z"
                }],
                "members": [],
                "firms": [{
                    "firm_id": "firm_01h455vb4pex5vsknk084sn02q", "invitation_id": null, "name": "Apple Solutions",
                    "email": "office@apple-solutions.example", "status": "connected",
                    "people": [{
                        "employee_id": "empl_01h455vb4pex5vsknk084sn02q", "name": "Ben Ortiz", "role": "bookkeeper",
                        "via": "assignment"
                    }],
                    "blocked": []
                }],
                "invitations": []
            })
        )
    ),
    security(("account_token" = []), ("api_key" = ["users:read"]))
)]
pub async fn list_account_users(
    inside: InAccount<UsersRead>,
    app: web::Data<App>,
) -> Result<HttpResponse, ApiError> {
    let detail = match inside.role {
        AccountRole::Owner | AccountRole::Integration => Detail::Owner,
        AccountRole::Member | AccountRole::FirmAdmin | AccountRole::Bookkeeper => Detail::Others,
    };
    Ok(ok(app.services.db.read(move |conn| list_users(conn, &inside.account, detail)).await?))
}

/// Send an invitation again
///
/// For owners. A new link goes to the same address and works for 7 days; the old one is dead at once. If a company
/// has come to the portal since it was invited, it is connected instead.
#[utoipa::path(
    post,
    path = "/api/v1/account/invitations/{id}/resend",
    tag = "Account",
    params(
        ("id" = InvitationId, Path, description = "An open invitation into the account, of a company or a person.")
    ),
    responses(
        (status = 204, description = "A new link is on its way, or the company is connected."),
        (
            status = 409,
            description = "`already_connected`: the company has come to the portal and is connected to the \
                account already."
        ),
        (
            status = 429,
            description = "`rate_limited`: you have sent too many invitations (300 an hour), or this \
                address has got too many mails (5 an hour)."
        )
    ),
    security(("account_token" = ["owner"]), ("api_key" = ["firms:manage"]))
)]
pub async fn resend_invitation(
    owner: AccountOwner<FirmsManage>,
    app: web::Data<App>,
    Path(id): Path<InvitationId>,
) -> Result<HttpResponse, ApiError> {
    invitation::resend::resend(&app.services, owner.ctx, owner.actor, owner.account, id).await?;
    app.outbox.wake();
    Ok(done())
}

/// Cancel an invitation
///
/// For owners. The link is dead at once; a mail that still waits to be sent is not sent.
#[utoipa::path(
    delete,
    path = "/api/v1/account/invitations/{id}",
    tag = "Account",
    params(
        ("id" = InvitationId, Path, description = "An open invitation into the account, of a company or a person.")
    ),
    responses((status = 204, description = "The invitation is cancelled.")),
    security(("account_token" = ["owner"]), ("api_key" = ["firms:manage"]))
)]
pub async fn cancel_invitation(
    owner: AccountOwner<FirmsManage>,
    app: web::Data<App>,
    Path(id): Path<InvitationId>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| invitation::cancel::cancel(conn, &owner.ctx, &owner.actor, &owner.account, &id))
        .await?;
    Ok(done())
}
