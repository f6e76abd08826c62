//! People's places in firms.

use diesel::prelude::*;
use diesel::sql_types::Text;
use portal_api_types::{
    AccountId, Email, EmployeeId, EmployeeRole, EmployeeStatus, FirmId, MyFirm, Name, UserId, WebhookPerson,
};

use super::{After, contains, is_there, named, parse, rows};
use crate::auth::scope::FirmScope;
use crate::clock::Time;
use crate::db::{Conn, Question};
use crate::domain::Outcome;
use crate::schema::{assignments, employees, firms};

/// An employee's row.
#[derive(Debug, Clone, Queryable)]
pub struct EmployeeRecord {
    /// The id.
    #[diesel(deserialize_as = String)]
    pub id: EmployeeId,
    user_id: Option<String>,
    email: String,
    email_display: String,
    /// The name in this firm.
    #[diesel(deserialize_as = String)]
    pub name: Name,
    /// The name's sort key.
    pub name_key: String,
    /// Admin or bookkeeper.
    #[diesel(deserialize_as = String)]
    pub role: EmployeeRole,
    /// Invited, active or deactivated.
    #[diesel(deserialize_as = String)]
    pub status: EmployeeStatus,
    /// When the person last signed in or refreshed.
    pub last_active_at: Option<Time>,
    /// How many accounts that are active are assigned to the employee.
    pub assigned: i64,
}

impl EmployeeRecord {
    /// The address that was invited.
    pub fn email(&self) -> Email {
        Email::from_stored(self.email.clone(), self.email_display.clone())
    }

    /// The person, once the invitation is accepted.
    pub fn user_id(&self) -> Outcome<Option<UserId>> {
        self.user_id.as_deref().map(parse).transpose()
    }

    /// Who it is, for what webhooks tell of the firm itself.
    pub fn to_webhook_person(&self, user: &UserId) -> WebhookPerson {
        let (user_id, employee_id) = (user.clone(), Some(self.id.clone()));
        WebhookPerson { user_id, employee_id, name: self.name.clone(), email: self.email(), role: None }
    }

    /// Whether the employee acts as an admin now.
    pub fn is_active_admin(&self) -> bool {
        self.status == EmployeeStatus::Active && self.role == EmployeeRole::Admin
    }
}

type Columns = (
    employees::id,
    employees::user_id,
    employees::email,
    employees::email_display,
    employees::name,
    employees::name_key,
    employees::role,
    employees::status,
    employees::last_active_at,
    employees::account_count,
);
const COLUMNS: Columns = (
    employees::id,
    employees::user_id,
    employees::email,
    employees::email_display,
    employees::name,
    employees::name_key,
    employees::role,
    employees::status,
    employees::last_active_at,
    employees::account_count,
);

/// The firm's employees: what every query of them starts from.
#[diesel::dsl::auto_type]
fn of(firm: &FirmScope) -> _ {
    let id: String = firm.id().as_str().to_owned();
    employees::table.filter(employees::firm_id.eq(id))
}

/// An employee to add.
pub struct NewEmployee<'a> {
    /// The new id.
    pub id: &'a EmployeeId,
    /// The person, if the place is taken from the start.
    pub user_id: Option<&'a UserId>,
    /// The address.
    pub email: &'a Email,
    /// The name.
    pub name: &'a Name,
    /// Admin or bookkeeper.
    pub role: EmployeeRole,
    /// Now.
    pub now: Time,
}

/// Adds an employee: active if there is a person, else invited. Fails as a duplicate when the address has a place already.
pub fn insert(conn: &mut Conn, firm: &FirmScope, new: &NewEmployee<'_>) -> Outcome<()> {
    let status = if new.user_id.is_some() { EmployeeStatus::Active } else { EmployeeStatus::Invited };
    diesel::insert_into(employees::table)
        .values((
            employees::id.eq(new.id.as_str()),
            employees::firm_id.eq(firm.id().as_str()),
            employees::user_id.eq(new.user_id.map(UserId::as_str)),
            employees::email.eq(new.email.as_str()),
            employees::email_display.eq(new.email.display()),
            employees::name.eq(new.name.as_str()),
            employees::name_key.eq(new.name.sort_key()),
            employees::role.eq(new.role.as_str()),
            employees::status.eq(status.as_str()),
            employees::created_at.eq(new.now),
            employees::last_active_at.eq(new.user_id.map(|_| new.now)),
        ))
        .execute(conn)?;
    Ok(())
}

/// The firm's employee with this id.
pub fn read(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId) -> Outcome<Option<EmployeeRecord>> {
    Ok(of(firm).filter(employees::id.eq(id.as_str())).select(COLUMNS).first(conn).optional()?)
}

