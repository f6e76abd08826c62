//! A table of a firm's people: who is new is invited, and who is there gets the name, the role and the accounts of the row.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use portal_api_types::{
    AccountId, AssignmentPair, Email, EmployeeRole, EmployeeStatus, ErrorCode, IMPORT_EXAMPLE_EMAIL,
    ImportChange, ImportRow, ImportStatus, InviteEmployee, MAX_ASSIGNMENT_PAIRS, MAX_IMPORT_INVITATIONS,
    Name, UpdateEmployee,
};

use super::rows::{self, Lines, check_fits, refuse};
use crate::auth::scope::FirmScope;
use crate::db::{Conn, DbError};
use crate::domain::employee::{invite, update};
use crate::domain::rate_limit::{self, Limit};
use crate::domain::table::{self, Row};
use crate::domain::{Actor, Ctx, Failure, Outcome, Refusal, assignment, export};
use crate::store::employees::EmployeeRecord;
use crate::store::{connections, employees, pairs};

/// A row, and what it wants if it can be read.
pub(super) struct Line {
    row: ImportRow,
    wish: Option<Wish>,
}

struct Wish {
    name: Name,
    email: Email,
    role: EmployeeRole,
    accounts: Vec<AccountId>,
    status: Option<EmployeeStatus>,
}

/// Reads a file's rows.
pub(super) fn read(csv: &str) -> Result<Vec<Line>, Refusal> {
    let (mut seen, mut pairs) = (Lines::new(), 0);
    let is_example = |row: &Row| row.cell(1) == IMPORT_EXAMPLE_EMAIL;
    let rows = table::read(csv, &export::EMPLOYEES, is_example)?;
    Ok(rows.iter().map(|row| read_line(row, &mut seen, &mut pairs)).collect())
}

fn read_line(cells: &Row, seen: &mut Lines<String>, pairs: &mut usize) -> Line {
    let [name, email, role, accounts, status] = [0, 1, 2, 3, 4].map(|column| cells.cell(column));
    let mut row = rows::unchanged(cells, email);
    row.employee = Some(name.to_owned());
    row.account = (!accounts.is_empty()).then(|| accounts.to_owned());
    check_fits(cells, &mut row);
    let name = rows::read(&mut row, Name::parse(name));
    let email = rows::read(&mut row, Email::parse(email));
    let role = rows::read(&mut row, role.to_ascii_lowercase().parse::<EmployeeRole>());
    let accounts: Option<BTreeSet<AccountId>> =
        accounts.split_whitespace().map(|id| rows::read(&mut row, AccountId::parse(id))).collect();
    let status = match status {
        "" => Some(None),
        word => rows::read(&mut row, word.to_ascii_lowercase().parse::<EmployeeStatus>()).map(Some),
    };
    *pairs += accounts.as_ref().map_or(0, BTreeSet::len);
    if *pairs > MAX_ASSIGNMENT_PAIRS {
        let detail = format!("The rows up to here have more than {MAX_ASSIGNMENT_PAIRS} accounts together.");
        refuse(&mut row, ErrorCode::TooManyItems, detail);
    }
    let (Some(name), Some(email), Some(role), Some(accounts), Some(status)) =
        (name, email, role, accounts, status)
    else {
        return Line { row, wish: None };
    };
    seen.check_first(&mut row, email.as_str().to_owned(), "This e-mail");
    Line { row, wish: Some(Wish { name, email, role, accounts: accounts.into_iter().collect(), status }) }
}

/// What becomes of each row, and what is to be done.
pub(super) struct Plan {
    pub(super) rows: Vec<ImportRow>,
    invitations: Vec<InviteEmployee>,
    changes: Vec<(EmployeeRecord, UpdateEmployee)>,
    /// Accounts for people who are there.
    grants: Vec<AssignmentPair>,
}

/// What is there, as far as the rows ask for it.
struct Found {
    people: HashMap<String, EmployeeRecord>,
    accounts: HashSet<AccountId>,
    assigned: HashSet<AssignmentPair>,
    /// How many more people may be invited, and how many of those who are new may get no more mail.
    invitations_left: usize,
    overwhelmed: HashSet<String>,
    /// Active admins that the firm has when everybody is promoted who is to be.
    admins: i64,
}

