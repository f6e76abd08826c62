//! What happens when an admin imports a table of employees or of assignments: every row is looked at first, and either all of
//! them are applied in one transaction or, when one is wrong or it is only a try, none.

mod assignments;
mod employees;
mod rows;

use std::sync::Arc;

use portal_api_types::{Import, ImportKind, ImportResult, ImportRow, ImportTotals};

use crate::auth::scope::FirmScope;
use crate::db::{Conn, DbError};
use crate::domain::employee::power;
use crate::domain::idempotency::Once;
use crate::domain::{Actor, Ctx, Failure, Outcome, Refusal, Services};

/// Imports a file, or says what would become of it.
pub async fn import(
    services: &Services,
    ctx: Ctx,
    actor: Actor,
    firm: FirmScope,
    body: Import,
    once: Once,
) -> Outcome<ImportResult> {
    // A try is as good without a key as with one.
    if !body.dry_run
        && let Some(earlier) = once.earlier(&services.db, ctx.now).await?
    {
        return Ok(earlier);
    }
    let table = Arc::new(Table::read(&body)?);
    let whose = Arc::new((ctx, actor, firm));
    let (tried, who) = (Arc::clone(&table), Arc::clone(&whose));
    // First without the writers waiting for it.
    let found = services.db.read(move |conn| tried.try_out(conn, &who.0, &who.1, &who.2)).await?;
    if body.dry_run || found.totals.error > 0 {
        return Ok(found);
    }
    let now = whose.0.now;
    let apply = move |conn: &mut Conn| {
        let applied = table.apply(conn, &whose.0, &whose.1, &whose.2);
        applied.map_err(|failure| match failure {
            // An account was let go between the look and the change: look again, and the row says so.
            Failure::Refused(Refusal::NamesUnknown(_)) => Failure::Database(DbError::Conflict),
            other => other,
        })
    };
    once.write(&services.db, now, apply).await
}

/// What was read of a file, before anything is asked of the database.
enum Table {
    Employees(Vec<employees::Line>),
    Assignments(Vec<assignments::Line>),
}

impl Table {
    fn read(body: &Import) -> Result<Self, Refusal> {
        match body.kind {
            ImportKind::Employees => employees::read(&body.csv).map(Self::Employees),
            ImportKind::Assignments => assignments::read(&body.csv).map(Self::Assignments),
        }
    }

    fn try_out(&self, conn: &mut Conn, ctx: &Ctx, actor: &Actor, firm: &FirmScope) -> Outcome<ImportResult> {
        let rows = match self {
            Self::Employees(lines) => employees::plan(conn, ctx, actor, firm, lines)?.rows,
            Self::Assignments(lines) => assignments::plan(conn, firm, lines)?.rows,
        };
        Ok(self.result(false, rows))
    }

    /// Looks again, now that nobody else changes the firm's people, and applies what is right in every row.
    fn apply(&self, conn: &mut Conn, ctx: &Ctx, actor: &Actor, firm: &FirmScope) -> Outcome<ImportResult> {
        power::lock(conn, firm)?;
        power::check_still_admin(conn, firm, actor)?;
        let rows = match self {
            Self::Employees(lines) => {
                let plan = employees::plan(conn, ctx, actor, firm, lines)?;
                if rows::have_mistakes(&plan.rows) {
                    return Ok(self.result(false, plan.rows));
                }
                plan.apply(conn, ctx, actor, firm)?
            }
            Self::Assignments(lines) => {
                let plan = assignments::plan(conn, firm, lines)?;
                if rows::have_mistakes(&plan.rows) {
                    return Ok(self.result(false, plan.rows));
                }
                plan.apply(conn, ctx, actor, firm)?
            }
        };
        Ok(self.result(true, rows))
    }

    fn result(&self, applied: bool, rows: Vec<ImportRow>) -> ImportResult {
        let kind = match self {
            Self::Employees(_) => ImportKind::Employees,
            Self::Assignments(_) => ImportKind::Assignments,
        };
        let mut totals = ImportTotals::default();
        rows.iter().for_each(|row| totals.count(row.status));
        ImportResult { kind, applied, totals, rows }
    }
}
