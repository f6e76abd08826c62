//! What is true of every operation: how one gets the tokens, the request id, and texts whose lines are not broken.

use portal_api_types::Scope;
use utoipa::Modify;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{ArrayItems, Components, KnownFormat, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme,
};
use utoipa::openapi::{ObjectBuilder, OpenApi, Ref, RefOr};

use super::operations;
use crate::domain::activity::Action;
use crate::http::query::CURSOR_PATTERN;

/// Adds them.
pub(super) struct Conventions;

impl Modify for Conventions {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        security_schemes(components);
        headers(components);
        refer_to_items(components);
        components.schemas.values_mut().for_each(unwrap_schema);
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            operation.description = operation.description.as_deref().map(unwrapped);
            add_request_ids(operation);
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    parameter.description = parameter.description.as_deref().map(unwrapped);
                    name_actions(parameter);
                    form_text(parameter);
                }
            }
        }
    }
}

fn security_schemes(components: &mut Components) {
    let bearer = |text: &str| {
        let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
        SecurityScheme::Http(http.description(Some(text)).build())
    };
    components.add_security_scheme(
        "identity_token",
        bearer(
            "Says who you are, for 15 minutes. It is the `access_token` that `sign_in`, `refresh_session`, \
             `confirm_registration` and `accept_invitation` answer. Where `x-role` names a role: `employee` works for \
             the firm in the path, `admin` is an admin of it.",
        ),
    );
    components.add_security_scheme(
        "account_token",
        bearer(
            "Opens one account, for 15 minutes. It is the `access_token` that `enter_account` answers to an \
             identity token, or `issue_token`. Where `x-role` names a role: `owner` is an owner of the account.",
        ),
    );
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "A key of the operator, made by `portal operator-key create`: it begins with `opk_` and works until it is \
         revoked. It opens everything under `/operator` and nothing else. Keep it on your servers: it must not get into \
         a browser.",
    ));
    components.add_security_scheme("operator_key", SecurityScheme::Http(key.build()));
    let scopes = Scopes::from_iter(SCOPES.map(|(scope, sentence)| (scope.as_str(), sentence)));
    let flow = Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes));
    components.add_security_scheme(
        "api_key",
        SecurityScheme::OAuth2(OAuth2::with_description(
            [flow],
            "A program's account token: what `issue_token` gives for the id and the secret of an API key, which an owner of \
             the account makes. An operation names the scope that it needs; one that names none is for people.",
        )),
    );
    let secret = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("The id of an API key as the user name, and its secret as the password."));
    components.add_security_scheme("api_key_secret", SecurityScheme::Http(secret.build()));
    let cookie = ApiKeyValue::with_description(
        "portal_refresh",
        "The refresh token: set with each session, replaced at each use, good for 30 days from then. It is \
         `HttpOnly`, `SameSite=Strict`, `Secure` on https, and sent to `/api/v1/sessions` only. A browser \
         sends it by itself: there is nothing to type in here.",
    );
    components.add_security_scheme("refresh_cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

/// What each scope is for.
const SCOPES: [(Scope, &str); 4] = [
    (Scope::AccountRead, "Read the account."),
    (Scope::UsersRead, "Read who can get in, with their e-mail addresses."),
    (Scope::ActivityRead, "Read the audit trail."),
    (Scope::FirmsManage, "Invite accounting companies, cut them off, and keep single people of them out."),
];

fn headers(components: &mut Components) {
    let text = |description: &str, example: &str| {
        HeaderBuilder::new()
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .description(Some(description))
            .example(Some(example.into()))
            .build()
    };
    let seconds = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1));
    let retry_after = HeaderBuilder::new()
        .schema(Some(seconds))
        .description(Some("In how many seconds it is worth coming back."))
        .example(Some(2.into()))
        .build();
    let all: [(&str, Header); 3] = [
        (
            "X-Request-Id",
            text("The request's id: the caller's own, if it sent a sane one.", super::problems::REQUEST_ID),
        ),
        ("WWW-Authenticate", text("Which kind of token is asked for.", "Bearer")),
        ("Retry-After", retry_after),
    ];
    components.headers.extend(all.map(|(name, header)| (name.to_owned(), RefOr::T(header))));
}

/// A header that all answers of a kind have.
pub(super) fn header(name: &str) -> (String, RefOr<Header>) {
    (name.to_owned(), RefOr::Ref(Ref::new(format!("#/components/headers/{name}"))))
}

fn add_request_ids(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            response.headers.extend([header("X-Request-Id")]);
        }
    }
}

/// The filter takes the words of the audit trail, which only the enum knows.
fn name_actions(parameter: &mut Parameter) {
    if parameter.name == "action" {
        let words: Vec<String> = Action::ALL.iter().map(|action| format!("`{}`", action.as_str())).collect();
        parameter.description = Some(format!("Only this action: one of {}.", words.join(", ")));
    }
}

/// What is true of the texts of queries beyond their type.
fn form_text(parameter: &mut Parameter) {
    let pattern = match parameter.name.as_str() {
        "cursor" => CURSOR_PATTERN,
        "q" | "action" => NO_CONTROLS,
        _ => return,
    };
    if let Some(RefOr::T(Schema::Object(text))) = &mut parameter.schema {
        text.pattern = Some(pattern.to_owned());
    }
}

const NO_CONTROLS: &str = "^[^\\u0000-\\u001F\\u007F-\\u009F]*$";

/// Lists have the schemas of their items written out: generic types know no better.
fn refer_to_items(components: &mut Components) {
    for (name, schema) in &mut components.schemas {
        if let (Some(item), RefOr::T(Schema::Object(page))) = (name.strip_prefix("Page_"), schema)
            && let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items")
        {
            items.items = ArrayItems::RefOrSchema(Box::new(RefOr::Ref(Ref::from_schema_name(item))));
        }
    }
}

/// Doc comments break their lines for the source's sake; some readers of Markdown would keep the breaks.
fn unwrap_schema(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::Ref(reference) => reference.description = unwrapped(&reference.description),
        RefOr::T(Schema::Object(object)) => {
            object.description = object.description.as_deref().map(unwrapped);
            object.properties.values_mut().for_each(unwrap_schema);
        }
        RefOr::T(Schema::OneOf(choices)) => choices.items.iter_mut().for_each(unwrap_schema),
        RefOr::T(_) => {}
    }
}

fn unwrapped(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let keeps_lines = paragraph.starts_with("- ") || paragraph.starts_with("```");
        if keeps_lines { paragraph.to_owned() } else { paragraph.replace('\n', " ") }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