/// Looks at what is there.
pub(super) fn plan(
    conn: &mut Conn,
    ctx: &Ctx,
    actor: &Actor,
    firm: &FirmScope,
    lines: &[Line],
) -> Outcome<Plan> {
    let mut found = look_up(conn, ctx, actor, firm, lines)?;
    let mut plan = Plan {
        rows: lines.iter().map(|line| line.row.clone()).collect(),
        invitations: Vec::new(),
        changes: Vec::new(),
        grants: Vec::new(),
    };
    for (row, line) in lines.iter().enumerate() {
        let Some(wish) = &line.wish else { continue };
        for id in wish.accounts.iter().filter(|id| !found.accounts.contains(id)) {
            let detail = format!("The firm has no client account {id}.");
            refuse(&mut plan.rows[row], ErrorCode::NotFound, detail);
        }
        match found.people.get(wish.email.as_str()).cloned() {
            Some(employee) => plan.change(row, wish, employee, actor, &mut found)?,
            None => plan.invite(row, wish, &found),
        }
    }
    Ok(plan)
}

fn look_up(conn: &mut Conn, ctx: &Ctx, actor: &Actor, firm: &FirmScope, lines: &[Line]) -> Outcome<Found> {
    let wishes = || lines.iter().filter_map(|line| line.wish.as_ref());
    let emails: Vec<&Email> = wishes().map(|wish| &wish.email).collect();
    let people: HashMap<String, EmployeeRecord> = employees::by_emails(conn, firm, &emails)?
        .into_iter()
        .map(|employee| (employee.email().as_str().to_owned(), employee))
        .collect();
    let accounts: BTreeSet<&AccountId> = wishes().flat_map(|wish| &wish.accounts).collect();
    let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
    let accounts = connections::accounts_of(conn, firm, &accounts)?.into_iter().map(|account| account.id);
    let there = wishes().filter_map(|wish| Some((wish, people.get(wish.email.as_str())?)));
    let asked: Vec<AssignmentPair> =
        there.clone().flat_map(|(wish, person)| pairs_of(wish, person)).collect();
    let promoted = there
        .filter(|(wish, person)| {
            let works = person.status == EmployeeStatus::Active && person.role == EmployeeRole::Bookkeeper;
            works && wish.role == EmployeeRole::Admin
        })
        .count();
    let new = wishes().filter(|wish| !people.contains_key(wish.email.as_str()));
    let recipients: Vec<Limit> = new.map(|wish| Limit::Recipient(wish.email.clone())).collect();
    let left = rate_limit::left(conn, ctx, &recipients)?;
    let used_up = recipients.iter().zip(left).filter(|(_, left)| *left == 0);
    let overwhelmed = used_up.filter_map(|(limit, _)| match limit {
        Limit::Recipient(email) => Some(email.as_str().to_owned()),
        _ => None,
    });
    let left = rate_limit::left(conn, ctx, &senders(actor, firm))?;
    Ok(Found {
        overwhelmed: overwhelmed.collect(),
        accounts: accounts.collect(),
        assigned: pairs::assigned(conn, firm, &asked)?,
        invitations_left: left.into_iter().min().unwrap_or_default(),
        admins: employees::count_active_admins(conn, firm)? + i64::try_from(promoted).unwrap_or(i64::MAX),
        people,
    })
}

fn senders(actor: &Actor, firm: &FirmScope) -> [Limit; 2] {
    [Limit::Inviter(actor.user_id.clone()), Limit::InvitingFirm(firm.id().clone())]
}

fn pairs_of(wish: &Wish, employee: &EmployeeRecord) -> Vec<AssignmentPair> {
    let pair = |account: &AccountId| AssignmentPair {
        employee_id: employee.id.clone(),
        account_id: account.clone(),
    };
    wish.accounts.iter().map(pair).collect()
}

impl Plan {
    /// A row of somebody new.
    fn invite(&mut self, row: usize, wish: &Wish, found: &Found) {
        let row = &mut self.rows[row];
        if row.status == ImportStatus::Error {
            return;
        }
        if wish.status.is_some_and(|status| status != EmployeeStatus::Invited) {
            let detail = "An import invites whoever is new: leave the status empty.";
            return refuse(row, ErrorCode::InvalidValue, detail);
        }
        if found.overwhelmed.contains(wish.email.as_str()) {
            let detail = "This address has got too many mails: invite it an hour later.";
            return refuse(row, ErrorCode::RateLimited, detail);
        }
        if self.invitations.len() == MAX_IMPORT_INVITATIONS {
            let detail = format!("An import invites at most {MAX_IMPORT_INVITATIONS} people.");
            return refuse(row, ErrorCode::TooManyItems, detail);
        }
        if self.invitations.len() == found.invitations_left {
            let left = found.invitations_left;
            let detail = format!("You and your firm can invite {left} more people this hour.");
            return refuse(row, ErrorCode::RateLimited, detail);
        }
        row.status = ImportStatus::New;
        self.invitations.push(InviteEmployee {
            name: wish.name.clone(),
            email: wish.email.clone(),
            role: wish.role,
            account_ids: wish.accounts.clone(),
        });
    }

