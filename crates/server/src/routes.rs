//! Every route of the portal.

use actix_cors::Cors;
use actix_web::http::{Method, header};
use actix_web::web::{Data, ServiceConfig, delete, patch, post, put, redirect, resource, route, scope};
use actix_web::{Route, Scope, guard};

use crate::config::Config;
use crate::http::frontend::Frontend;
use crate::http::{
    account, account_firms, account_members, activity, api_keys, assignments, departures, dev_mail, docs,
    employees, events, exports, firm_accounts, firms, frontend, imports, invitations, me, oauth,
    operator_accounts, operator_firms, operator_status, operator_users, operator_webhooks, passwords,
    registrations, sessions, system, webhooks,
};

/// Registers the routes. One line a path; what a path does not have answers 405 with `Allow`.
pub fn configure(routes: &mut ServiceConfig, config: &Config, frontend: Option<&Data<Frontend>>) {
    routes.service(api());
    by_standards(routes);
    routes
        .service(resource("/healthz").route(get().to(system::check_health)))
        .service(resource("/readyz").route(get().to(system::check_readiness)))
        .service(resource("/metrics").route(get().to(system::read_metrics)))
        .service(resource("/.well-known/jwks.json").route(get().to(system::read_jwks)));
    documentation(routes);
    if config.shows_dev_mail() {
        routes.service(resource("/dev/mail").route(get().to(dev_mail::list_mails)));
    }
    // Last: it takes what is left.
    if let Some(frontend) = frontend {
        let is_apps = guard::fn_guard(frontend::is_apps);
        routes
            .app_data(Data::clone(frontend))
            .service(resource("/{path:.*}").guard(is_apps).route(get().to(frontend::read_app)));
    }
}

/// What can be read can be asked for without its body too (RFC 9110 section 9.3.2).
fn get() -> Route {
    route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// The operations of the API. Paths are tried in this order, those with parameters by a regular expression each, and once more
/// for the name of the route in logs and metrics: so what is asked most stands first, and what begins alike is tried together.
fn api() -> Scope {
    scope("/api/v1")
        .service(in_account())
        .service(
            resource("/me/accounts").route(get().to(me::list_my_accounts)).route(post().to(me::open_account)),
        )
        .service(resource("/accounts/{account_id}/token").route(post().to(me::enter_account)))
        .service(in_firm())
        .service(for_operators())
        .configure(people)
}

fn people(routes: &mut ServiceConfig) {
    routes
        .service(resource("/registrations").route(post().to(registrations::register)))
        .service(resource("/registrations/check").route(post().to(registrations::check_registration)))
        .service(resource("/registrations/confirm").route(post().to(registrations::confirm_registration)))
        .service(
            resource("/sessions")
                .route(post().to(sessions::sign_in))
                .route(get().to(sessions::list_sessions)),
        )
        .service(resource("/sessions/refresh").route(post().to(sessions::refresh_session)))
        .service(resource("/sessions/current").route(delete().to(sessions::end_current_session)))
        .service(resource("/sessions/{id}").route(delete().to(sessions::end_session)))
        .service(resource("/password-resets").route(post().to(passwords::request_password_reset)))
        .service(resource("/password-resets/check").route(post().to(passwords::check_password_reset)))
        .service(resource("/password-resets/confirm").route(post().to(passwords::confirm_password_reset)))
        .service(resource("/me").route(get().to(me::read_me)).route(patch().to(me::update_me)))
        .service(resource("/me/password").route(post().to(passwords::change_password)))
        .service(resource("/events").route(get().to(events::stream_events)))
        .service(resource("/invitations/lookup").route(post().to(invitations::lookup_invitation)))
        .service(resource("/invitations/accept").route(post().to(invitations::accept_invitation)));
}

fn in_account() -> Scope {
    scope("/account")
        .service(
            resource("").route(get().to(account::read_account)).route(patch().to(account::rename_account)),
        )
        .service(resource("/users").route(get().to(account::list_account_users)))
        .service(resource("/firms").route(post().to(account_firms::invite_firm)))
        .service(resource("/firms/{firm_id}").route(delete().to(account_firms::disconnect_firm)))
        .service(
            resource("/firms/{firm_id}/people/{employee_id}")
                .route(put().to(account_firms::unblock_person))
                .route(delete().to(account_firms::block_person)),
        )
        .service(resource("/members").route(post().to(account_members::add_member)))
        .service(resource("/members/{user_id}").route(delete().to(account_members::remove_member)))
        .service(resource("/invitations/{id}").route(delete().to(account::cancel_invitation)))
        .service(resource("/invitations/{id}/resend").route(post().to(account::resend_invitation)))
        .service(
            resource("/api-keys")
                .route(get().to(api_keys::list_api_keys))
                .route(post().to(api_keys::create_api_key)),
        )
        .service(resource("/api-keys/{id}").route(delete().to(api_keys::revoke_api_key)))
        .service(resource("/activity").route(get().to(activity::list_account_activity)))
        .configure(account_webhooks)
}

fn account_webhooks(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/webhooks")
                .route(get().to(webhooks::list_webhooks))
                .route(post().to(webhooks::create_webhook)),
        )
        .service(
            resource("/webhooks/{id}")
                .route(get().to(webhooks::read_webhook))
                .route(patch().to(webhooks::update_webhook))
                .route(delete().to(webhooks::delete_webhook)),
        )
        .service(resource("/webhooks/{id}/secret").route(post().to(webhooks::rotate_webhook_secret)))
        .service(resource("/webhooks/{id}/test").route(post().to(webhooks::test_webhook)))
        .service(resource("/webhooks/{id}/deliveries").route(get().to(webhooks::list_webhook_deliveries)))
        .service(
            resource("/webhooks/{id}/deliveries/{delivery_id}/redeliver")
                .route(post().to(webhooks::redeliver_webhook)),
        );
}

