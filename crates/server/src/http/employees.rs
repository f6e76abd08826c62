//! A firm's people.

use actix_web::{HttpResponse, web};
use portal_api_types::{
    AccountId, EmployeeId, EmployeeStatus, FirmId, InviteEmployee, Limit, Search, UpdateEmployee,
};
use serde::Deserialize;

use super::body::{BatchBody, Body};
use super::query::{self, PageQuery, Path, Query, after, created, done, ok, page};
use crate::app::App;
use crate::auth::actor::FirmAdmin;
use crate::domain::assignment::{batch, change};
use crate::domain::employee::{self, list::EmployeeFilter};
use crate::error::ApiError;
use portal_api_types::{AssignmentBatch, AssignmentPair};

/// Which employees to list.
#[derive(Debug, Clone, Deserialize)]
pub struct EmployeeQuery {
    /// Only those whose name or e-mail has this text.
    pub q: Option<Search>,
    /// Only those in this state.
    pub status: Option<EmployeeStatus>,
    /// How many items.
    #[serde(default, deserialize_with = "query::limit")]
    pub limit: Limit,
    /// Behind which item.
    pub cursor: Option<String>,
}

/// List employees
pub async fn list_employees(
    admin: FirmAdmin,
    app: web::Data<App>,
    Query(query): Query<EmployeeQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?;
    let filter = EmployeeFilter {
        q: query.q.map(|q| q.as_str().to_owned()).unwrap_or_default(),
        status: query.status,
    };
    let limit = query.limit;
    let found = app
        .services
        .db
        .read(move |conn| employee::list::list(conn, &admin.firm, &filter, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |(row, key)| (key.clone(), row.id.to_string()), |(row, _)| row)))
}

/// Invite an employee
pub async fn invite_employee(
    admin: FirmAdmin,
    app: web::Data<App>,
    BatchBody(body): BatchBody<InviteEmployee>,
) -> Result<HttpResponse, ApiError> {
    let row = employee::invite::invite(&app.services, admin.ctx, admin.actor, admin.firm, body).await?;
    app.outbox.wake();
    Ok(created(row))
}

/// Read an employee
pub async fn read_employee(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    Ok(ok(app.services.db.read(move |conn| employee::read::read(conn, &admin.firm, &id)).await?))
}

/// Change an employee
pub async fn update_employee(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
    Body(changes): Body<UpdateEmployee>,
) -> Result<HttpResponse, ApiError> {
    let row = app
        .services
        .db
        .write(move |conn| {
            employee::update::update(conn, &admin.ctx, &admin.actor, &admin.firm, &id, &changes)
        })
        .await?;
    app.outbox.wake();
    Ok(ok(row))
}

/// Remove an employee
pub async fn remove_employee(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    app.services
        .db
        .write(move |conn| employee::remove::remove(conn, &admin.ctx, &admin.actor, &admin.firm, &id))
        .await?;
    app.outbox.wake();
    Ok(done())
}

/// Send an employee's invitation again
pub async fn resend_employee_invitation(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
) -> Result<HttpResponse, ApiError> {
    employee::resend::resend(&app.services, admin.ctx, admin.actor, admin.firm, id).await?;
    app.outbox.wake();
    Ok(done())
}

/// List what an employee may open
pub async fn list_employee_accounts(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, id)): Path<(FirmId, EmployeeId)>,
    Query(query): Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = after::<String>(query.cursor.as_deref())?;
    let limit = query.limit;
    let found = app
        .services
        .db
        .read(move |conn| employee::accounts::list(conn, &admin.firm, &id, after.as_ref(), limit.get()))
        .await?;
    Ok(ok(page(found, limit, |(account, key)| (key.clone(), account.id.to_string()), |(account, _)| account)))
}

/// Assign an account
pub async fn grant_account(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, employee_id, account_id)): Path<(FirmId, EmployeeId, AccountId)>,
) -> Result<HttpResponse, ApiError> {
    let pair = [AssignmentPair { employee_id, account_id }];
    app.services
        .db
        .write(move |conn| {
            change::grant(conn, &admin.ctx, &admin.actor, &admin.firm, &pair, |_| String::new())
        })
        .await?;
    Ok(done())
}

/// Take an account away
pub async fn revoke_account(
    admin: FirmAdmin,
    app: web::Data<App>,
    Path((_, employee_id, account_id)): Path<(FirmId, EmployeeId, AccountId)>,
) -> Result<HttpResponse, ApiError> {
    let pair = [AssignmentPair { employee_id, account_id }];
    app.services
        .db
        .write(move |conn| {
            change::revoke(conn, &admin.ctx, &admin.actor, &admin.firm, &pair, |_| String::new())
        })
        .await?;
    Ok(done())
}

/// Change many assignments
pub async fn assign_accounts(
    admin: FirmAdmin,
    app: web::Data<App>,
    BatchBody(body): BatchBody<AssignmentBatch>,
) -> Result<HttpResponse, ApiError> {
    let result = app
        .services
        .db
        .write(move |conn| batch::assign(conn, &admin.ctx, &admin.actor, &admin.firm, &body))
        .await?;
    Ok(ok(result))
}
