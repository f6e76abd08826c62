//! Examples of bodies, put together from those of the fields, where an operation has none of its own.

use serde_json::{Map, Value};
use utoipa::Modify;
use utoipa::openapi::content::Content;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{OpenApi, RefOr};

use super::operations;

/// Adds them.
pub(super) struct Examples;

impl Modify for Examples {
    fn modify(&self, document: &mut OpenApi) {
        let schemas = document.components.as_ref().map(|components| &components.schemas);
        let schemas = serde_json::to_value(schemas).unwrap_or_default();
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            for content in contents(operation) {
                if content.example.is_none() && content.examples.is_empty() {
                    let schema = serde_json::to_value(&content.schema).unwrap_or_default();
                    content.example = Some(example(&schema, &schemas));
                }
            }
        }
    }
}

/// What an operation takes and answers.
fn contents(operation: &mut Operation) -> impl Iterator<Item = &mut Content> {
    let bodies = operation.request_body.iter_mut().filter_map(|body| match body {
        RefOr::T(body) => Some(body.content.values_mut()),
        RefOr::Ref(_) => None,
    });
    let responses = operation.responses.responses.values_mut().filter_map(|response| match response {
        RefOr::T(response) => Some(response.content.values_mut()),
        RefOr::Ref(_) => None,
    });
    bodies.flatten().chain(responses.flatten()).filter_map(|content| match content {
        RefOr::T(content) => Some(content),
        RefOr::Ref(_) => None,
    })
}

fn example(schema: &Value, schemas: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        let mut example = example(&schemas[name], schemas);
        if let Value::Object(fields) = &mut example {
            tell_story(name, fields);
        }
        return example;
    }
    if let Some(given) = given(schema) {
        return given;
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let fields = parts.iter().filter_map(|part| match example(part, schemas) {
            Value::Object(fields) => Some(fields),
            _ => None,
        });
        return Value::Object(fields.flatten().collect());
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        // What may be null is shown as what it is else.
        let choice = choices.iter().find(|choice| choice["type"] != "null");
        return choice.map_or(Value::Null, |choice| example(choice, schemas));
    }
    by_type(schema, schemas)
}

/// What the schema itself gives as an example.
fn given(schema: &Value) -> Option<Value> {
    let first = |list: &Value| list.get(0).cloned();
    let example = schema.get("example").cloned();
    example.or_else(|| first(&schema["examples"])).or_else(|| first(&schema["enum"]))
}

fn by_type(schema: &Value, schemas: &Value) -> Value {
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    match kind {
        "object" => {
            let fields: Option<Map<String, Value>> = schema["properties"].as_object().map(|fields| {
                fields.iter().map(|(name, field)| (name.clone(), example(field, schemas))).collect()
            });
            Value::Object(fields.unwrap_or_default())
        }
        "array" => Value::Array(vec![example(&schema["items"], schemas)]),
        "boolean" => true.into(),
        "integer" => 1.into(),
        _ if schema["format"] == "date-time" => "2026-11-24T09:30:00Z".into(),
        _ => "text".into(),
    }
}

/// Fields and what stands in them.
type Said = &'static [(&'static str, &'static str)];

/// Fields whose type is a schema of its own cannot have examples of their own: these give them some, so that all examples
/// tell the story of one bakery and its accounting company.
const STORY: &[(&[&str], Said)] = &[
    (
        &[
            "Registration",
            "SignIn",
            "RequestPasswordReset",
            "UserRef",
            "MailedTo",
            "Person",
            "NewOwner",
            "OperatorUser",
        ],
        OLIVIA,
    ),
    (&["Registration", "MailedTo"], &[("account_name", "Blue Bakery")]),
    (&["ChangePassword"], &[("new_password", "quiet-lantern-72")]),
    (&["SessionInfo"], &[("expires_at", "2026-12-24T09:30:00Z")]),
    (&["Me", "FirmPerson", "Employee", "AccountEmployee", "InviteEmployee"], BEN),
    (
        &["MyFirm", "FirmPerson", "Employee", "AccountEmployee", "InviteEmployee", "UpdateEmployee"],
        &[("role", "bookkeeper")],
    ),
    (&["UpdateMe", "UpdateEmployee"], &[("name", "Benjamin Ortiz")]),
    (&["Employee", "AccountEmployee"], &[("status", "active")]),
    (&["UpdateEmployee"], &[("status", "deactivated")]),
    (&["OpenInvitation"], &[("name", "Dana Weiss"), ("email", "dana@apple-solutions.example")]),
    (&["UserInvitation", "AddMember", "MemberRow"], MARCO),
    (&["Account", "MyAccount", "TokenAccount", "AccountRef", "ClientAccount", "EmployeeAccount"], BAKERY),
    (&["WebhookAccount"], BAKERY),
    (&["CreateAccount", "UpsertAccount", "UpdateAccount", "OperatorAccount"], BAKERY),
    (&["Account", "MyAccount", "TokenAccount"], &[("role", "bookkeeper")]),
    (&["FirmPerson", "EmployeeAccount", "AccountEmployee"], &[("via", "assignment")]),
    (&["ClientAccount"], &[("owner_name", "Olivia Stone")]),
    (&["NewAccount"], &[("name", "Blue Bakery Café")]),
    (&["RenameAccount"], &[("name", "Blue Bakery & Café")]),
    (&["RenameFirm"], &[("name", "Apple Solutions Ltd.")]),
    (&["NewApiKey", "ApiKey", "ApiKeyRef"], &[("name", "Bookkeeping sync")]),
    (&["OAuthError"], INVALID_CLIENT),
    (
        &["Webhook", "WebhookWithSecret", "NewWebhook", "UpdateWebhook"],
        &[("description", "Bookkeeping product")],
    ),
    (&["WebhookDelivery"], &[("status", "delivered")]),
    (&["AcceptInvitation"], &[("name", "Anna Reyes"), ("firm_name", "Apple Solutions Ltd.")]),
];
const INVALID_CLIENT: Said = &[
    ("error", "invalid_client"),
    ("error_description", "There is no such client, or its secret is another."),
];
const OLIVIA: Said = &[("name", "Olivia Stone"), ("email", "olivia@blue-bakery.example")];
const BEN: Said = &[("name", "Ben Ortiz"), ("email", "ben@apple-solutions.example")];
const MARCO: Said = &[("name", "Marco Vidal"), ("email", "marco@blue-bakery.example"), ("role", "member")];
const BAKERY: Said = &[("name", "Blue Bakery")];

fn tell_story(schema: &str, fields: &mut Map<String, Value>) {
    for (_, said) in STORY.iter().filter(|(schemas, _)| schemas.contains(&schema)) {
        for (name, value) in *said {
            // Not every schema of a group has all of its fields.
            fields.entry(*name).and_modify(|field| *field = Value::from(*value));
        }
    }
}