fn in_firm() -> Scope {
    scope("/firms/{firm_id}")
        .service(resource("").route(get().to(firms::read_firm)).route(patch().to(firms::rename_firm)))
        .service(
            resource("/employees")
                .route(get().to(employees::list_employees))
                .route(post().to(employees::invite_employee)),
        )
        .service(
            resource("/employees/{id}")
                .route(get().to(employees::read_employee))
                .route(patch().to(employees::update_employee))
                .route(delete().to(employees::remove_employee)),
        )
        .service(resource("/employees/{id}/resend").route(post().to(employees::resend_employee_invitation)))
        .service(resource("/employees/{id}/accounts").route(get().to(employees::list_employee_accounts)))
        .service(
            resource("/employees/{id}/accounts/{account_id}")
                .route(put().to(assignments::grant_account))
                .route(delete().to(assignments::revoke_account)),
        )
        .service(resource("/accounts").route(get().to(firm_accounts::list_firm_accounts)))
        .service(
            resource("/accounts/{account_id}")
                .route(get().to(firm_accounts::read_firm_account))
                .route(delete().to(firm_accounts::disconnect_account)),
        )
        .service(
            resource("/accounts/{account_id}/employees")
                .route(get().to(firm_accounts::list_account_employees)),
        )
        .service(
            resource("/assignments")
                .route(get().to(assignments::list_assignments))
                .route(post().to(assignments::assign_accounts)),
        )
        .service(resource("/employees/{id}/departure").route(get().to(departures::read_departure)))
        .service(resource("/employees/{id}/handover").route(post().to(departures::hand_over_accounts)))
        .service(resource("/imports").route(post().to(imports::import_csv)))
        .service(resource("/exports/employees.csv").route(get().to(exports::export_employees)))
        .service(resource("/exports/assignments.csv").route(get().to(exports::export_assignments)))
        .service(
            resource("/exports/employees-template.csv").route(get().to(exports::read_employees_template)),
        )
        .service(
            resource("/exports/assignments-template.csv").route(get().to(exports::read_assignments_template)),
        )
        .service(resource("/activity").route(get().to(activity::list_firm_activity)))
}

