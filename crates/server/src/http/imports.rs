//! Tables of employees and of assignments, in.

use actix_web::{HttpResponse, web};
use portal_api_types::{FirmId, Import, ImportResult};

use super::body::BATCH_LIMIT;
use super::creating::{Creating, IdempotencyHeader};
use super::query::ok;
use crate::app::App;
use crate::auth::actor::FirmAdmin;
use crate::domain::import;
use crate::error::ApiError;

/// Import employees or assignments
///
/// For admins of the firm. Takes a table as CSV with a header, separated by commas or semicolons, of up to 10,000 rows, and says
/// of each row what becomes of it. Nothing is half done: when one row has an error, or with `dry_run`, nothing is applied
/// (`applied` is false), and the answer is a 200 with all rows all the same. With `dry_run` an `Idempotency-Key` does not count.
///
/// **Employees** have the columns `name`, `email` and `role`, and if wanted `accounts` (ids of clients, separated by blanks) and
/// `status`. Whoever is new is invited by e-mail, 1,000 at most and within the limits of single invitations. Whoever has a place
/// gets the name and the role of the row, and the accounts in addition. `status` changes nobody: one that is not so is an error.
///
/// **Assignments** have the columns `employee_email` and `account_id`, and if wanted `account_name`, which is not looked at, and
/// `action`: `grant`, which is the default, or `revoke`.
///
/// An employee who is in the file twice, and a pair that is, is an error of the later row. Files of the exports and templates are
/// such tables; the example line of a template is passed over, and so are empty cells at the end of the header and of rows.
#[utoipa::path(
    post,
    path = "/api/v1/firms/{firm_id}/imports",
    tag = "Imports and exports",
    params(("firm_id" = FirmId, Path, description = "The firm that you work for."), IdempotencyHeader),
    request_body = Import,
    responses(
        (
            status = 200,
            description = "What becomes of each row, and whether the file was applied.",
            body = ImportResult,
            example = json!({
                "kind": "employees",
                "applied": false,
                "totals": {"new": 1, "changed": 0, "unchanged": 0, "error": 1},
                "rows": [
                    {"line": 2, "status": "new", "employee": "Ben Ortiz", "email": "ben@apple-solutions.example"},
                    {
                        "line": 3, "status": "error", "employee": "Dana Weiss", "email": "dana.apple-solutions.example",
                        "code": "invalid_email", "detail": "The e-mail address needs an @."
                    }
                ]
            })
        ),
        (status = 413, description = "`payload_too_large`: the body has more than 2 MiB."),
        (
            status = 422,
            description = "`too_many_items`: more than 10,000 rows. `invalid_value`: the header lacks a column, or has one that \
                is not known; or `kind` is not one of its words."
        )
    ),
    security(("identity_token" = ["admin"]))
)]
pub async fn import_csv(
    admin: FirmAdmin,
    app: web::Data<App>,
    Creating { body, attempt }: Creating<Import, BATCH_LIMIT>,
) -> Result<HttpResponse, ApiError> {
    let once = attempt.by(&admin.caller());
    let result = import::import(&app.services, admin.ctx, admin.actor, admin.firm, body, once).await?;
    app.outbox.wake();
    Ok(ok(result))
}