/// Takes the employee's row: until the transaction ends, no assignment of the employee is made by another one.
pub fn lock(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId) -> Outcome<()> {
    let ending = conn.for_update();
    diesel::sql_query(format!("SELECT id FROM employees WHERE id = $1 AND firm_id = $2{ending}"))
        .bind::<Text, _>(id.as_str())
        .bind::<Text, _>(firm.id().as_str())
        .execute(conn)?;
    Ok(())
}

/// Those of these addresses that have a place in the firm.
pub fn by_emails(conn: &mut Conn, firm: &FirmScope, emails: &[&Email]) -> Outcome<Vec<EmployeeRecord>> {
    let mut found = Vec::with_capacity(emails.len());
    for chunk in emails.chunks(1_000) {
        let chunk: Vec<String> = chunk.iter().map(|email| email.as_str().to_owned()).collect();
        let page: Vec<EmployeeRecord> =
            of(firm).filter(employees::email.eq_any(chunk)).select(COLUMNS).load(conn)?;
        found.extend(page);
    }
    Ok(found)
}

/// The firm's employees by name, without anything counted.
pub fn page(
    conn: &mut Conn,
    firm: &FirmScope,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<EmployeeRecord>> {
    let mut query = of(firm).into_boxed();
    if let Some(after) = after {
        query = query
            .filter(employees::name_key.ge(after.key.clone()))
            .filter(employees::name_key.gt(after.key.clone()).or(employees::id.gt(after.id.clone())));
    }
    Ok(query.order((employees::name_key, employees::id)).limit(rows(limit)).select(COLUMNS).load(conn)?)
}

/// Those of these ids that are the firm's employees, with their names.
pub fn names_of(conn: &mut Conn, firm: &FirmScope, ids: &[EmployeeId]) -> Outcome<Vec<(EmployeeId, Name)>> {
    named(conn, firm, ids, "SELECT e.name FROM employees e WHERE e.firm_id = $1 AND e.id = p.value ->> 0")
}

/// Whether this person is an active admin of the firm; if so, that does not change before the transaction ends.
pub fn is_active_admin(conn: &mut Conn, firm: &FirmScope, user: &UserId) -> Outcome<bool> {
    let question = Question::new(format!(
        "SELECT e.id FROM employees e JOIN users u ON u.id = e.user_id JOIN firms f ON f.id = e.firm_id \
         WHERE e.user_id = $1 AND e.firm_id = $2 AND e.role = 'admin' AND e.status = 'active' \
           AND u.status = 'active' AND f.status = 'active'{}",
        conn.for_no_key_update_of("e")
    ));
    let question = question.text(user.as_str()).text(firm.id().as_str());
    is_there(conn, &question)
}

/// How many active admins the firm has.
pub fn count_active_admins(conn: &mut Conn, firm: &FirmScope) -> Outcome<i64> {
    let admins = of(firm).filter(employees::role.eq("admin").and(employees::status.eq("active")));
    Ok(admins.count().get_result(conn)?)
}

/// Which employees to list.
#[derive(Debug, Clone, Default)]
pub struct EmployeeFilter {
    /// Only those whose name or e-mail has this text.
    pub q: String,
    /// Only those in this role.
    pub role: Option<EmployeeRole>,
    /// Only those in this state.
    pub status: Option<EmployeeStatus>,
}

/// The firm's employees by name.
pub fn list(
    conn: &mut Conn,
    firm: &FirmScope,
    filter: &EmployeeFilter,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<EmployeeRecord>> {
    let mut query = of(firm).into_boxed();
    if !filter.q.is_empty() {
        let pattern = contains(&filter.q);
        query = query.filter(
            employees::name_key
                .like(pattern.clone())
                .escape('\\')
                .or(employees::email.like(pattern).escape('\\')),
        );
    }
    if let Some(role) = filter.role {
        query = query.filter(employees::role.eq(role.as_str()));
    }
    if let Some(status) = filter.status {
        query = query.filter(employees::status.eq(status.as_str()));
    }
    if let Some(after) = after {
        query = query
            .filter(employees::name_key.ge(after.key.clone()))
            .filter(employees::name_key.gt(after.key.clone()).or(employees::id.gt(after.id.clone())));
    }
    Ok(query.order((employees::name_key, employees::id)).limit(rows(limit)).select(COLUMNS).load(conn)?)
}

/// Those who are assigned to the account, whatever their state, and the admins, who have all accounts; not an admin who is
/// deactivated and not assigned. By name.
pub fn list_on(
    conn: &mut Conn,
    firm: &FirmScope,
    account: &AccountId,
    after: Option<&After<String>>,
    limit: usize,
) -> Outcome<Vec<EmployeeRecord>> {
    let is_assigned = employees::id.eq_any(
        assignments::table
            .filter(assignments::account_id.eq(account.as_str()))
            .select(assignments::employee_id),
    );
    let is_admin = employees::role.eq("admin").and(employees::status.ne("deactivated"));
    let mut query = of(firm).filter(is_assigned.or(is_admin)).into_boxed();
    if let Some(after) = after {
        query = query
            .filter(employees::name_key.ge(after.key.clone()))
            .filter(employees::name_key.gt(after.key.clone()).or(employees::id.gt(after.id.clone())));
    }
    Ok(query.order((employees::name_key, employees::id)).limit(rows(limit)).select(COLUMNS).load(conn)?)
}

/// Renames an employee in this firm.
pub fn rename(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId, name: &Name) -> Outcome<()> {
    diesel::update(of(firm).filter(employees::id.eq(id.as_str())))
        .set((employees::name.eq(name.as_str()), employees::name_key.eq(name.sort_key())))
        .execute(conn)?;
    Ok(())
}

/// Gives an employee another role.
pub fn set_role(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId, role: EmployeeRole) -> Outcome<()> {
    diesel::update(of(firm).filter(employees::id.eq(id.as_str())))
        .set(employees::role.eq(role.as_str()))
        .execute(conn)?;
    Ok(())
}

/// Activates or deactivates an employee who has joined.
pub fn set_status(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId, status: EmployeeStatus) -> Outcome<()> {
    diesel::update(of(firm).filter(employees::id.eq(id.as_str()).and(employees::user_id.is_not_null())))
        .set(employees::status.eq(status.as_str()))
        .execute(conn)?;
    Ok(())
}

/// The invited employee joins, as this person and under this name; false when there is no such open place.
pub fn join(
    conn: &mut Conn,
    firm: &FirmScope,
    id: &EmployeeId,
    user: &UserId,
    name: &Name,
    now: Time,
) -> Outcome<bool> {
    let joined =
        diesel::update(of(firm).filter(employees::id.eq(id.as_str()).and(employees::status.eq("invited"))))
            .set((
                employees::user_id.eq(user.as_str()),
                employees::status.eq("active"),
                employees::name.eq(name.as_str()),
                employees::name_key.eq(name.sort_key()),
                employees::last_active_at.eq(now),
            ))
            .execute(conn)?;
    Ok(joined == 1)
}

/// Removes an employee, with assignments and open invitation; false when there was none.
pub fn delete(conn: &mut Conn, firm: &FirmScope, id: &EmployeeId) -> Outcome<bool> {
    Ok(diesel::delete(of(firm).filter(employees::id.eq(id.as_str()))).execute(conn)? == 1)
}

/// The firms that a person works for; not those that the operator has suspended.
pub fn firms_of(conn: &mut Conn, user: &UserId) -> Outcome<Vec<MyFirm>> {
    let found: Vec<(String, String, String, String)> = employees::table
        .inner_join(firms::table.on(firms::id.eq(employees::firm_id)))
        .filter(employees::user_id.eq(user.as_str()).and(employees::status.eq("active")))
        .filter(firms::status.eq("active"))
        .order((firms::name, firms::id))
        .select((firms::id, firms::name, employees::id, employees::role))
        .load(conn)?;
    found
        .into_iter()
        .map(|(firm_id, firm_name, employee_id, role)| {
            Ok(MyFirm {
                firm_id: parse(&firm_id)?,
                firm_name: parse(&firm_name)?,
                employee_id: parse(&employee_id)?,
                role: parse(&role)?,
            })
        })
        .collect()
}

/// The person's new name reaches the firms that the person works for.
pub fn rename_person(conn: &mut Conn, user: &UserId, name: &Name) -> Outcome<()> {
    diesel::update(employees::table.filter(employees::user_id.eq(user.as_str())))
        .set((employees::name.eq(name.as_str()), employees::name_key.eq(name.sort_key())))
        .execute(conn)?;
    Ok(())
}

/// Notes that the person was active, in every firm where they work.
pub fn touch_person(conn: &mut Conn, user: &UserId, now: Time) -> Outcome<()> {
    diesel::update(
        employees::table.filter(employees::user_id.eq(user.as_str()).and(employees::status.eq("active"))),
    )
    .set(employees::last_active_at.eq(now))
    .execute(conn)?;
    Ok(())
}

/// An employee as seen from an account.
#[derive(Queryable)]
pub struct Colleague {
    /// The firm.
    #[diesel(deserialize_as = String)]
    pub firm_id: FirmId,
    /// The employee.
    #[diesel(deserialize_as = String)]
    pub id: EmployeeId,
    /// The name.
    #[diesel(deserialize_as = String)]
    pub name: Name,
    /// Admin or bookkeeper.
    #[diesel(deserialize_as = String)]
    pub role: EmployeeRole,
}

/// What a [`Colleague`] is read from.
pub(super) const COLLEAGUE: (employees::firm_id, employees::id, employees::name, employees::role) =
    (employees::firm_id, employees::id, employees::name, employees::role);
