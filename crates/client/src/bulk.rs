//! Many of a firm's employees and assignments at once.

use portal_api_types::{
    AccountId, Assignments, Departure, EmployeeId, Handover, HandoverResult, Import, ImportResult,
};
use reqwest::Method;
use serde::Serialize;

use crate::error::Error;
use crate::firm::InFirm;

/// Ids, separated by commas.
#[derive(Serialize)]
struct Sides {
    employees: String,
    accounts: String,
}

fn joined<T: AsRef<str>>(ids: impl IntoIterator<Item = T>) -> String {
    ids.into_iter().fold(String::new(), |mut joined, id| {
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(id.as_ref());
        joined
    })
}

impl InFirm {
    /// Which of these employees are assigned to which of these accounts: 1 to
    /// [`MAX_ASSIGNMENTS_SIDE`](portal_api_types::MAX_ASSIGNMENTS_SIDE) of each.
    pub async fn list_assignments(
        &self,
        employees: &[EmployeeId],
        accounts: &[AccountId],
    ) -> Result<Assignments, Error> {
        let sides = Sides {
            employees: joined(employees.iter().map(EmployeeId::as_str)),
            accounts: joined(accounts.iter().map(AccountId::as_str)),
        };
        self.call(Method::GET, "/assignments").query(&sides).json(200).await
    }

    /// Imports employees or assignments from a table, all or nothing; or only says what would become of each row.
    ///
    /// `too_many_items`; `invalid_value` when the table's header is not one that is known.
    pub async fn import_csv(&self, file: &Import) -> Result<ImportResult, Error> {
        self.call(Method::POST, "/imports").once(self.once()).body(file).json(200).await
    }

    /// The firm's people, as CSV that an import takes.
    pub async fn export_employees(&self) -> Result<String, Error> {
        self.call(Method::GET, "/exports/employees.csv").text("text/csv").await
    }

    /// Who works on what, as CSV that an import takes.
    pub async fn export_assignments(&self) -> Result<String, Error> {
        self.call(Method::GET, "/exports/assignments.csv").text("text/csv").await
    }

    /// A table of employees to fill in.
    pub async fn read_employees_template(&self) -> Result<String, Error> {
        self.call(Method::GET, "/exports/employees-template.csv").text("text/csv").await
    }

    /// A table of assignments to fill in.
    pub async fn read_assignments_template(&self) -> Result<String, Error> {
        self.call(Method::GET, "/exports/assignments-template.csv").text("text/csv").await
    }

    /// What goes with an employee who goes.
    pub async fn read_departure(&self, employee_id: &EmployeeId) -> Result<Departure, Error> {
        self.call(Method::GET, &format!("/employees/{employee_id}/departure")).json(200).await
    }

    /// Hands an employee's accounts to a colleague, and keeps, deactivates or removes the employee, all or nothing.
    ///
    /// `last_admin` and `employee_invited` as when the employee is changed or removed alone; `invalid_value` when the
    /// colleague is deactivated, or is the employee.
    pub async fn hand_over_accounts(
        &self,
        employee_id: &EmployeeId,
        handover: &Handover,
    ) -> Result<HandoverResult, Error> {
        let path = format!("/employees/{employee_id}/handover");
        self.call(Method::POST, &path).once(self.once()).body(handover).json(200).await
    }
}
