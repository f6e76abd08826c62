use std::collections::BTreeSet;
use std::fs;

use portal_api_types::ErrorCode;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::{OpenApi as Api, RefOr};

use super::*;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json");

#[test]
#[expect(clippy::disallowed_methods, reason = "a switch of this test, not configuration of the portal")]
fn the_committed_openapi_document_is_the_generated_one() {
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(COMMITTED, text()).unwrap();
    }
    let committed = fs::read_to_string(COMMITTED).unwrap_or_default();
    // Not assert_eq: nobody can read two such documents in a terminal.
    assert!(
        committed == text(),
        "openapi/openapi.json is out of date: run this test with UPDATE_GENERATED=1"
    );
}

/// Every operation with its path and method.
fn all(api: &mut Api) -> Vec<(String, &'static str, Operation)> {
    let mut all = Vec::new();
    for (path, item) in &mut api.paths.paths {
        let methods = [
            ("get", item.get.take()),
            ("put", item.put.take()),
            ("post", item.post.take()),
            ("patch", item.patch.take()),
            ("delete", item.delete.take()),
        ];
        all.extend(
            methods.into_iter().filter_map(|(method, operation)| Some((path.clone(), method, operation?))),
        );
    }
    all
}

/// The inside of `(...)` that `text` starts with.
fn in_brackets(text: &str) -> &str {
    let mut depth = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth == 0).then_some(at)
    });
    &text[1..end.unwrap()]
}

/// The functions that write routes: their names and what is in them, without blanks.
fn functions() -> Vec<(&'static str, String)> {
    let source = include_str!("../routes.rs");
    let begun = source.split("\nfn ").flat_map(|piece| piece.split("\npub fn "));
    let named = begun.filter_map(|piece| piece.split_once('('));
    named.map(|(name, rest)| (name, rest.split_whitespace().collect())).collect()
}

/// What the paths in a function begin with: its own scope, within that of the function by which it is called.
fn prefix(functions: &[(&str, String)], name: &str) -> String {
    let called = [format!(".service({name}())"), format!(".configure({name})")];
    let is_caller = |body: &str| called.iter().any(|call| body.contains(call));
    let caller = functions.iter().find(|(_, body)| is_caller(body));
    let outer = caller.map(|(caller, _)| prefix(functions, caller)).unwrap_or_default();
    let body = functions.iter().find(|(known, _)| *known == name).map(|(_, body)| body.as_str());
    let scope = body.and_then(|body| body.split_once("scope(\"")?.1.split('"').next());
    outer + scope.unwrap_or_default()
}

/// Path, method and handler of the routes, read from their source: actix-web cannot be asked for them.
fn routes() -> BTreeSet<(String, String, String)> {
    let functions = functions();
    let mut routes = BTreeSet::new();
    for (name, body) in &functions {
        let prefix = prefix(&functions, name);
        for (at, found) in body.match_indices(".service(") {
            let service = in_brackets(&body[at + found.len() - 1..]);
            // Those of another function are read there.
            let Some((helper, rest)) = service.split_once("(\"") else { continue };
            let (path, rest) = rest.split_once('"').unwrap();
            assert!(["resource", "redirect"].contains(&helper), "{helper} is a new way to write routes");
            for route in rest.split(".route(").skip(1) {
                let (method, handler) = route.split_once("().to(").unwrap();
                let handler = handler.split(')').next().unwrap().rsplit("::").next().unwrap();
                routes.insert((format!("{prefix}{path}"), method.to_owned(), handler.to_owned()));
            }
        }
    }
    routes
}

#[test]
fn every_route_is_in_the_document_and_nothing_else_is() {
    // Pages for people.
    let pages = ["list_mails", "read_app", "read_swagger_ui"];
    let routes: BTreeSet<_> =
        routes().into_iter().filter(|(_, _, handler)| !pages.contains(&handler.as_str())).collect();
    let documented: BTreeSet<_> = all(&mut Document::openapi())
        .into_iter()
        .map(|(path, method, operation)| (path, method.to_owned(), operation.operation_id.unwrap()))
        .collect();
    assert_eq!(routes, documented);
    assert!(routes.len() > 40, "{}", routes.len());
}

#[test]
fn every_operation_is_described() {
    let mut api = Document::openapi();
    let tags: Vec<String> = api.tags.iter().flatten().map(|tag| tag.name.clone()).collect();
    for (path, method, operation) in all(&mut api) {
        let name = format!("{method} {path}");
        assert!(operation.summary.is_some_and(|text| !text.is_empty()), "{name}: summary");
        assert!(operation.description.is_some_and(|text| text.len() > 40), "{name}: description");
        assert!(operation.security.is_some(), "{name}: security");
        assert!(operation.tags.iter().flatten().all(|tag| tags.contains(tag)), "{name}: tags");
        let responses = &operation.responses.responses;
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name}: no success");
        for (status, response) in responses {
            let RefOr::T(response) = response else { panic!("{name}: a reference") };
            check_response(&format!("{name} {status}"), status, response);
        }
    }
}

fn check_response(name: &str, status: &str, response: &Response) {
    assert!(!response.description.is_empty(), "{name}: description");
    assert!(response.headers.contains_key("X-Request-Id"), "{name}: X-Request-Id");
    // OAuth has codes of its own.
    if status.starts_with(['4', '5']) && !response.content.contains_key("application/json") {
        let codes = problems::codes(response);
        assert!(!codes.is_empty(), "{name}: no code");
        assert!(codes.iter().all(|code| code.status().to_string() == status), "{name}: {codes:?}");
    }
    for (kind, content) in &response.content {
        let RefOr::T(content) = content else { panic!("{name}: a reference") };
        assert!(content.example.is_some() || !content.examples.is_empty(), "{name} {kind}: no example");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document: serde_json::Value = serde_json::from_str(text()).unwrap();
    for piece in text().split("\"$ref\": \"#").skip(1) {
        let pointer = piece.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn every_code_of_the_wire_has_its_example() {
    let document: serde_json::Value = serde_json::from_str(text()).unwrap();
    let conventions = document["info"]["description"].as_str().unwrap();
    for code in ErrorCode::ALL {
        let Some(example) = document["components"]["examples"].get(code.as_str()) else {
            // What any request may get is no operation's own, and is told once.
            assert!(conventions.contains(&format!("`{}`", code.as_str())), "{}", code.as_str());
            continue;
        };
        let problem = &example["value"];
        assert_eq!(problem["code"], code.as_str());
        assert_eq!(problem["status"], code.status());
    }
}

#[test]
fn every_link_leads_to_an_operation_with_these_parameters() {
    let mut api = Document::openapi();
    let all = all(&mut api);
    let mut links = 0;
    for (path, method, operation) in &all {
        for response in operation.responses.responses.values() {
            let RefOr::T(response) = response else { panic!("{method} {path}: a reference") };
            for link in response.links.values() {
                let RefOr::T(link) = link else { panic!("{method} {path}: a reference") };
                let (to, _, _) = all
                    .iter()
                    .find(|(_, _, to)| to.operation_id.as_ref() == Some(&link.operation_id))
                    .unwrap_or_else(|| panic!("{method} {path} leads to {}", link.operation_id));
                let named: BTreeSet<_> = link.parameters.keys().map(|name| format!("{{{name}}}")).collect();
                let wanted =
                    to.split('/').filter(|piece| piece.starts_with('{')).map(str::to_owned).collect();
                assert_eq!(named, wanted, "{method} {path} leads to {to}");
                links += 1;
            }
        }
    }
    assert!(links > 50, "{links}");
}