    /// A row of somebody who is there.
    fn change(
        &mut self,
        row: usize,
        wish: &Wish,
        employee: EmployeeRecord,
        actor: &Actor,
        found: &mut Found,
    ) -> Outcome<()> {
        let row = &mut self.rows[row];
        if wish.status.is_some_and(|status| status != employee.status) {
            let detail = format!(
                "The employee is {}, and an import neither activates nor deactivates anybody.",
                employee.status
            );
            refuse(row, ErrorCode::InvalidValue, detail);
        }
        let demoted = employee.role == EmployeeRole::Admin && wish.role == EmployeeRole::Bookkeeper;
        if demoted && employee.user_id()?.is_some_and(|user| user == actor.user_id) {
            let detail = "These are you: nobody gives up being an admin by an import.";
            refuse(row, ErrorCode::InvalidValue, detail);
        }
        if demoted && employee.is_active_admin() {
            if found.admins == 1 {
                refuse(row, ErrorCode::LastAdmin, Refusal::LastAdmin.to_string());
            } else {
                found.admins -= 1;
            }
        }
        if row.status == ImportStatus::Error {
            return Ok(());
        }
        let new = pairs_of(wish, &employee).into_iter().filter(|pair| !found.assigned.contains(pair));
        let before = self.grants.len();
        self.grants.extend(new);
        let changes = UpdateEmployee {
            name: Some(wish.name.clone()).filter(|name| *name != employee.name),
            role: Some(wish.role).filter(|role| *role != employee.role),
            status: None,
        };
        let kinds = [
            (changes.name.is_some(), ImportChange::Name),
            (changes.role.is_some(), ImportChange::Role),
            (self.grants.len() > before, ImportChange::Accounts),
        ];
        row.changes = kinds.into_iter().filter(|(is, _)| *is).map(|(_, kind)| kind).collect();
        if !row.changes.is_empty() {
            row.status = ImportStatus::Changed;
        }
        if changes.name.is_some() || changes.role.is_some() {
            self.changes.push((employee, changes));
        }
        Ok(())
    }

    /// Does it all. The caller holds the firm's row, and has seen that no row has a mistake.
    pub(super) fn apply(
        self,
        conn: &mut Conn,
        ctx: &Ctx,
        actor: &Actor,
        firm: &FirmScope,
    ) -> Outcome<Vec<ImportRow>> {
        self.count(conn, ctx, actor, firm)?;
        // Before anybody is demoted: who keeps an account by its being assigned has not lost it in between, and nobody is told so.
        assignment::change::grant(conn, ctx, actor, firm, &self.grants, |_| "/csv".to_owned())?;
        // Whoever is promoted is so before anybody is demoted: the firm has an admin at any moment.
        let (demotions, others): (Vec<_>, Vec<_>) =
            self.changes.iter().partition(|(_, changes)| changes.role == Some(EmployeeRole::Bookkeeper));
        for (employee, changes) in others.into_iter().chain(demotions) {
            update::apply(conn, ctx, actor, firm, employee, changes)?;
        }
        for invitation in &self.invitations {
            invite::add(conn, ctx, actor, firm, invitation)?;
        }
        Ok(self.rows)
    }

    /// Counts the invitations. They were within the limits a moment ago: if they are not any more, everything is looked at
    /// again, and the rows say so.
    fn count(&self, conn: &mut Conn, ctx: &Ctx, actor: &Actor, firm: &FirmScope) -> Outcome<()> {
        if self.invitations.is_empty() {
            return Ok(());
        }
        let again = |_: Refusal| Failure::Database(DbError::Conflict);
        for limit in senders(actor, firm) {
            rate_limit::count_many(conn, ctx, &limit, self.invitations.len())?.map_err(again)?;
        }
        // In one order everywhere.
        let recipients: BTreeMap<&str, &Email> =
            self.invitations.iter().map(|new| (new.email.as_str(), &new.email)).collect();
        for email in recipients.into_values() {
            rate_limit::count(conn, ctx, &Limit::Recipient(email.clone()))?.map_err(again)?;
        }
        Ok(())
    }
}
