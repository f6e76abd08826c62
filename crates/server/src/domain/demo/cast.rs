//! Who plays in the demo.

use portal_api_types::{Email, EmployeeRole};

use crate::domain::{Outcome, Refusal};

/// The password of everybody.
pub const PASSWORD: &str = "demo-harbour-41-violet";
/// The accounting company.
pub const FIRM: &str = "Apple Solutions";
/// Its first admin, by its main e-mail.
pub const ADMIN: Person = Person { name: "Anna Reyes", email: "office@apple-solutions.example" };

/// Somebody.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// The name.
    pub name: &'static str,
    /// The e-mail.
    pub email: &'static str,
}

/// A store owner.
#[derive(Debug, Clone, Copy)]
pub struct StoreOwner {
    /// Who.
    pub person: Person,
    /// The account.
    pub account: &'static str,
}

/// How far an employee has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Works for the firm.
    Joined,
    /// Has worked for the firm.
    Deactivated,
    /// Has not opened the mailed link.
    Invited,
}

/// An employee.
#[derive(Debug, Clone, Copy)]
pub struct Hire {
    /// Who.
    pub person: Person,
    /// Admin or bookkeeper.
    pub role: EmployeeRole,
    /// The accounts that are assigned, by name.
    pub accounts: &'static [&'static str],
    /// How far they have come.
    pub standing: Standing,
}

/// The store owners. The last one invites the firm when it is there already, and so connects it at once.
pub const STORE_OWNERS: [StoreOwner; 3] = [
    StoreOwner {
        person: Person { name: "Olivia Stone", email: "olivia@blue-bakery.example" },
        account: "Blue Bakery",
    },
    StoreOwner {
        person: Person { name: "Marco Vidal", email: "marco@red-cycles.example" },
        account: "Red Cycles",
    },
    StoreOwner {
        person: Person { name: "Nina Okafor", email: "nina@green-garden.example" },
        account: "Green Garden",
    },
];

/// The employees.
pub const HIRES: [Hire; 5] = [
    Hire {
        person: Person { name: "Ben Ortiz", email: "ben@apple-solutions.example" },
        role: EmployeeRole::Bookkeeper,
        accounts: &["Blue Bakery", "Red Cycles"],
        standing: Standing::Joined,
    },
    Hire {
        person: Person { name: "Carla Jung", email: "carla@apple-solutions.example" },
        role: EmployeeRole::Bookkeeper,
        accounts: &["Green Garden"],
        standing: Standing::Joined,
    },
    Hire {
        person: Person { name: "Dmitri Sokolov", email: "dmitri@apple-solutions.example" },
        role: EmployeeRole::Admin,
        accounts: &[],
        standing: Standing::Joined,
    },
    Hire {
        person: Person { name: "Eve Laurent", email: "eve@apple-solutions.example" },
        role: EmployeeRole::Bookkeeper,
        accounts: &["Red Cycles"],
        standing: Standing::Deactivated,
    },
    Hire {
        person: Person { name: "Farid Haddad", email: "farid@apple-solutions.example" },
        role: EmployeeRole::Bookkeeper,
        accounts: &["Blue Bakery"],
        standing: Standing::Invited,
    },
];

impl Person {
    /// The e-mail as an address.
    pub fn address(self) -> Outcome<Email> {
        typed(self.email)
    }
}

/// Everybody.
pub fn everybody() -> impl Iterator<Item = Person> {
    let owners = STORE_OWNERS.iter().map(|owner| owner.person);
    std::iter::once(ADMIN).chain(owners).chain(HIRES.iter().map(|hire| hire.person))
}

/// Reads what a person of the demo types.
pub fn typed<T>(text: &str) -> Outcome<T>
where
    T: std::str::FromStr<Err = portal_api_types::InvalidValue>,
{
    text.parse().map_err(|invalid| Refusal::invalid_field("", invalid).into())
}
