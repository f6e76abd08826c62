//! Accounting companies in the account.

use actix_web::{HttpResponse, web};
use portal_api_types::{AccountFirm, EmployeeId, FirmId, InviteFirm};

use super::creating::{Creating, IdempotencyHeader};
use super::query::{Path, created, done};
use crate::app::App;
use crate::auth::actor::AccountOwner;
use crate::auth::programs::FirmsManage;
use crate::domain::firm;
use crate::error::ApiError;

/// Invite an accounting company
///
/// For owners. A company is known by its main e-mail. If the portal knows it, it is connected at once (`status` is
/// `connected`) and told by e-mail: its admins have the account now, its bookkeepers once it is assigned to them.
/// Else a link goes to the address (`status` is `invited`), and the company has access when it is opened.
#[utoipa::path(
    post,
    path = "/api/v1/account/firms",
    tag = "Account firms",
    params(IdempotencyHeader),
    request_body = InviteFirm,
    responses(
        (
            status = 201,
            description = "The company's row, invited or connected.",
            body = AccountFirm,
            example = json!({
                "firm_id": null, "invitation_id": "invt_01h455vb4pex5vsknk084sn02q", "name": "Apple Solutions",
                "email": "office@apple-solutions.example", "status": "invited", "people": [], "blocked": []
            })
        ),
        (
            status = 409,
            description = "`already_invited`: there is an open invitation for this e-mail; send it again \
                instead. `already_connected`: the company is in the account already."
        ),
        (
            status = 429,
            description = "`rate_limited`: you have sent too many invitations (300 an hour), or this \
                address has got too many mails (5 an hour)."
        )
    ),
    security(("account_token" = ["owner"]), ("api_key" = ["firms:manage"]))
)]
pub async fn invite_firm(
    owner: AccountOwner<FirmsManage>,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<InviteFirm>,
) -> Result<HttpResponse, ApiError> {
    let once = attempt.by(&owner.caller());
    let row = firm::invite::invite(&app.services, owner.ctx, owner.actor, owner.account, body, once).await?;
    app.outbox.wake();
    Ok(created(row))
}

/// Cut an accounting company off
///
/// For owners. All of the firm's people lose the account at once, their assignments to it are gone, and the firm is
/// told by e-mail. To let the firm in again, invite it again.
#[utoipa::path(
    delete,
    path = "/api/v1/account/firms/{firm_id}",
    tag = "Account firms",
    params(("firm_id" = FirmId, Path, description = "A firm that is connected to the account.")),
    responses((status = 204, description = "The firm is cut off.")),
    security(("account_token" = ["owner"]), ("api_key" = ["firms:manage"]))
)]
pub async fn disconnect_firm(
    owner: AccountOwner<FirmsManage>,
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
///
/// For owners. The person loses this account at once, as an admin of the firm too, and through whatever firm; the
/// rest of the firm keeps it. The person is told by e-mail. If they are kept out already, nothing changes.
#[utoipa::path(
    delete,
    path = "/api/v1/account/firms/{firm_id}/people/{employee_id}",
    tag = "Account firms",
    params(
        ("firm_id" = FirmId, Path, description = "A firm that is connected to the account."),
        ("employee_id" = EmployeeId, Path, description = "A person of that firm.")
    ),
    responses((status = 204, description = "The person is kept out.")),
    security(("account_token" = ["owner"]), ("api_key" = ["firms:manage"]))
)]
pub async fn block_person(
    owner: AccountOwner<FirmsManage>,
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
///
/// For owners. Takes back `block_person`: the person has the account again, at once, if the firm gives it to them.
/// If they are not kept out, nothing changes.
#[utoipa::path(
    put,
    path = "/api/v1/account/firms/{firm_id}/people/{employee_id}",
    tag = "Account firms",
    params(
        ("firm_id" = FirmId, Path, description = "A firm that is connected to the account."),
        ("employee_id" = EmployeeId, Path, description = "A person of that firm.")
    ),
    responses((status = 204, description = "The person is not kept out.")),
    security(("account_token" = ["owner"]), ("api_key" = ["firms:manage"]))
)]
pub async fn unblock_person(
    owner: AccountOwner<FirmsManage>,
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
