//! What the portal posts to webhooks: the `webhooks` of OpenAPI 3.1, one for each type of event.

use portal_api_types::{WebhookEvent, WebhookEventType};
use serde_json::json;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, OpenApi, Ref, RefOr, Required, Schema};
use utoipa::{Modify, PartialSchema, ToSchema};

/// Adds them.
pub(super) struct Webhooks;

impl Modify for Webhooks {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let mut schemas = vec![(WebhookEvent::name().into_owned(), WebhookEvent::schema())];
        WebhookEvent::schemas(&mut schemas);
        for (name, schema) in schemas {
            components.schemas.entry(name).or_insert(schema);
        }
        let paths = WebhookEventType::ALL.iter().fold(PathsBuilder::new(), |paths, event| {
            paths.path(event.as_str(), PathItem::new(HttpMethod::Post, operation(*event)))
        });
        document.webhooks = Some(paths.build());
        narrow_to_accounts(document);
    }
}

/// The types of events that an account's webhooks hear of.
const OF_ACCOUNTS: &str = "AccountEventType";

/// An account's webhooks want fewer types of events than the operator's, who sends a body that is the same but for that.
fn narrow_to_accounts(document: &mut OpenApi) {
    let words =
        WebhookEventType::ALL.iter().filter(|event| !event.is_operators()).map(|event| event.as_str());
    let kinds = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("What happens in an account, as its webhooks are told it."))
        .enum_values(Some(words));
    let schemas = &mut document.components.get_or_insert_default().schemas;
    schemas.insert(OF_ACCOUNTS.to_owned(), kinds.into());
    for (wide, narrow) in [("NewWebhook", "NewAccountWebhook"), ("UpdateWebhook", "UpdateAccountWebhook")] {
        let Some(RefOr::T(Schema::Object(body))) = schemas.get(wide) else { continue };
        let mut body = body.clone();
        if let Some(RefOr::T(Schema::Array(events))) = body.properties.get_mut("events") {
            events.items = Ref::from_schema_name(OF_ACCOUNTS).into();
        }
        schemas.insert(narrow.to_owned(), Schema::Object(body).into());
        let old = RefOr::Ref(Ref::from_schema_name(wide));
        let mine =
            document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/api/v1/account/webhooks"));
        for operation in mine.flat_map(|(_, item)| super::operations(item)) {
            let Some(RefOr::T(body)) = &mut operation.request_body else { continue };
            for content in body.content.values_mut() {
                if let RefOr::T(content) = content
                    && content.schema.as_ref() == Some(&old)
                {
                    content.schema = Some(Ref::from_schema_name(narrow).into());
                }
            }
        }
    }
}

fn operation(event: WebhookEventType) -> OperationBuilder {
    let header = |name: &str, description: &str, example: &str| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
            .example(Some(example.into()))
    };
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("WebhookEvent")))
        .example(Some(example(event)))
        .build();
    let body = RequestBodyBuilder::new()
        .description(Some("The event, as it was signed: verify the bytes before parsing them."))
        .content("application/json", content)
        .required(Some(Required::True));
    let taken = ResponseBuilder::new().description(
        "Any 2xx within 15 seconds: the event is taken. Anything else, a redirect too, is tried again for 24 hours.",
    );
    let gone = ResponseBuilder::new().description("You do not want any more: the webhook is switched off.");
    OperationBuilder::new()
        .operation_id(Some(format!("on_{}", event.as_str().replace('.', "_"))))
        .tag("Webhooks")
        .summary(Some(event.as_str()))
        .description(Some(describe(event)))
        .parameter(header(
            "webhook-id",
            "The event's id: the same for every try and for every webhook that is told. What you have seen before, leave.",
            "evnt_01h455vb4pex5vsknk084sn02q",
        ))
        .parameter(header(
            "webhook-timestamp",
            "When it was sent, in seconds since 1970. Refuse what is more than five minutes away from your clock.",
            "1795512600",
        ))
        .parameter(header(
            "webhook-signature",
            "`v1,` and base64 of HMAC-SHA-256 over `{webhook-id}.{webhook-timestamp}.{body}`; several, parted by blanks, \
             while a secret is changed: one that is right is enough.",
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ))
        .request_body(Some(body.build()))
        .response("2XX", taken)
        .response("410", gone)
}

