//! The table role x operation, made from the OpenAPI document: every operation is tried by every actor. A new operation
//! appears here by itself; the table is committed in `docs/AUTHORIZATION.md`, so a change of power is seen in a review.

use std::fmt::Write;

use portal_api_types::{AddMember, EmployeeRole, EmployeeStatus, MemberRole, Scope, UpdateEmployee};
use serde_json::Value;

use crate::app::{TestApp, address, named};

/// Somebody who tries: a name, an identity token, an account token, and a key of the operator.
struct Candidate {
    name: &'static str,
    identity: Option<String>,
    account: Option<String>,
    operator: Option<String>,
}

/// What an operation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Public,
    Identity,
    Account,
    Operator,
}

struct Operation {
    method: String,
    path: String,
    id: String,
    door: Door,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].to_string();
            let doors = [
                ("account_token", Door::Account),
                ("identity_token", Door::Identity),
                ("operator_key", Door::Operator),
            ];
            let open: Vec<Door> = doors
                .into_iter()
                .filter(|(token, _)| security.contains(token))
                .map(|(_, door)| door)
                .collect();
            // Introspection is asked by the operator too, about every account; the table is about those who are in one.
            let is_asked_by_two = path == "/oauth/introspect";
            assert!(
                open.len() <= 1 || is_asked_by_two,
                "{method} {path}: one kind of token opens an operation"
            );
            let door = open.first().copied().unwrap_or(Door::Public);
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            found.push(Operation { method: method.to_uppercase(), path: path.clone(), id, door });
        }
    }
    found.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    found
}

/// A verdict in one word. A body or a target that is refused is refused after the caller was let in.
fn verdict(status: u16) -> &'static str {
    match status {
        401 => "401",
        403 => "403",
        404 => "404",
        200..=299 | 400 | 409 | 410 | 413 | 415 | 422 => "yes",
        _ => "?",
    }
}

#[tokio::test]
async fn attack_23_generated_table_of_every_operation_and_every_actor() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    let stranger = app.owner("Stranger", "stranger@x.example", "Elsewhere").await;
    let firm = app.firm(&owner, "Apple", "office@apple.example").await;
    let account = owner.account_id.clone();
    let accounts = std::slice::from_ref(&account);
    let ben = firm.hire(&app, "Ben", "ben@apple.example", EmployeeRole::Bookkeeper, accounts).await;
    let gone = firm.hire(&app, "Gone", "gone@apple.example", EmployeeRole::Admin, &[]).await;
    let gone_inside = gone.me.enter(&account).await.unwrap().token().to_owned();
    let deactivate =
        UpdateEmployee { status: Some(EmployeeStatus::Deactivated), ..UpdateEmployee::default() };
    firm.firm.update_employee(&gone.id, &deactivate).await.unwrap();
    let add = AddMember { name: named("Kim"), email: address("kim@x.example"), role: MemberRole::Member };
    owner.inside.add_member(&add).await.unwrap();
    let kim = app.join("kim@x.example", 1).await;
    let entered = |token: &str| Some(token.to_owned());
    let key = app.operator_key().await;
    let mut candidates = vec![
        Candidate { name: "nobody", identity: None, account: None, operator: None },
        Candidate { name: "stranger", identity: entered(stranger.me.token()), account: None, operator: None },
        Candidate {
            name: "owner",
            identity: entered(owner.me.token()),
            account: entered(owner.inside.token()),
            operator: None,
        },
        Candidate {
            name: "member",
            identity: entered(kim.token()),
            account: entered(kim.enter(&account).await.unwrap().token()),
            operator: None,
        },
        Candidate {
            name: "firm admin",
            identity: entered(firm.me.token()),
            account: entered(firm.me.enter(&account).await.unwrap().token()),
            operator: None,
        },
        Candidate {
            name: "bookkeeper",
            identity: entered(ben.me.token()),
            account: entered(ben.me.enter(&account).await.unwrap().token()),
            operator: None,
        },
        Candidate {
            name: "deactivated admin",
            identity: entered(gone.me.token()),
            account: Some(gone_inside),
            operator: None,
        },
        Candidate { name: "operator", identity: None, account: None, operator: Some(key) },
    ];

    for scope in Scope::ALL {
        let key = crate::programs::key(&owner, &[*scope]).await;
        let inside = crate::programs::enter(&app, &key).await;
        candidates.push(Candidate {
            name: scope.as_str(),
            identity: None,
            account: entered(inside.token()),
            operator: None,
        });
    }

    let document = app.portal().read_openapi().await.unwrap();
    let mut table = String::from("| operation | route |");
    for candidate in &candidates {
        let _ = write!(table, " {} |", candidate.name);
    }
    table.push_str("\n| --- | --- |");
    table.push_str(&" --- |".repeat(candidates.len()));
    table.push('\n');
    for operation in operations(&document) {
        let _ = write!(table, "| `{}` | `{} {}` |", operation.id, operation.method, operation.path);
        for candidate in &candidates {
            let cell = try_it(&app, &operation, candidate, firm.firm_id.as_str(), account.as_str()).await;
            let _ = write!(table, " {cell} |");
        }
        table.push('\n');
    }
    crate::app::check_generated("docs/AUTHORIZATION.md", "authz-table", &table);
}

