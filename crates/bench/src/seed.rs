//! The data set: written by the portal's own store code, in bulk.
//!
//! Two hundred firms of fifty employees share five thousand accounts, and one large firm has ten thousand accounts and two
//! thousand employees of its own, with as many assignments as asked for.

use anyhow::{Context, Result, anyhow};
use diesel::Connection;
use portal_api_types::{
    AccountId, AssignmentPair, Email, EmployeeId, EmployeeRole, FirmId, FirmRef, Locale, MemberRole, Name,
    NewPassword, SessionId, UserId,
};
use portal_server::auth::password::Passwords;
use portal_server::auth::scope::FirmScope;
use portal_server::clock::{Time, uuid_at};
use portal_server::db::Conn;
use portal_server::domain::session::begin::SESSION_LIFE;
use portal_server::domain::{Failure, Outcome, Refusal};
use portal_server::store::{accounts, assignments, connections, employees, firms, members, sessions, users};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "bench-harbour-41-violet";
/// Firms beside the large one.
const FIRMS: usize = 200;
/// Employees of each.
const STAFF: usize = 50;
/// Accounts that they share.
const ACCOUNTS: usize = 5_000;
/// Accounts of each: those of neighbours overlap.
pub(crate) const CLIENTS: usize = 100;
/// Accounts that the other bookkeepers of a firm work on.
const USUAL: usize = 10;
/// Employees of the large firm.
pub(crate) const LARGE_STAFF: usize = 2_000;
/// Accounts of the large firm.
pub(crate) const LARGE_CLIENTS: usize = 10_000;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
    pub(crate) employee: Option<EmployeeId>,
    pub(crate) email: String,
}

/// A firm, and some of its people.
#[derive(Debug, Clone)]
pub(crate) struct Office {
    pub(crate) scope: FirmScope,
    pub(crate) admin: Person,
    /// Works on a hundred accounts.
    pub(crate) bookkeeper: Person,
    /// Everybody else.
    pub(crate) staff: Vec<Person>,
    pub(crate) accounts: Vec<AccountId>,
}

/// What was written, as far as it is asked about later.
pub(crate) struct Seeded {
    pub(crate) firms: Vec<Office>,
    pub(crate) large: Office,
    /// Owners of the large firm's first account.
    pub(crate) owner: Person,
    /// Rows of assignments.
    pub(crate) assignments: usize,
}

/// The password's hash: the same for everybody, as a hash each would take minutes.
pub(crate) async fn password_hash() -> Result<String> {
    let hashing = Passwords::start(1).context("no hashing thread")?;
    let password = NewPassword::parse(PASSWORD).map_err(|error| anyhow!("{error}"))?;
    let hash = hashing.hash_new(password, Vec::new()).await.map_err(|failure| anyhow!("{failure}"))?;
    hash.map_err(|weak| anyhow!("{weak}"))
}

/// Writes the data set. The large firm has `large_assignments` assignments, at least its bookkeeper's hundred.
pub(crate) fn seed(conn: &mut Conn, now: Time, hash: &str, large_assignments: usize) -> Result<Seeded> {
    let writer = Writer { now, hash };
    let seeded = conn.transaction(|conn| writer.everything(conn, large_assignments));
    seeded.map_err(|failure: Failure| anyhow!("the data set cannot be written: {failure}"))
}

struct Writer<'a> {
    now: Time,
    hash: &'a str,
}

