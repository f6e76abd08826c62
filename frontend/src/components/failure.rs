//! From the portal's refusals to words at the right field.

use portal_client::Error;
use portal_client::api_types::InvalidValue;

use crate::texts::{explain, explain_code};
use crate::ui::Field;

/// Says at each field what the portal found wrong with it, by the pointers of the problem. What belongs to no field
/// is the answer, to be said for the form as a whole.
pub(crate) fn fail(error: &Error, fields: &[(&str, Field)]) -> Option<String> {
    let errors = error.problem().map(|problem| problem.errors.as_slice()).unwrap_or_default();
    let mut said = false;
    let mut rest = None;
    for error in errors {
        match fields.iter().find(|(pointer, _)| *pointer == error.pointer) {
            Some((_, field)) => {
                field.fail(explain_code(error.code));
                said = true;
            }
            None => rest = Some(explain_code(error.code).to_owned()),
        }
    }
    if said { rest } else { Some(explain(error)) }
}

/// What a type's constructor has against a value, in the person's language.
pub(crate) fn invalid(error: InvalidValue) -> String {
    explain_code(error.code).to_owned()
}