/// Tries an operation with ids that are well-formed but not there, except for the firm's and the account's, and with a body
/// that no operation takes: whoever is let in changes nothing.
async fn try_it(
    app: &TestApp,
    operation: &Operation,
    candidate: &Candidate,
    firm: &str,
    account: &str,
) -> &'static str {
    // What would end the caller's own session, or has nothing to refuse, is said by other tests.
    if operation.id == "end_current_session" {
        return if candidate.identity.is_some() { "yes" } else { "401" };
    }
    let missing = |prefix: &str| format!("{prefix}_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    let nested_firm = operation.path.starts_with("/api/v1/account/firms/");
    let mut path =
        operation.path.replace("{employee_id}", &missing("empl")).replace("{user_id}", &missing("user"));
    path = path.replace("{firm_id}", &if nested_firm { missing("firm") } else { firm.to_owned() });
    path = path.replace(
        "{account_id}",
        &if operation.path.ends_with("/token") { account.to_owned() } else { missing("acct") },
    );
    let kind = match operation.path.as_str() {
        path if path.contains("/operator/accounts/") => "acct",
        path if path.contains("/operator/firms/") => "firm",
        path if path.contains("/operator/users/") => "user",
        path if path.contains("/employees/") => "empl",
        path if path.contains("/sessions/") => "sess",
        path if path.contains("/api-keys/") => "akey",
        path if path.contains("/webhooks/") => "whok",
        _ => "invt",
    };
    path = path
        .replace("{id}", &missing(kind))
        .replace("{external_id}", "store-0")
        .replace("{delivery_id}", &missing("whdl"));
    let method = operation.method.parse::<reqwest::Method>().unwrap();
    let mut request = reqwest::Client::new().request(method.clone(), app.url(&path));
    if operation.path.starts_with("/oauth/") {
        request = request.form(&[("token", "none")]);
    } else if method != reqwest::Method::GET && method != reqwest::Method::DELETE {
        request = request.json(&serde_json::json!({"no_such_field": true}));
    }
    let token = match operation.door {
        Door::Public => None,
        Door::Identity => candidate.identity.as_ref(),
        Door::Account => candidate.account.as_ref(),
        Door::Operator => candidate.operator.as_ref(),
    };
    // Who has no token of the right kind tries with another one.
    let others = [&candidate.identity, &candidate.account, &candidate.operator];
    let other = others.into_iter().flatten().next();
    let token = if operation.door == Door::Public { None } else { token.or(other) };
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    // What is let in may be a stream that does not end.
    let body: Value =
        if answer.status().is_success() { Value::Null } else { answer.json().await.unwrap_or_default() };
    // "Nothing here" by the operation's target is not the same as "nothing here for you".
    let target_missing = status == 404
        && operation.path.contains('{')
        && ![
            "There is no such firm, or you do not work for it.",
            "There is no such account, or you have no access to it.",
        ]
        .contains(&body["detail"].as_str().unwrap_or_default());
    let public_refusal = operation.door == Door::Public && status == 401;
    if target_missing || public_refusal { "yes" } else { verdict(status) }
}
