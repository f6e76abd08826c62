//! The error answers. A handler's attribute names those that are its own, by their codes in backticks; what follows from
//! an operation's shape (a token, a role, parameters, a body) is added here, and each gets its form and examples.

use std::collections::HashSet;

use portal_api_types::{ErrorCode, FieldError, Problem};
use utoipa::Modify;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::Components;
use utoipa::openapi::{OpenApi, Ref, RefOr};

use super::conventions::header;
use super::operations;
use crate::domain::Refusal;
use crate::error::ApiError;

/// The request id of examples.
pub(super) const REQUEST_ID: &str = "0198f3a2b1c47d6e8f901a2b3c4d5e6f";

/// Adds them.
pub(super) struct Problems;

impl Modify for Problems {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let mut told = HashSet::new();
        for (path, item) in &mut document.paths.paths {
            // OAuth has a form of its own, which its handlers describe.
            let operations = operations(item).filter(|_| !path.starts_with("/oauth/"));
            for operation in operations {
                for (code, sentence) in common(path, operation, components).into_iter().rev() {
                    add(operation, code, &sentence);
                }
                give_form(operation);
                told.extend(operation.responses.responses.values().flat_map(|response| match response {
                    RefOr::T(response) => codes(response),
                    RefOr::Ref(_) => Vec::new(),
                }));
            }
        }
        for code in ErrorCode::ALL.iter().filter(|code| told.contains(code)) {
            let example = ExampleBuilder::new()
                .summary(code.title())
                .value(serde_json::to_value(example(*code)).ok())
                .build();
            components.examples.insert(code.as_str().to_owned(), example.into());
        }
    }
}

/// What follows from the shape.
fn common(path: &str, operation: &Operation, components: &Components) -> Vec<(ErrorCode, String)> {
    let mut found: Vec<(ErrorCode, String)> = Vec::new();
    let mut say = |code, sentence: &str| found.push((code, sentence.to_owned()));
    // Requirements and bodies show what is in them only as JSON.
    let security = serde_json::to_string(&operation.security).unwrap_or_default();
    for (token, sentence) in TOKENS {
        if security.contains(token) {
            say(ErrorCode::Unauthenticated, sentence);
        }
    }
    if let Some(sentence) = forbidden(&security) {
        say(ErrorCode::Forbidden, &sentence);
    }
    let parameters: Vec<&ParameterIn> = (operation.parameters.iter().flatten())
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(&parameter.parameter_in),
            RefOr::Ref(_) => None,
        })
        .collect();
    let creates = operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "Idempotency-Key"));
    if creates {
        say(
            ErrorCode::IdempotencyKeyReused,
            "the same `Idempotency-Key` came with another body within the last 24 hours.",
        );
    }
    if !parameters.is_empty() {
        say(ErrorCode::MalformedParameter, "an id, a cursor or another parameter is not well-formed.");
    }
    if parameters.contains(&&ParameterIn::Path) {
        say(ErrorCode::NotFound, "what the path names does not exist, or you have no right to know of it.");
    }
    if operation.request_body.is_some() {
        say(ErrorCode::MalformedJson, "the body is not valid JSON.");
        say(ErrorCode::RequestTimeout, "the body did not arrive within 10 seconds.");
        say(ErrorCode::PayloadTooLarge, "the body has more than 64 KiB.");
        say(ErrorCode::UnsupportedMediaType, "the body is not sent as `application/json`.");
        let body = serde_json::to_string(&operation.request_body).unwrap_or_default();
        let body = with_references(&body, components);
        for (code, sentence) in field_mistakes(&body) {
            say(code, sentence);
        }
    }
    if path.starts_with("/api/v1/") {
        say(ErrorCode::Unavailable, "the portal is busy or its database is away; nothing was changed.");
    }
    found
}

const TOKENS: [(&str, &str); 4] = [
    (
        "identity_token",
        "there is no identity token with the request, it has expired, or its session has ended.",
    ),
    (
        "account_token",
        "there is no account token with the request, it has expired, or its session or your access to the account has ended. For a program: its key is revoked or has expired, or who made it is not an owner now.",
    ),
    ("operator_key", "there is no operator key with the request, or it has been revoked."),
    (
        "refresh_cookie",
        "there is no refresh token with the request, it was used already, or its session has ended.",
    ),
];

/// Who is told that they may not do this.
fn forbidden(security: &str) -> Option<String> {
    let mut sentences: Vec<&str> =
        ROLES.iter().filter(|(role, _)| security.contains(role)).map(|(_, sentence)| *sentence).collect();
    if security.contains("\"api_key\"") {
        sentences.push("you are a program whose token has not the scope.");
    } else if security.contains("\"account_token\"") {
        sentences.push("you are a program: this is for people.");
    }
    (!sentences.is_empty()).then(|| sentences.join(" Or "))
}

/// As the security requirements name them. An `employee` is anyone in the firm; others get a 404.
const ROLES: [(&str, &str); 2] = [
    ("\"owner\"", "you are in the account, but not one of its owners."),
    ("\"admin\"", "you work for the firm, but are not one of its admins."),
];