fn describe(event: WebhookEventType) -> String {
    let (what, fields) = match event {
        WebhookEventType::AccessGranted => (
            "Somebody of a firm may enter the account now: by this way, they could not before. Of an owner or a member, \
                 who are in no firm, it is told when the operator lets them sign in again (`resumed`).",
            PERSON,
        ),
        WebhookEventType::AccessRevoked => (
            "Somebody of a firm may not enter the account by this way any more, from that moment on. Whoever works for two \
             firms may have another way in: `list_account_users` says who can get in now. Of an owner or a member, who are in \
             no firm, it is told when the operator suspends them (`suspended`).",
            PERSON,
        ),
        WebhookEventType::FirmInvited => {
            ("An accounting company was invited; it has no access yet.", INVITED)
        }
        WebhookEventType::FirmConnected => (
            "An accounting company was connected. Its admins may enter from then on, without an event for each.",
            FIRM,
        ),
        WebhookEventType::FirmDisconnected => (
            "An accounting company was cut off, by either side. None of its people may enter any more; there is no event \
             for each.",
            FIRM,
        ),
        WebhookEventType::MemberInvited => ("A person without a firm was invited.", INVITED),
        WebhookEventType::MemberAdded => {
            ("A person without a firm came in, as an owner or a member.", MEMBER)
        }
        WebhookEventType::MemberRemoved => ("An owner or a member was taken out.", MEMBER),
        WebhookEventType::AccountOpened => {
            ("An account was opened. Only the operator's webhooks are told.", ACCOUNT)
        }
        WebhookEventType::AccountRenamed => {
            ("The account was renamed.", "Filled in: `account`, `old_name`, `actor`.")
        }
        WebhookEventType::AccountSuspended => {
            ("The operator has suspended the account: nobody may enter.", ACCOUNT)
        }
        WebhookEventType::AccountResumed => ("The account may be entered again.", ACCOUNT),
        WebhookEventType::AccountClosed => ("The account was closed for good.", ACCOUNT),
        WebhookEventType::FirmSuspended => (
            "The operator has suspended a firm: none of its people may enter any account through it; there is no event for \
             each. Each account that the firm is connected to is told with `account` filled in, the operator once without.",
            OF_FIRM,
        ),
        WebhookEventType::FirmResumed => (
            "The operator has resumed a firm: its people may enter again as before; there is no event for each. Each account \
             that the firm is connected to is told with `account` filled in, the operator once without.",
            OF_FIRM,
        ),
        WebhookEventType::EmployeeDeactivated => (
            "A firm has deactivated an employee. Only the operator's webhooks are told; accounts get `access.revoked`.",
            EMPLOYEE,
        ),
        WebhookEventType::EmployeeReactivated => (
            "A firm has reactivated an employee. Only the operator's webhooks are told; accounts get `access.granted`.",
            EMPLOYEE,
        ),
        WebhookEventType::WebhookTest => ("Somebody wants to see whether the webhook works.", ACCOUNT),
    };
    format!("{what}\n\n{fields}")
}

const PERSON: &str = "Filled in: `account`, `firm`, `person`, `reason`, `actor`.";
const MEMBER: &str = "Filled in: `account`, `person`, `actor`.";
const FIRM: &str = "Filled in: `account`, `firm`, `actor`.";
const OF_FIRM: &str = "Filled in: `account`, `firm`.";
const INVITED: &str = "Filled in: `account`, `invitation`, `actor`.";
const ACCOUNT: &str = "Filled in: `account`, `actor`.";
const EMPLOYEE: &str = "Filled in: `firm`, `person`, `actor`.";

fn example(event: WebhookEventType) -> serde_json::Value {
    use WebhookEventType as E;
    let id = |prefix: &str| format!("{prefix}_01h455vb4pex5vsknk084sn02q");
    let when = |is: bool, value: serde_json::Value| if is { value } else { serde_json::Value::Null };
    let of_firm = matches!(event, E::AccessGranted | E::AccessRevoked);
    let of_employee = matches!(event, E::EmployeeDeactivated | E::EmployeeReactivated);
    let of_member = matches!(event, E::MemberAdded | E::MemberRemoved);
    let person = if of_member {
        json!({
            "user_id": id("user"), "employee_id": null, "name": "Marco Vidal",
            "email": "marco@blue-bakery.example", "role": "member"
        })
    } else {
        json!({
            "user_id": id("user"), "employee_id": id("empl"), "name": "Ben Ortiz",
            "email": "ben@apple-solutions.example", "role": when(of_firm, "bookkeeper".into())
        })
    };
    let reason = if event == E::AccessGranted { "assigned" } else { "unassigned" };
    let of_any_firm = of_firm
        || of_employee
        || matches!(event, E::FirmConnected | E::FirmDisconnected | E::FirmSuspended | E::FirmResumed);
    json!({
        "type": event.as_str(),
        "version": 1,
        "timestamp": "2026-11-24T09:30:00Z",
        "data": {
            "account": when(!of_employee, json!({"id": id("acct"), "name": "Blue Bakery", "external_id": "store-4711"})),
            "firm": when(of_any_firm, json!({"id": id("firm"), "name": "Apple Solutions"})),
            "person": when(of_firm || of_employee || of_member, person),
            "invitation": when(
                matches!(event, E::FirmInvited | E::MemberInvited),
                json!({"id": id("invt"), "name": "Apple Solutions", "email": "office@apple-solutions.example"})
            ),
            "reason": when(of_firm, reason.into()),
            "old_name": when(event == E::AccountRenamed, "Bakery".into()),
            "actor": when(
                !matches!(
                    event,
                    E::AccountSuspended | E::AccountResumed | E::AccountClosed | E::FirmSuspended | E::FirmResumed
                ),
                json!({"user_id": id("user"), "name": "Anna Reyes"})
            ),
            "api_key": null
        }
    })
}
