//! The role that an operation asks for besides a token. Handlers name it in their security requirement, where OpenAPI allows a
//! role beside any kind of token; but tools take such a word for a scope, which only OAuth has, and miss its declaration. So
//! it becomes `x-role` of the operation.

use serde_json::Value;
use utoipa::Modify;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, SecurityRequirement};

use super::operations;

/// The tokens of people, who have roles where programs have scopes.
const TOKENS: [&str; 2] = ["account_token", "identity_token"];

/// Moves them there. After [`Problems`](super::problems::Problems), which finds in the requirement who is refused.
pub(super) struct Roles;

impl Modify for Roles {
    fn modify(&self, document: &mut OpenApi) {
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            move_role(operation);
        }
    }
}

fn move_role(operation: &mut Operation) {
    for requirement in operation.security.iter_mut().flatten() {
        // Requirements show what is in them only as JSON.
        let Ok(Value::Object(mut schemes)) = serde_json::to_value(&*requirement) else { continue };
        let roles = schemes.iter_mut().filter(|(name, _)| TOKENS.contains(&name.as_str()));
        let role = roles.filter_map(|(_, words)| words.as_array_mut()?.pop()).next();
        let Some(role) = role else { continue };
        if let Ok(rest) = serde_json::from_value::<SecurityRequirement>(Value::Object(schemes)) {
            *requirement = rest;
            operation.extensions.get_or_insert_default().insert("x-role".to_owned(), role);
        }
    }
}