/// What can be wrong with the fields of this body, by the types in it.
fn field_mistakes(body: &str) -> impl Iterator<Item = (ErrorCode, &'static str)> {
    let by_type = [
        (ErrorCode::UnknownField, "", "a field is not one of this operation's."),
        (ErrorCode::MissingField, "\"required\":[", "a field is missing."),
        (ErrorCode::InvalidType, "", "a field has the wrong JSON type."),
        (ErrorCode::InvalidValue, "\"enum\":[", "a field is not one of its words."),
        (ErrorCode::InvalidId, "Id\"", "a field is not an id of the right kind."),
        (ErrorCode::InvalidName, "/Name\"", "a name is empty, too long or has forbidden characters."),
        (ErrorCode::InvalidEmail, "/Email\"", "an e-mail address is not valid."),
        (
            ErrorCode::InvalidExternalId,
            "/ExternalReference\"",
            "an external id has other characters than it may have.",
        ),
        (ErrorCode::PasswordTooShort, "/NewPassword\"", "the password has fewer than 10 characters."),
        (ErrorCode::PasswordTooLong, "/NewPassword\"", "the password has more than 128 characters."),
    ];
    by_type.into_iter().filter(|(_, mark, _)| body.contains(mark)).map(|(code, _, sentence)| (code, sentence))
}

/// A schema as JSON, followed by all those that it refers to.
fn with_references(schema: &str, components: &Components) -> String {
    let mut text = schema.to_owned();
    let mut added: Vec<&str> = Vec::new();
    let is_new = |text: &str, added: &[&str], name: &str| {
        !added.contains(&name) && text.contains(&format!("#/components/schemas/{name}\""))
    };
    while let Some((name, next)) =
        components.schemas.iter().find(|(name, _)| is_new(&text, &added, name.as_str()))
    {
        added.push(name);
        text.push_str(&serde_json::to_string(next).unwrap_or_default());
    }
    text
}

/// Adds a problem to the operation's, unless the operation tells of it itself.
fn add(operation: &mut Operation, code: ErrorCode, sentence: &str) {
    let line = format!("`{}`: {sentence}", code.as_str());
    let responses = &mut operation.responses.responses;
    match responses.get_mut(&code.status().to_string()) {
        Some(RefOr::T(response)) if codes(response).contains(&code) => {}
        Some(RefOr::T(response)) => response.description = format!("{line}\n\n{}", response.description),
        _ => {
            let response = ResponseBuilder::new().description(line).build();
            responses.insert(code.status().to_string(), response.into());
        }
    }
}

/// The codes that a description names.
pub(super) fn codes(response: &Response) -> Vec<ErrorCode> {
    response.description.split('`').filter_map(ErrorCode::from_word).collect()
}

/// Media type, schema, examples and headers of the error answers.
fn give_form(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if !status.starts_with(['4', '5']) {
            continue;
        }
        let codes = codes(response);
        response.content.insert("application/problem+json".to_owned(), content(&codes).into());
        response.headers.extend([header("X-Request-Id")]);
        if codes.contains(&ErrorCode::Unauthenticated) {
            response.headers.extend([header("WWW-Authenticate")]);
        }
        if codes.iter().any(|code| [ErrorCode::RateLimited, ErrorCode::Unavailable].contains(code)) {
            response.headers.extend([header("Retry-After")]);
        }
    }
}

fn content(codes: &[ErrorCode]) -> Content {
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    content.examples = codes
        .iter()
        .map(|code| {
            let example = Ref::new(format!("#/components/examples/{}", code.as_str()));
            (code.as_str().to_owned(), RefOr::Ref(example))
        })
        .collect();
    content
}

fn example(code: ErrorCode) -> Problem {
    let problem = refusal(code).map_or_else(
        || ApiError::new(code, format!("{}.", code.title())).problem(),
        |refusal| ApiError::from(refusal).problem(),
    );
    let mut problem = Problem { request_id: REQUEST_ID.to_owned(), ..problem };
    if code.status() == 422 && code != ErrorCode::IdempotencyKeyReused {
        let pointer = match code {
            ErrorCode::UnknownField => "/nickname",
            ErrorCode::InvalidEmail => "/email",
            ErrorCode::InvalidExternalId => "/external_id",
            ErrorCode::InvalidId => "/grant/0/employee_id",
            ErrorCode::InvalidValue => "/role",
            ErrorCode::TooManyItems => "",
            ErrorCode::PasswordTooShort | ErrorCode::PasswordTooLong | ErrorCode::PasswordTooCommon => {
                "/password"
            }
            _ => "/name",
        };
        problem.errors =
            vec![FieldError { pointer: pointer.to_owned(), code, detail: problem.detail.clone() }];
    }
    problem
}

/// The refusal that says this, so that examples have the words of real answers.
fn refusal(code: ErrorCode) -> Option<Refusal> {
    Some(match code {
        ErrorCode::NotFound => Refusal::NotFound("There is no such account, or you have no access to it."),
        ErrorCode::Unauthenticated => Refusal::Unauthenticated,
        ErrorCode::WrongCredentials => Refusal::WrongCredentials,
        ErrorCode::InvitationGone => Refusal::InvitationGone,
        ErrorCode::AlreadyInvited => Refusal::AlreadyInvited,
        ErrorCode::AlreadyConnected => Refusal::AlreadyConnected,
        ErrorCode::AlreadyMember => Refusal::AlreadyMember,
        ErrorCode::AlreadyEmployee => Refusal::AlreadyEmployee,
        ErrorCode::LastOwner => Refusal::LastOwner,
        ErrorCode::LastAdmin => Refusal::LastAdmin,
        ErrorCode::EmployeeInvited => Refusal::EmployeeInvited,
        ErrorCode::EmployeeJoined => Refusal::EmployeeJoined,
        ErrorCode::AccountClosed => Refusal::AccountClosed,
        ErrorCode::ExternalIdTaken => Refusal::ExternalIdTaken,
        ErrorCode::IdempotencyKeyReused => Refusal::IdempotencyKeyReused,
        ErrorCode::AnswerNotKept => Refusal::AnswerNotKept,
        ErrorCode::TooManyWebhooks => Refusal::TooManyWebhooks,
        ErrorCode::RateLimited => Refusal::RateLimited { retry_after_seconds: 540 },
        _ => return None,
    })
}
