//! A table of assignments: each row grants or revokes one.

use std::collections::{BTreeSet, HashMap, HashSet};

use portal_api_types::{
    AccountId, AccountRef, AssignmentAction, AssignmentPair, Email, EmployeeId, ErrorCode,
    IMPORT_EXAMPLE_EMAIL, ImportRow, ImportStatus, Name,
};

use super::rows::{self, Lines, check_fits, refuse};
use crate::auth::scope::FirmScope;
use crate::db::Conn;
use crate::domain::assignment::change::{Known, grant_known, revoke_known};
use crate::domain::export;
use crate::domain::table::{self, Row};
use crate::domain::{Actor, Ctx, Outcome, Refusal};
use crate::store::{connections, employees, pairs};

/// A row, and what it wants if it can be read.
pub(super) struct Line {
    row: ImportRow,
    wish: Option<Wish>,
}

struct Wish {
    email: Email,
    account: AccountId,
    action: AssignmentAction,
}

/// Reads a file's rows.
pub(super) fn read(csv: &str) -> Result<Vec<Line>, Refusal> {
    let mut seen = Lines::new();
    let is_example = |row: &Row| row.cell(0) == IMPORT_EXAMPLE_EMAIL;
    let rows = table::read(csv, &export::ASSIGNMENTS, is_example)?;
    Ok(rows.iter().map(|row| read_line(row, &mut seen)).collect())
}

fn read_line(cells: &Row, seen: &mut Lines<(String, AccountId)>) -> Line {
    let [email, account, action] = [0, 1, 3].map(|column| cells.cell(column));
    let mut row = rows::unchanged(cells, email);
    row.account = (!account.is_empty()).then(|| account.to_owned());
    check_fits(cells, &mut row);
    let email = rows::read(&mut row, Email::parse(email));
    let account = rows::read(&mut row, AccountId::parse(account));
    let action = if action.is_empty() {
        Some(AssignmentAction::Grant)
    } else {
        rows::read(&mut row, action.to_ascii_lowercase().parse::<AssignmentAction>())
    };
    row.action = action;
    let (Some(email), Some(account), Some(action)) = (email, account, action) else {
        return Line { row, wish: None };
    };
    seen.check_first(
        &mut row,
        (email.as_str().to_owned(), account.clone()),
        "This employee with this account",
    );
    Line { row, wish: Some(Wish { email, account, action }) }
}

/// What becomes of each row, and the pairs to change.
pub(super) struct Plan {
    pub(super) rows: Vec<ImportRow>,
    /// The pair of each row that has no mistake so far.
    pairs: Vec<Option<(AssignmentPair, AssignmentAction)>>,
    known: Known,
}

/// Looks at what is there.
pub(super) fn plan(conn: &mut Conn, firm: &FirmScope, lines: &[Line]) -> Outcome<Plan> {
    let wishes = || lines.iter().filter_map(|line| line.wish.as_ref());
    let emails: HashMap<&str, &Email> = wishes().map(|wish| (wish.email.as_str(), &wish.email)).collect();
    let emails: Vec<&Email> = emails.into_values().collect();
    let accounts: BTreeSet<AccountId> = wishes().map(|wish| wish.account.clone()).collect();
    let accounts: Vec<AccountId> = accounts.into_iter().collect();
    let people: HashMap<String, (EmployeeId, Name)> = employees::by_emails(conn, firm, &emails)?
        .into_iter()
        .map(|employee| (employee.email().as_str().to_owned(), (employee.id, employee.name)))
        .collect();
    let accounts: HashMap<AccountId, AccountRef> = connections::accounts_of(conn, firm, &accounts)?
        .into_iter()
        .map(|account| (account.id.clone(), account))
        .collect();
    let mut plan = Plan {
        rows: lines.iter().map(|line| line.row.clone()).collect(),
        pairs: Vec::with_capacity(lines.len()),
        known: Known { employees: people.values().cloned().collect(), accounts },
    };
    for (row, line) in plan.rows.iter_mut().zip(lines) {
        plan.pairs.push(line.wish.as_ref().and_then(|wish| find(row, wish, &people, &plan.known)));
    }
    let asked: Vec<AssignmentPair> = plan.pairs.iter().flatten().map(|(pair, _)| pair.clone()).collect();
    let assigned = pairs::assigned(conn, firm, &asked)?;
    plan.tell(|pair, action| assigned.contains(pair) == (action == AssignmentAction::Revoke));
    Ok(plan)
}

/// The pair that a row means, or what is wrong with it.
fn find(
    row: &mut ImportRow,
    wish: &Wish,
    people: &HashMap<String, (EmployeeId, Name)>,
    known: &Known,
) -> Option<(AssignmentPair, AssignmentAction)> {
    let person = people.get(wish.email.as_str());
    let account = known.accounts.get(&wish.account);
    match person {
        Some((_, name)) => row.employee = Some(name.to_string()),
        None => refuse(row, ErrorCode::NotFound, "The firm has no employee with this e-mail."),
    }
    match account {
        Some(account) => row.account_name = Some(account.name.to_string()),
        None => refuse(row, ErrorCode::NotFound, "The firm has no client account with this id."),
    }
    let pair = AssignmentPair { employee_id: person?.0.clone(), account_id: account?.id.clone() };
    (row.status != ImportStatus::Error).then_some((pair, wish.action))
}

impl Plan {
    /// Gives each row its status, by whether its pair changes.
    fn tell(&mut self, changes: impl Fn(&AssignmentPair, AssignmentAction) -> bool) {
        for (row, pair) in self.rows.iter_mut().zip(&self.pairs) {
            let Some((pair, action)) = pair else { continue };
            row.status = match action {
                _ if !changes(pair, *action) => ImportStatus::Unchanged,
                AssignmentAction::Grant => ImportStatus::New,
                AssignmentAction::Revoke => ImportStatus::Changed,
            };
        }
    }

    /// Changes the pairs, and tells what has really changed.
    pub(super) fn apply(
        mut self,
        conn: &mut Conn,
        ctx: &Ctx,
        actor: &Actor,
        firm: &FirmScope,
    ) -> Outcome<Vec<ImportRow>> {
        let of = |wanted: AssignmentAction| -> Vec<AssignmentPair> {
            let pairs = self.pairs.iter().flatten().filter(|(_, action)| *action == wanted);
            pairs.map(|(pair, _)| pair.clone()).collect()
        };
        let (grant, revoke) = (of(AssignmentAction::Grant), of(AssignmentAction::Revoke));
        let mut changed: HashSet<AssignmentPair> = HashSet::new();
        changed.extend(grant_known(conn, ctx, actor, firm, &self.known, &grant)?);
        changed.extend(revoke_known(conn, ctx, actor, firm, &self.known, &revoke)?);
        self.tell(|pair, _| changed.contains(pair));
        Ok(self.rows)
    }
}
