//! From the portal's refusals to words at the right field.

use portal_client::Error;
use portal_client::api_types::{ErrorCode, InvalidValue, Name};

use crate::texts::{explain, explain_code};
use crate::ui::Field;

/// Says at each field what the portal found wrong with it, by the pointers of the problem. What belongs to no field
/// is the answer, to be said for the form as a whole.
pub(crate) fn fail(error: &Error, fields: &[(&str, Field)]) -> Option<String> {
    let errors = error.problem().map(|problem| problem.errors.as_slice()).unwrap_or_default();
    let mut said = false;
    let mut rest = None;
    for wrong in errors {
        match fields.iter().find(|(pointer, _)| *pointer == wrong.pointer) {
            Some((_, field)) => {
                field.fail(explain_code(wrong.code));
                said = true;
            }
            None => rest = Some(explain_code(wrong.code).to_owned()),
        }
    }
    // Who is there already is known by the address.
    let known = matches!(
        error.code(),
        Some(
            ErrorCode::AlreadyInvited
                | ErrorCode::AlreadyConnected
                | ErrorCode::AlreadyMember
                | ErrorCode::AlreadyEmployee
        )
    );
    if let Some((_, field)) = fields.iter().find(|(pointer, _)| known && pointer.ends_with("email")) {
        field.fail(explain(error));
        said = true;
    }
    if said { rest } else { Some(explain(error)) }
}

/// A name that was typed. That there is none is said in plainer words than that it is a wrong one.
pub(crate) fn typed_name(typed: &str) -> Result<Name, InvalidValue> {
    let name = Name::parse(typed);
    if typed.trim().is_empty() {
        return name.map_err(|error| InvalidValue { code: ErrorCode::MissingField, ..error });
    }
    name
}

/// What a type's constructor has against a value, in the person's language.
pub(crate) fn invalid(error: InvalidValue) -> String {
    explain_code(error.code).to_owned()
}
