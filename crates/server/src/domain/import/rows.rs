//! What rows of both kinds have in common: their answers, and the mistakes that are noted in them.

use std::collections::HashMap;
use std::hash::Hash;

use portal_api_types::{ErrorCode, ImportRow, ImportStatus, InvalidValue};

use crate::domain::table::Row;

/// The answer to a row that nothing is known of yet.
pub(super) fn unchanged(row: &Row, email: &str) -> ImportRow {
    ImportRow {
        line: row.line,
        status: ImportStatus::Unchanged,
        action: None,
        employee: None,
        email: email.to_owned(),
        account: None,
        account_name: None,
        changes: Vec::new(),
        code: None,
        detail: None,
    }
}

/// Notes a mistake. The first one names the row's code, and each adds its sentence.
pub(super) fn refuse(row: &mut ImportRow, code: ErrorCode, detail: impl AsRef<str>) {
    row.status = ImportStatus::Error;
    row.code.get_or_insert(code);
    let told = row.detail.get_or_insert_default();
    if !told.is_empty() {
        told.push(' ');
    }
    told.push_str(detail.as_ref());
}

/// Reads a cell, or notes what is wrong with it.
pub(super) fn read<T>(row: &mut ImportRow, parsed: Result<T, InvalidValue>) -> Option<T> {
    parsed.map_err(|invalid| refuse(row, invalid.code, invalid.detail)).ok()
}

/// Notes when a row has more or fewer cells than the header: then nobody knows which is which.
pub(super) fn check_fits(row: &Row, answer: &mut ImportRow) {
    if !row.fits {
        refuse(answer, ErrorCode::InvalidValue, "The row has more or fewer cells than the header.");
    }
}

pub(super) fn have_mistakes(rows: &[ImportRow]) -> bool {
    rows.iter().any(|row| row.status == ImportStatus::Error)
}

/// On which line something was first.
pub(super) struct Lines<K>(HashMap<K, u64>);

impl<K: Eq + Hash> Lines<K> {
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    /// Notes the line when it is there a second time.
    pub(super) fn check_first(&mut self, row: &mut ImportRow, key: K, what: &str) {
        match self.0.get(&key) {
            Some(line) => refuse(row, ErrorCode::InvalidValue, format!("{what} is on line {line} already.")),
            None => drop(self.0.insert(key, row.line)),
        }
    }
}
