//! Employees and assignments out of a table that people keep in a spreadsheet.

use serde::{Deserialize, Serialize};

use crate::ErrorCode;
use crate::role::words;

/// The most rows that one file may have, the header not counted.
pub const MAX_IMPORT_ROWS: usize = 10_000;
/// The most people that one file invites.
pub const MAX_IMPORT_INVITATIONS: usize = 1_000;
/// The address in the example line of a template: of a domain that nobody can have (RFC 2606). An import passes over it.
pub const IMPORT_EXAMPLE_EMAIL: &str = "example@template.invalid";

words! {
    /// What the rows of a file are.
    ImportKind {
        /// A firm's people: columns `name`, `email`, `role`, and if wanted `accounts` and `status`.
        Employees = "employees",
        /// Who works on what: columns `employee_email`, `account_id`, and if wanted `account_name` and `action`.
        Assignments = "assignments",
    }
    /// What becomes of a row.
    ImportStatus {
        /// It makes something: an invitation, or an assignment.
        New = "new",
        /// It changes something: an employee, or it takes an assignment away.
        Changed = "changed",
        /// It is so already.
        Unchanged = "unchanged",
        /// It is wrong. Nothing of the file is applied then.
        Error = "error",
    }
    /// What a row changes of an employee.
    ImportChange {
        /// The name.
        Name = "name",
        /// The role.
        Role = "role",
        /// More accounts are assigned.
        Accounts = "accounts",
    }
    /// What a row does to an assignment.
    AssignmentAction {
        /// Assigns the account.
        Grant = "grant",
        /// Takes it away.
        Revoke = "revoke",
    }
}

/// A file to import.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// What its rows are.
    pub kind: ImportKind,
    /// The file's text: CSV with a header (RFC 4180), separated by commas or semicolons.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "name,email,role\nBen Ortiz,ben@apple-solutions.example,bookkeeper\n")
    )]
    pub csv: String,
    /// Whether it is only to be tried: nothing is changed then, and the answer is the same.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = true))]
    pub dry_run: bool,
}

/// What becomes of a file, row by row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportResult {
    /// What its rows are.
    pub kind: ImportKind,
    /// Whether it was applied: all of it, or when this is false nothing. Not applied is what was only tried, and what has
    /// a row with an error.
    #[cfg_attr(feature = "openapi", schema(example = false))]
    pub applied: bool,
    /// How many rows of each status there are.
    pub totals: ImportTotals,
    /// The rows in the order of the file, without those of a template's example.
    pub rows: Vec<ImportRow>,
}

/// How many rows have each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportTotals {
    /// Rows that make something.
    #[cfg_attr(feature = "openapi", schema(example = 1))]
    pub new: usize,
    /// Rows that change something.
    #[cfg_attr(feature = "openapi", schema(example = 0))]
    pub changed: usize,
    /// Rows that are so already.
    #[cfg_attr(feature = "openapi", schema(example = 0))]
    pub unchanged: usize,
    /// Rows that are wrong.
    #[cfg_attr(feature = "openapi", schema(example = 0))]
    pub error: usize,
}

impl ImportTotals {
    /// Counts one more row.
    pub fn count(&mut self, status: ImportStatus) {
        match status {
            ImportStatus::New => self.new += 1,
            ImportStatus::Changed => self.changed += 1,
            ImportStatus::Unchanged => self.unchanged += 1,
            ImportStatus::Error => self.error += 1,
        }
    }
}

/// What becomes of one row. Its texts are those of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportRow {
    /// The line of the file that it begins on; the header is on line 1.
    #[cfg_attr(feature = "openapi", schema(example = 2))]
    pub line: u64,
    /// What becomes of it.
    pub status: ImportStatus,
    /// What a row of assignments does. Left out in rows of employees, and when it cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub action: Option<AssignmentAction>,
    /// The employee's name. A row of assignments has none; where it finds the employee, the name is the firm's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "Ben Ortiz"))]
    pub employee: Option<String>,
    /// The employee's e-mail.
    #[cfg_attr(feature = "openapi", schema(example = "ben@apple-solutions.example"))]
    pub email: String,
    /// The account's id, or in a row of employees the ids. Left out without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "acct_01h455vb4pex5vsknk084sn02q"))]
    pub account: Option<String>,
    /// The account's name. Left out in rows of employees, and when the firm has no such client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false, example = "Blue Bakery"))]
    pub account_name: Option<String>,
    /// What a row of employees changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ImportChange>,
    /// What kind of mistake it has. Left out without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub code: Option<ErrorCode>,
    /// What is wrong and what to do. Left out without a mistake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub detail: Option<String>,
}
