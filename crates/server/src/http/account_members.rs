//! People in the account without a firm.

use actix_web::{HttpResponse, web};
use portal_api_types::{AddMember, MemberRow, UserId};

use super::creating::{Creating, IdempotencyHeader};
use super::query::{Path, created, done};
use crate::app::App;
use crate::auth::actor::AccountOwner;
use crate::domain::member;
use crate::error::ApiError;

/// Invite a person without a firm
///
/// For owners. For people who do not come through a firm: one more owner, or a member. A link goes to the address
/// and works for 7 days; the person has access when it is opened, with or without a login before.
#[utoipa::path(
    post,
    path = "/api/v1/account/members",
    tag = "Account members",
    params(IdempotencyHeader),
    request_body = AddMember,
    responses(
        (
            status = 201,
            description = "The invited person's row.",
            body = MemberRow,
            example = json!({
                "user_id": null, "invitation_id": "invt_01h455vb4pex5vsknk084sn02q", "name": "Marco Vidal",
                "email": "marco@blue-bakery.example", "role": "member", "status": "invited"
            })
        ),
        (
            status = 409,
            description = "`already_member`: the person is in the account already. `already_invited`: \
                there is an open invitation for this e-mail; send it again instead."
        ),
        (
            status = 429,
            description = "`rate_limited`: you have sent too many invitations (300 an hour), or this \
                address has got too many mails (5 an hour)."
        )
    ),
    security(("account_token" = ["owner"]))
)]
pub async fn add_member(
    owner: AccountOwner,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<AddMember>,
) -> Result<HttpResponse, ApiError> {
    let once = attempt.by(&owner.caller());
    let row = member::add::add(&app.services, owner.ctx, owner.actor, owner.account, body, once).await?;
    app.outbox.wake();
    Ok(created(row))
}

/// Take a person out
///
/// For owners; an owner may remove themselves too, unless they are the last. The person loses the account at once,
/// the open invitations into it that they made are cancelled, and they are told by e-mail.
#[utoipa::path(
    delete,
    path = "/api/v1/account/members/{user_id}",
    tag = "Account members",
    params(("user_id" = UserId, Path, description = "An owner or a member of the account.")),
    responses(
        (status = 204, description = "The person is out."),
        (
            status = 409,
            description = "`last_owner`: nobody would own the account any more; make somebody else an \
                owner first."
        )
    ),
    security(("account_token" = ["owner"]))
)]
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