impl Writer<'_> {
    fn everything(&self, conn: &mut Conn, large_assignments: usize) -> Outcome<Seeded> {
        let shared = self.accounts(conn, "Account", ACCOUNTS)?;
        let mut offices = Vec::with_capacity(FIRMS);
        let mut assigned = 0;
        for number in 0..FIRMS {
            let first = number * ACCOUNTS / FIRMS;
            let clients = (0..CLIENTS).map(|place| shared[(first + place) % ACCOUNTS].clone()).collect();
            let office = self.firm(conn, &format!("Firm {number:03}"), STAFF, clients)?;
            let mut pairs = pairs_of(&office.bookkeeper, &office.accounts);
            for (place, person) in office.staff.iter().enumerate() {
                let from = place * USUAL % CLIENTS;
                pairs.extend(pairs_of(person, &office.accounts[from..from + USUAL]));
            }
            assigned += self.assign(conn, &office.scope, pairs)?;
            offices.push(office);
        }
        let clients = self.accounts(conn, "Client", LARGE_CLIENTS)?;
        let owner = self.owner_of(conn, &clients[0])?;
        let large = self.firm(conn, "Large Firm", LARGE_STAFF, clients)?;
        assigned += self.assign_large(conn, &large, large_assignments)?;
        Ok(Seeded { firms: offices, large, owner, assignments: assigned })
    }

    fn id<T>(&self, make: impl Fn(uuid::Uuid) -> T) -> T {
        make(uuid_at(self.now))
    }

    /// Accounts, each with an owner.
    fn accounts(&self, conn: &mut Conn, kind: &str, count: usize) -> Outcome<Vec<AccountId>> {
        let mut made = Vec::with_capacity(count);
        for number in 0..count {
            let owner = self.user(conn, &format!("{kind} Owner {number:05}"), kind, number)?;
            let account = self.id(AccountId::from_uuid);
            accounts::insert(conn, &account, &name(&format!("{kind} {number:05}"))?, None, self.now)?;
            members::insert(conn, &account, &owner, MemberRole::Owner, self.now)?;
            made.push(account);
        }
        Ok(made)
    }

    fn user(&self, conn: &mut Conn, full_name: &str, domain: &str, number: usize) -> Outcome<UserId> {
        let user = self.id(UserId::from_uuid);
        let email = email(domain, number)?;
        users::insert(conn, &user, &email, &name(full_name)?, self.hash, Locale::English, self.now)?;
        Ok(user)
    }

    fn session(&self, conn: &mut Conn, user: &UserId) -> Outcome<SessionId> {
        let session = self.id(SessionId::from_uuid);
        let new = sessions::NewSession {
            id: &session,
            user_id: user,
            now: self.now,
            expires_at: self.now + SESSION_LIFE,
            ip: Some("127.0.0.1"),
            user_agent: Some("bench"),
        };
        sessions::insert(conn, &new)?;
        Ok(session)
    }

    /// A firm with an admin and bookkeepers, connected to these accounts.
    fn firm(
        &self,
        conn: &mut Conn,
        firm_name: &str,
        staff: usize,
        clients: Vec<AccountId>,
    ) -> Outcome<Office> {
        let firm = FirmRef { id: self.id(FirmId::from_uuid), name: name(firm_name)? };
        firms::insert(conn, &firm.id, &firm.name, &email(firm_name, 0)?, self.now)?;
        let scope = FirmScope::by_portal(firm, "the data set of a benchmark");
        let admin = self.employee(conn, &scope, 1, EmployeeRole::Admin)?;
        let bookkeeper = self.employee(conn, &scope, 2, EmployeeRole::Bookkeeper)?;
        let others = 3..=staff;
        let staff = others.map(|number| self.employee(conn, &scope, number, EmployeeRole::Bookkeeper));
        let staff = staff.collect::<Outcome<Vec<Person>>>()?;
        for account in &clients {
            connections::insert(conn, scope.id(), account, self.now)?;
        }
        Ok(Office { scope, admin, bookkeeper, staff, accounts: clients })
    }

    fn employee(
        &self,
        conn: &mut Conn,
        firm: &FirmScope,
        number: usize,
        role: EmployeeRole,
    ) -> Outcome<Person> {
        let full_name = format!("{} Employee {number:04}", firm.name().as_str());
        let user = self.user(conn, &full_name, firm.name().as_str(), number)?;
        let (employee, address) = (self.id(EmployeeId::from_uuid), email(firm.name().as_str(), number)?);
        let new = employees::NewEmployee {
            id: &employee,
            user_id: Some(&user),
            email: &address,
            name: &name(&full_name)?,
            role,
            now: self.now,
        };
        employees::insert(conn, firm, &new)?;
        let session = self.session(conn, &user)?;
        Ok(Person { user, session, employee: Some(employee), email: address.as_str().to_owned() })
    }

    fn assign(&self, conn: &mut Conn, firm: &FirmScope, mut pairs: Vec<AssignmentPair>) -> Outcome<usize> {
        pairs.sort();
        Ok(assignments::grant(conn, firm, &pairs, self.now)?.len())
    }

    /// As many assignments of the large firm, spread over its people and accounts.
    fn assign_large(&self, conn: &mut Conn, office: &Office, wanted: usize) -> Outcome<usize> {
        let mut assigned =
            self.assign(conn, &office.scope, pairs_of(&office.bookkeeper, &office.accounts[..CLIENTS]))?;
        let each = wanted.saturating_sub(CLIENTS).div_ceil(office.staff.len());
        for (place, person) in office.staff.iter().enumerate() {
            let count = wanted.saturating_sub(assigned).min(each);
            // Everybody begins elsewhere, so that accounts have about equally many people.
            let from = place * 37 % LARGE_CLIENTS;
            let own: Vec<AccountId> =
                (from..from + count).map(|at| office.accounts[at % LARGE_CLIENTS].clone()).collect();
            assigned += self.assign(conn, &office.scope, pairs_of(person, &own))?;
        }
        Ok(assigned)
    }

    /// One more owner of this account, signed in.
    fn owner_of(&self, conn: &mut Conn, account: &AccountId) -> Outcome<Person> {
        let user = self.user(conn, "Olivia Owner", "Olivia", 0)?;
        members::insert(conn, account, &user, MemberRole::Owner, self.now)?;
        let session = self.session(conn, &user)?;
        Ok(Person { user, session, employee: None, email: email("Olivia", 0)?.as_str().to_owned() })
    }
}

/// Each of these accounts for this employee.
pub(crate) fn pairs_of(person: &Person, accounts: &[AccountId]) -> Vec<AssignmentPair> {
    let pair = |(employee, account): (&EmployeeId, &AccountId)| AssignmentPair {
        employee_id: employee.clone(),
        account_id: account.clone(),
    };
    person
        .employee
        .iter()
        .flat_map(|employee| accounts.iter().map(move |account| (employee, account)))
        .map(pair)
        .collect()
}

fn name(text: &str) -> Outcome<Name> {
    Ok(Name::parse(text).map_err(|invalid| Refusal::invalid_field("/name", invalid))?)
}

fn email(domain: &str, number: usize) -> Outcome<Email> {
    let domain = domain.to_lowercase().replace(' ', "-");
    let text = format!("person-{number}@{domain}.example");
    Ok(Email::parse(&text).map_err(|invalid| Refusal::invalid_field("/email", invalid))?)
}
