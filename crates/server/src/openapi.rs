//! The API's description as one OpenAPI 3.1 document: what the handlers' attributes say of each operation, and what is
//! true of all of them, which the modifiers add. It is served, printed by `portal openapi`, and committed.

mod conventions;
mod examples;
mod links;
mod problems;
mod roles;
mod webhooks;

use std::sync::LazyLock;

use utoipa::OpenApi;

use conventions::Conventions;
use examples::Examples;
use links::Links;
use problems::Problems;
use roles::Roles;
use webhooks::Webhooks;

use crate::http::{
    account, account_firms, account_members, activity, api_keys, assignments, departures, docs, employees,
    events, exports, firm_accounts, firms, imports, invitations, me, oauth, operator_accounts,
    operator_firms, operator_status, operator_users, operator_webhooks, passwords, registrations, sessions,
    system, webhooks as account_webhooks,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Accounting portal",
        description = include_str!("openapi/description.md"),
        contact(name = "Whoever runs this portal"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "The portal that serves this document.")),
    tags(
        (name = "Registrations", description = "Signing up as a store owner."),
        (name = "Sessions", description = "Being signed in: identity and refresh tokens."),
        (name = "Passwords", description = "Forgotten and changed passwords."),
        (name = "Me", description = "The person who is signed in, their accounts, and switching to one of them."),
        (name = "Events", description = "What has changed, told while it happens."),
        (name = "Invitations", description = "What arrives by e-mail: one mechanism for firms, employees and members."),
        (name = "Account", description = "The account of the account token, who can get in, and who is invited."),
        (name = "Account firms", description = "Accounting companies in the account."),
        (name = "Account members", description = "People in the account without a firm."),
        (name = "API keys", description = "Keys by which programs act in the account."),
        (name = "OAuth", description = "Tokens by the standards: for programs, and for products that are plugged in."),
        (name = "Firm", description = "An accounting company by itself."),
        (name = "Employees", description = "A firm's people."),
        (name = "Assignments", description = "Who of a firm works on which client account."),
        (name = "Imports and exports", description = "A firm's people and assignments as tables for spreadsheets."),
        (name = "Client accounts", description = "The accounts that are connected to a firm."),
        (name = "Activity", description = "The audit trails of accounts and firms."),
        (name = "Operator", description = "What the vendor's own product does, by a key of `portal operator-key create`: \
            accounts, suspending accounts, firms and people, webhooks that hear of all accounts, and an audit trail."),
        (name = "Webhooks", description = include_str!("openapi/webhooks.md")),
        (name = "System", description = "What operators and programs ask of the server itself.")
    ),
    paths(
        registrations::register,
        registrations::check_registration,
        registrations::confirm_registration,
        sessions::sign_in,
        sessions::refresh_session,
        sessions::list_sessions,
        sessions::end_session,
        sessions::end_current_session,
        passwords::request_password_reset,
        passwords::check_password_reset,
        passwords::confirm_password_reset,
        passwords::change_password,
        me::read_me,
        me::update_me,
        me::list_my_accounts,
        me::open_account,
        me::enter_account,
        events::stream_events,
        invitations::lookup_invitation,
        invitations::accept_invitation,
        account::read_account,
        account::rename_account,
        account::list_account_users,
        account::resend_invitation,
        account::cancel_invitation,
        account_firms::invite_firm,
        account_firms::disconnect_firm,
        account_firms::block_person,
        account_firms::unblock_person,
        account_members::add_member,
        account_members::remove_member,
        api_keys::list_api_keys,
        api_keys::create_api_key,
        api_keys::revoke_api_key,
        activity::list_account_activity,
        activity::list_firm_activity,
        activity::list_operator_activity,
        account_webhooks::list_webhooks,
        account_webhooks::create_webhook,
        account_webhooks::read_webhook,
        account_webhooks::update_webhook,
        account_webhooks::delete_webhook,
        account_webhooks::rotate_webhook_secret,
        account_webhooks::test_webhook,
        account_webhooks::list_webhook_deliveries,
        account_webhooks::redeliver_webhook,
        firms::read_firm,
        firms::rename_firm,
        employees::list_employees,
        employees::invite_employee,
        employees::read_employee,
        employees::update_employee,
        employees::remove_employee,
        employees::resend_employee_invitation,
        employees::list_employee_accounts,
        departures::read_departure,
        departures::hand_over_accounts,
        assignments::grant_account,
        assignments::revoke_account,
        assignments::list_assignments,
        assignments::assign_accounts,
        imports::import_csv,
        exports::export_employees,
        exports::export_assignments,
        exports::read_employees_template,
        exports::read_assignments_template,
        firm_accounts::list_firm_accounts,
        firm_accounts::read_firm_account,
        firm_accounts::list_account_employees,
        firm_accounts::disconnect_account,
        operator_accounts::create_account,
        operator_accounts::upsert_account,
        operator_accounts::list_accounts,
        operator_accounts::read_any_account,
        operator_accounts::update_account,
        operator_status::suspend_account,
        operator_status::resume_account,
        operator_status::close_account,
        operator_accounts::add_owner,
        operator_firms::list_firms,
        operator_firms::read_any_firm,
        operator_status::suspend_firm,
        operator_status::resume_firm,
        operator_users::list_users,
        operator_users::read_any_user,
        operator_status::suspend_user,
        operator_status::resume_user,
        operator_webhooks::list_operator_webhooks,
        operator_webhooks::create_operator_webhook,
        operator_webhooks::read_operator_webhook,
        operator_webhooks::update_operator_webhook,
        operator_webhooks::delete_operator_webhook,
        operator_webhooks::rotate_operator_webhook_secret,
        operator_webhooks::test_operator_webhook,
        operator_webhooks::list_operator_webhook_deliveries,
        operator_webhooks::redeliver_operator_webhook,
        oauth::read_authorization_server,
        oauth::issue_token,
        oauth::introspect_token,
        oauth::revoke_token,
        system::check_health,
        system::check_readiness,
        system::read_metrics,
        system::read_jwks,
        docs::read_openapi
    ),
    components(schemas(portal_api_types::Problem, portal_api_types::Change)),
    modifiers(&Webhooks, &Conventions, &Problems, &Roles, &Links, &Examples)
)]
struct Document;

static TEXT: LazyLock<String> = LazyLock::new(|| {
    // Maps of texts and numbers always serialise.
    let mut text = serde_json::to_string_pretty(&Document::openapi()).unwrap_or_default();
    text.push('\n');
    text
});

/// The document, made once.
pub fn text() -> &'static str {
    &TEXT
}

/// The operations of a path.
fn operations(
    item: &mut utoipa::openapi::PathItem,
) -> impl Iterator<Item = &mut utoipa::openapi::path::Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete]
        .into_iter()
        .filter_map(Option::as_mut)
}

#[cfg(test)]
mod tests;