fn for_operators() -> Scope {
    scope("/operator")
        .service(
            resource("/accounts")
                .route(get().to(operator_accounts::list_accounts))
                .route(post().to(operator_accounts::create_account)),
        )
        // Before those with an id, which it could be taken for.
        .service(
            resource("/accounts/by-external-id/{external_id}")
                .route(put().to(operator_accounts::upsert_account)),
        )
        .service(
            resource("/accounts/{id}")
                .route(get().to(operator_accounts::read_any_account))
                .route(patch().to(operator_accounts::update_account)),
        )
        .service(resource("/accounts/{id}/suspend").route(post().to(operator_status::suspend_account)))
        .service(resource("/accounts/{id}/resume").route(post().to(operator_status::resume_account)))
        .service(resource("/accounts/{id}/close").route(post().to(operator_status::close_account)))
        .service(resource("/accounts/{id}/owners").route(post().to(operator_accounts::add_owner)))
        .service(resource("/activity").route(get().to(activity::list_operator_activity)))
        .service(resource("/firms").route(get().to(operator_firms::list_firms)))
        .service(resource("/firms/{id}").route(get().to(operator_firms::read_any_firm)))
        .service(resource("/firms/{id}/suspend").route(post().to(operator_status::suspend_firm)))
        .service(resource("/firms/{id}/resume").route(post().to(operator_status::resume_firm)))
        .service(resource("/users").route(get().to(operator_users::list_users)))
        .service(resource("/users/{id}").route(get().to(operator_users::read_any_user)))
        .service(resource("/users/{id}/suspend").route(post().to(operator_status::suspend_user)))
        .service(resource("/users/{id}/resume").route(post().to(operator_status::resume_user)))
        .configure(operator_webhooks)
}

fn operator_webhooks(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/webhooks")
                .route(get().to(operator_webhooks::list_operator_webhooks))
                .route(post().to(operator_webhooks::create_operator_webhook)),
        )
        .service(
            resource("/webhooks/{id}")
                .route(get().to(operator_webhooks::read_operator_webhook))
                .route(patch().to(operator_webhooks::update_operator_webhook))
                .route(delete().to(operator_webhooks::delete_operator_webhook)),
        )
        .service(
            resource("/webhooks/{id}/secret")
                .route(post().to(operator_webhooks::rotate_operator_webhook_secret)),
        )
        .service(resource("/webhooks/{id}/test").route(post().to(operator_webhooks::test_operator_webhook)))
        .service(
            resource("/webhooks/{id}/deliveries")
                .route(get().to(operator_webhooks::list_operator_webhook_deliveries)),
        )
        .service(
            resource("/webhooks/{id}/deliveries/{delivery_id}/redeliver")
                .route(post().to(operator_webhooks::redeliver_operator_webhook)),
        );
}

/// Where the standards want them: outside of the API's versions, and named by the metadata (RFC 8414).
fn by_standards(routes: &mut ServiceConfig) {
    routes
        .service(
            resource("/.well-known/oauth-authorization-server")
                .route(get().to(oauth::read_authorization_server)),
        )
        .service(resource("/oauth/token").route(post().to(oauth::issue_token)))
        .service(resource("/oauth/introspect").route(post().to(oauth::introspect_token)))
        .service(resource("/oauth/revoke").route(post().to(oauth::revoke_token)));
}

fn documentation(routes: &mut ServiceConfig) {
    routes
        .service(resource("/api/openapi.json").route(get().to(docs::read_openapi)))
        .service(redirect("/swagger-ui", "/swagger-ui/"))
        .service(resource("/swagger-ui/{file:.*}").route(get().to(docs::read_swagger_ui)));
}

/// Lets the named origins' browser apps in, with their cookies; without any, no other origin.
pub fn cors(config: &Config) -> Cors {
    let cors = Cors::default()
        .allowed_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .allowed_headers(["idempotency-key", "x-request-id"])
        .expose_headers(["retry-after", "x-request-id"])
        .supports_credentials()
        .max_age(3_600);
    config.cors_origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
