//! Many of a firm's employees and assignments at once.

use portal_api_types::{
    AccountId, Assignments, Departure, EmployeeId, Handover, HandoverResult, Import, ImportResult,
};
use reqwest::Method;

use crate::answer::Answer;
use crate::firm::InFirm;

/// Ids, separated by commas.
fn joined<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.collect::<Vec<_>>().join(",")
}

impl InFirm {
    /// Which of these employees are assigned to which of these accounts: 1 to
    /// [`MAX_ASSIGNMENTS_SIDE`](portal_api_types::MAX_ASSIGNMENTS_SIDE) of each.
    pub fn list_assignments(&self, employees: &[EmployeeId], accounts: &[AccountId]) -> Answer<Assignments> {
        let sides = vec![
            ("employees", Some(joined(employees.iter().map(EmployeeId::as_str)))),
            ("accounts", Some(joined(accounts.iter().map(AccountId::as_str)))),
        ];
        self.call(Method::GET, "/assignments").query(&sides).json(200)
    }

    /// Imports employees or assignments from a table, all or nothing; or only says what would become of each row.
    ///
    /// `too_many_items`; `invalid_value` when the table's header is not one that is known.
    pub fn import_csv(&self, file: &Import) -> Answer<ImportResult> {
        self.call(Method::POST, "/imports").once(self.once()).body(file).json(200)
    }

    /// The firm's people, as CSV that an import takes.
    pub fn export_employees(&self) -> Answer<String> {
        self.call(Method::GET, "/exports/employees.csv").text("text/csv")
    }

    /// Who works on what, as CSV that an import takes.
    pub fn export_assignments(&self) -> Answer<String> {
        self.call(Method::GET, "/exports/assignments.csv").text("text/csv")
    }

    /// A table of employees to fill in.
    pub fn read_employees_template(&self) -> Answer<String> {
        self.call(Method::GET, "/exports/employees-template.csv").text("text/csv")
    }

    /// A table of assignments to fill in.
    pub fn read_assignments_template(&self) -> Answer<String> {
        self.call(Method::GET, "/exports/assignments-template.csv").text("text/csv")
    }

    /// What goes with an employee who goes.
    pub fn read_departure(&self, employee_id: &EmployeeId) -> Answer<Departure> {
        self.call(Method::GET, &format!("/employees/{employee_id}/departure")).json(200)
    }

    /// Hands an employee's accounts to a colleague, and keeps, deactivates or removes the employee, all or nothing.
    ///
    /// `last_admin` and `employee_invited` as when the employee is changed or removed alone; `invalid_value` when the
    /// colleague is deactivated, or is the employee.
    pub fn hand_over_accounts(
        &self,
        employee_id: &EmployeeId,
        handover: &Handover,
    ) -> Answer<HandoverResult> {
        let path = format!("/employees/{employee_id}/handover");
        self.call(Method::POST, &path).once(self.once()).body(handover).json(200)
    }
}
