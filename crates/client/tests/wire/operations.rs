//! Every operation: its method, path, token and status, as the API's contract has them.

use portal_client::api_types::{
    AcceptInvitation, AccountId, AddMember, AfterHandover, AssignmentBatch, ChangePassword, CheckLink,
    ConfirmPasswordReset, ConfirmRegistration, CreateAccount, Email, EmployeeId, EmployeeRole, ExternalId,
    FirmId, Handover, IdempotencyKey, Import, ImportKind, InvitationId, InviteEmployee, InviteFirm,
    LookupInvitation, MemberRole, Name, NewAccount, NewOwner, NewPassword, NewWebhook, Password,
    Registration, RenameAccount, RenameFirm, RequestPasswordReset, Secret, SessionId, UpdateAccount,
    UpdateEmployee, UpdateMe, UpdateWebhook, UpsertAccount, UserId, WebhookDeliveryId, WebhookId,
};
use portal_client::{
    ActivityQuery, EmployeeQuery, Error, FirmAccountQuery, InAccount, InFirm, ListQuery, Operator,
    OperatorAccountQuery, OperatorFirmQuery, OperatorUserQuery, PageQuery, Portal, SignedIn,
};

use crate::listener::Listener;
use crate::{credentials, signed_in};

pub(crate) fn firm_id() -> FirmId {
    "firm_01h455vb4pex5vsknk084sn02q".parse().expect("an id")
}

fn account_id() -> AccountId {
    "acct_01h455vb4pex5vsknk084sn02q".parse().expect("an id")
}

fn employee_id() -> EmployeeId {
    "empl_01h455vb4pex5vsknk084sn02q".parse().expect("an id")
}

fn invitation_id() -> InvitationId {
    "invt_01h455vb4pex5vsknk084sn02q".parse().expect("an id")
}

fn name() -> Name {
    Name::parse("Apple Solutions").expect("a name")
}

fn email() -> Email {
    Email::parse("office@apple.example").expect("an address")
}

fn new_password() -> NewPassword {
    NewPassword::parse("violet-harbour-41").expect("a password")
}

/// Checks a call that the listener answers with this status and no body. That is a success for what says no more;
/// for the rest the body is then what is wrong, and not the status.
async fn check<T>(
    listener: &Listener,
    (token, line, status): (&str, &str, u16),
    call: impl Future<Output = Result<T, Error>>,
) {
    listener.answers(status, "", "text/none", "");
    let result = call.await;
    let request = listener.last();
    // Ids are all the same but for their prefix, which is all of them that the table shows.
    let short = request.line.replace("_01h455vb4pex5vsknk084sn02q", "").replacen("/api/v1", "", 1);
    let sent = request.header("authorization").unwrap_or_default();
    assert_eq!((short.as_str(), sent), (line, token));
    match result {
        Ok(_) => assert_eq!(std::mem::size_of::<T>(), 0, "{line}: something was read from nothing"),
        Err(error) => {
            let words = error.to_string();
            assert!(!words.contains("was expected") || words.contains("text/"), "{line}: {words}");
        }
    }
}

#[tokio::test]
async fn every_operation_is_the_contract_s() {
    let listener = Listener::start();
    let ben = signed_in(&listener).await;
    without_a_token(&listener, ben.portal()).await;
    signed_in_as_a_person(&listener, &ben).await;
    in_an_account(&listener, &ben.portal().in_account("account-token")).await;
    in_a_firm(&listener, &ben.firm(&firm_id())).await;
    as_the_operator(&listener, &ben.portal().operator("operator-key")).await;
}

#[tokio::test]
async fn what_creates_carries_its_idempotency_key_and_nothing_else_does() {
    let listener = Listener::start();
    let ben = signed_in(&listener).await;
    let sent = || listener.last().header("idempotency-key").map(str::to_owned);
    listener.answers(500, "", "text/none", "");
    let key = || IdempotencyKey::parse("k-1").expect("a key");
    let once = ben.with_idempotency_key(key());
    let _ = once.open_account(&NewAccount { name: name() }).await;
    assert_eq!(sent().as_deref(), Some("k-1"));
    let _ = once.read_me().await;
    assert_eq!(sent(), None);
    let account = ben.portal().in_account("account-token");
    let _ =
        account.with_idempotency_key(key()).invite_firm(&InviteFirm { name: name(), email: email() }).await;
    assert_eq!(sent().as_deref(), Some("k-1"));
    let body = AddMember { name: name(), email: email(), role: MemberRole::Member };
    let _ = account.with_idempotency_key(key()).add_member(&body).await;
    assert_eq!(sent().as_deref(), Some("k-1"));
    let firm = ben.firm(&firm_id()).with_idempotency_key(key());
    let _ = firm.assign_accounts(&AssignmentBatch::default()).await;
    assert_eq!(sent().as_deref(), Some("k-1"));
    let body = Import { kind: ImportKind::Employees, csv: String::new(), dry_run: false };
    let _ = firm.import_csv(&body).await;
    assert_eq!(sent().as_deref(), Some("k-1"));
    let body = Handover { to: employee_id(), then: AfterHandover::Keep };
    let _ = firm.hand_over_accounts(&employee_id(), &body).await;
    assert_eq!(sent().as_deref(), Some("k-1"));
    let operator = ben.portal().operator("operator-key").with_idempotency_key(key());
    let _ = operator.create_account(&CreateAccount { name: name(), external_id: None, owner: None }).await;
    assert_eq!(sent().as_deref(), Some("k-1"));
    let _ = ben.open_account(&NewAccount { name: name() }).await;
    assert_eq!(sent(), None);
}

async fn as_the_operator(on: &Listener, operator: &Operator) {
    let key = |line, status| ("Bearer operator-key", line, status);
    let (account, firm) = (&account_id(), &firm_id());
    let user: &UserId = &"user_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
    let external_id = ExternalId::parse("store/47#11").expect("an external id");
    let owner = || NewOwner { name: name(), email: email(), locale: None };

    let body = CreateAccount { name: name(), external_id: None, owner: Some(owner()) };
    check(on, key("POST /operator/accounts", 201), operator.create_account(&body)).await;
    let body = UpsertAccount { name: name(), owner: None };
    let line = "PUT /operator/accounts/by-external-id/store%2F47%2311";
    check(on, key(line, 201), operator.upsert_account(&external_id, &body)).await;
    check(on, key(line, 200), operator.upsert_account(&external_id, &body)).await;
    let query = OperatorAccountQuery { external_id: Some(external_id), ..Default::default() };
    let line = "GET /operator/accounts?external_id=store%2F47%2311";
    check(on, key(line, 200), operator.list_accounts(&query)).await;
    check(on, key("GET /operator/accounts/acct", 200), operator.read_any_account(account)).await;
    let line = "PATCH /operator/accounts/acct";
    check(on, key(line, 200), operator.update_account(account, &UpdateAccount::default())).await;
    check(on, key("POST /operator/accounts/acct/suspend", 200), operator.suspend_account(account)).await;
    check(on, key("POST /operator/accounts/acct/resume", 200), operator.resume_account(account)).await;
    check(on, key("POST /operator/accounts/acct/close", 200), operator.close_account(account)).await;
    check(on, key("POST /operator/accounts/acct/owners", 201), operator.add_owner(account, &owner())).await;
    let query = ActivityQuery::default();
    check(on, key("GET /operator/activity", 200), operator.list_operator_activity(&query)).await;
    let line = "GET /operator/activity?format=csv";
    check(on, key(line, 200), operator.export_operator_activity(&query)).await;
    check(on, key("GET /operator/firms", 200), operator.list_firms(&OperatorFirmQuery::default())).await;
    check(on, key("GET /operator/firms/firm", 200), operator.read_any_firm(firm)).await;
    check(on, key("POST /operator/firms/firm/suspend", 200), operator.suspend_firm(firm)).await;
    check(on, key("POST /operator/firms/firm/resume", 200), operator.resume_firm(firm)).await;
    check(on, key("GET /operator/users", 200), operator.list_users(&OperatorUserQuery::default())).await;
    check(on, key("GET /operator/users/user", 200), operator.read_any_user(user)).await;
    check(on, key("POST /operator/users/user/suspend", 200), operator.suspend_user(user)).await;
    check(on, key("POST /operator/users/user/resume", 200), operator.resume_user(user)).await;
    webhooks_of_the_operator(on, operator).await;
}

async fn without_a_token(on: &Listener, portal: &Portal) {
    let none = |line, status| ("", line, status);
    let (token, password) = (Secret::new("one-time"), Password::new("violet-harbour-41"));

    let body = Registration { name: name(), email: email(), account_name: name(), locale: None };
    check(on, none("POST /registrations", 202), portal.register(&body)).await;
    let link = CheckLink { token: token.clone() };
    check(on, none("POST /registrations/check", 200), portal.check_registration(&link)).await;
    check(on, none("POST /password-resets/check", 200), portal.check_password_reset(&link)).await;
    let body = ConfirmRegistration { token: token.clone(), password: new_password() };
    check(on, none("POST /registrations/confirm", 201), portal.confirm_registration(&body)).await;
    check(on, none("POST /sessions", 201), portal.sign_in(&credentials())).await;
    check(on, none("POST /sessions/refresh", 200), portal.refresh_session()).await;
    let body = RequestPasswordReset { email: email() };
    check(on, none("POST /password-resets", 202), portal.request_password_reset(&body)).await;
    let body = ConfirmPasswordReset { token: token.clone(), password: new_password() };
    check(on, none("POST /password-resets/confirm", 204), portal.confirm_password_reset(&body)).await;
    let body = LookupInvitation { token: token.clone() };
    check(on, none("POST /invitations/lookup", 200), portal.lookup_invitation(&body)).await;
    let body = AcceptInvitation { token, password, name: None, firm_name: None, locale: None };
    check(on, none("POST /invitations/accept", 201), portal.accept_invitation(&body)).await;
    check(on, none("GET /healthz", 200), portal.check_health()).await;
    check(on, none("GET /readyz", 200), portal.check_readiness()).await;
    check(on, none("GET /metrics", 200), portal.read_metrics()).await;
    check(on, none("GET /api/openapi.json", 200), portal.read_openapi()).await;
    check(on, none("GET /.well-known/jwks.json", 200), portal.read_jwks()).await;
}

async fn signed_in_as_a_person(on: &Listener, ben: &SignedIn) {
    let identity = |line, status| ("Bearer identity-token", line, status);
    let session: SessionId = "sess_01h455vb4pex5vsknk084sn02q".parse().expect("an id");

    check(
        on,
        identity("GET /sessions?limit=2", 200),
        ben.list_sessions(&PageQuery { limit: Some(2), cursor: None }),
    )
    .await;
    check(on, identity("DELETE /sessions/sess", 204), ben.end_session(&session)).await;
    check(on, identity("DELETE /sessions/current", 204), ben.end_current_session()).await;
    check(on, identity("GET /me", 200), ben.read_me()).await;
    check(on, identity("PATCH /me", 200), ben.update_me(&UpdateMe { name: Some(name()), locale: None }))
        .await;
    let body = ChangePassword { current_password: Password::new("old"), new_password: new_password() };
    check(on, identity("POST /me/password", 204), ben.change_password(&body)).await;
    check(on, identity("GET /me/accounts", 200), ben.list_my_accounts(&ListQuery::default())).await;
    check(on, identity("POST /me/accounts", 201), ben.open_account(&NewAccount { name: name() })).await;
    check(on, identity("POST /accounts/acct/token", 201), ben.enter_account(&account_id())).await;
    check(on, identity("POST /accounts/acct/token", 201), ben.enter(&account_id())).await;
}

async fn in_an_account(on: &Listener, account: &InAccount) {
    let token = |line, status| ("Bearer account-token", line, status);
    let (firm, employee, invitation) = (&firm_id(), &employee_id(), &invitation_id());
    let user: UserId = "user_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
    let query = ActivityQuery { action: Some("firm.invited".to_owned()), ..Default::default() };

    check(on, token("GET /account", 200), account.read_account()).await;
    check(on, token("PATCH /account", 200), account.rename_account(&RenameAccount { name: name() })).await;
    check(on, token("GET /account/users", 200), account.list_account_users()).await;
    let body = InviteFirm { name: name(), email: email() };
    check(on, token("POST /account/firms", 201), account.invite_firm(&body)).await;
    check(on, token("DELETE /account/firms/firm", 204), account.disconnect_firm(firm)).await;
    check(on, token("DELETE /account/firms/firm/people/empl", 204), account.block_person(firm, employee))
        .await;
    check(on, token("PUT /account/firms/firm/people/empl", 204), account.unblock_person(firm, employee))
        .await;
    let body = AddMember { name: name(), email: email(), role: MemberRole::Member };
    check(on, token("POST /account/members", 201), account.add_member(&body)).await;
    check(on, token("DELETE /account/members/user", 204), account.remove_member(&user)).await;
    check(on, token("POST /account/invitations/invt/resend", 204), account.resend_invitation(invitation))
        .await;
    check(on, token("DELETE /account/invitations/invt", 204), account.cancel_invitation(invitation)).await;
    webhooks_of_an_account(on, account).await;
    let line = "GET /account/activity?action=firm.invited";
    check(on, token(line, 200), account.list_account_activity(&query)).await;
    let line = "GET /account/activity?action=firm.invited&format=csv";
    check(on, token(line, 200), account.export_account_activity(&query)).await;
}

async fn webhooks_of_an_account(on: &Listener, account: &InAccount) {
    let token = |line, status| ("Bearer account-token", line, status);
    let webhook: WebhookId = "whok_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
    let delivery: WebhookDeliveryId = "whdl_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
    let body = NewWebhook {
        url: "https://hooks.example/portal".to_owned(),
        description: Default::default(),
        events: Vec::new(),
        enabled: true,
    };

    check(on, token("GET /account/webhooks", 200), account.list_webhooks()).await;
    check(on, token("POST /account/webhooks", 201), account.create_webhook(&body)).await;
    check(on, token("GET /account/webhooks/whok", 200), account.read_webhook(&webhook)).await;
    let line = "PATCH /account/webhooks/whok";
    check(on, token(line, 200), account.update_webhook(&webhook, &UpdateWebhook::default())).await;
    check(on, token("DELETE /account/webhooks/whok", 204), account.delete_webhook(&webhook)).await;
    let line = "POST /account/webhooks/whok/secret";
    check(on, token(line, 201), account.rotate_webhook_secret(&webhook)).await;
    check(on, token("POST /account/webhooks/whok/test", 201), account.test_webhook(&webhook)).await;
    let line = "GET /account/webhooks/whok/deliveries";
    check(on, token(line, 200), account.list_webhook_deliveries(&webhook, &PageQuery::default())).await;
    let line = "POST /account/webhooks/whok/deliveries/whdl/redeliver";
    check(on, token(line, 201), account.redeliver_webhook(&webhook, &delivery)).await;
}

async fn webhooks_of_the_operator(on: &Listener, operator: &Operator) {
    let token = |line, status| ("Bearer operator-key", line, status);
    let webhook: WebhookId = "whok_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
    let delivery: WebhookDeliveryId = "whdl_01h455vb4pex5vsknk084sn02q".parse().expect("an id");
    let body = NewWebhook {
        url: "https://hooks.example/portal".to_owned(),
        description: Default::default(),
        events: Vec::new(),
        enabled: true,
    };

    check(on, token("GET /operator/webhooks", 200), operator.list_operator_webhooks()).await;
    check(on, token("POST /operator/webhooks", 201), operator.create_operator_webhook(&body)).await;
    check(on, token("GET /operator/webhooks/whok", 200), operator.read_operator_webhook(&webhook)).await;
    let line = "PATCH /operator/webhooks/whok";
    check(on, token(line, 200), operator.update_operator_webhook(&webhook, &UpdateWebhook::default())).await;
    check(on, token("DELETE /operator/webhooks/whok", 204), operator.delete_operator_webhook(&webhook)).await;
    let line = "POST /operator/webhooks/whok/secret";
    check(on, token(line, 201), operator.rotate_operator_webhook_secret(&webhook)).await;
    check(on, token("POST /operator/webhooks/whok/test", 201), operator.test_operator_webhook(&webhook))
        .await;
    let line = "GET /operator/webhooks/whok/deliveries";
    check(on, token(line, 200), operator.list_operator_webhook_deliveries(&webhook, &PageQuery::default()))
        .await;
    let line = "POST /operator/webhooks/whok/deliveries/whdl/redeliver";
    check(on, token(line, 201), operator.redeliver_operator_webhook(&webhook, &delivery)).await;
}

async fn in_a_firm(on: &Listener, firm: &InFirm) {
    let identity = |line, status| ("Bearer identity-token", line, status);
    let (employee, account) = (&employee_id(), &account_id());
    let query = ActivityQuery::default();

    check(on, identity("GET /firms/firm", 200), firm.read_firm()).await;
    check(on, identity("PATCH /firms/firm", 200), firm.rename_firm(&RenameFirm { name: name() })).await;
    check(on, identity("GET /firms/firm/employees", 200), firm.list_employees(&EmployeeQuery::default()))
        .await;
    let body =
        InviteEmployee { name: name(), email: email(), role: EmployeeRole::Admin, account_ids: Vec::new() };
    check(on, identity("POST /firms/firm/employees", 201), firm.invite_employee(&body)).await;
    check(on, identity("GET /firms/firm/employees/empl", 200), firm.read_employee(employee)).await;
    let line = "PATCH /firms/firm/employees/empl";
    check(on, identity(line, 200), firm.update_employee(employee, &UpdateEmployee::default())).await;
    check(on, identity("DELETE /firms/firm/employees/empl", 204), firm.remove_employee(employee)).await;
    let line = "POST /firms/firm/employees/empl/resend";
    check(on, identity(line, 204), firm.resend_employee_invitation(employee)).await;
    let unassigned = FirmAccountQuery { unassigned: Some(true), ..Default::default() };
    let line = "GET /firms/firm/accounts?unassigned=true";
    check(on, identity(line, 200), firm.list_firm_accounts(&unassigned)).await;
    check(on, identity("GET /firms/firm/accounts/acct", 200), firm.read_firm_account(account)).await;
    let line = "GET /firms/firm/accounts/acct/employees";
    check(on, identity(line, 200), firm.list_account_employees(account, &PageQuery::default())).await;
    check(on, identity("DELETE /firms/firm/accounts/acct", 204), firm.disconnect_account(account)).await;
    let line = "GET /firms/firm/employees/empl/accounts";
    check(on, identity(line, 200), firm.list_employee_accounts(employee, &PageQuery::default())).await;
    let line = "PUT /firms/firm/employees/empl/accounts/acct";
    check(on, identity(line, 204), firm.grant_account(employee, account)).await;
    let line = "DELETE /firms/firm/employees/empl/accounts/acct";
    check(on, identity(line, 204), firm.revoke_account(employee, account)).await;
    let line = "POST /firms/firm/assignments";
    check(on, identity(line, 200), firm.assign_accounts(&AssignmentBatch::default())).await;
    check(on, identity("GET /firms/firm/activity", 200), firm.list_firm_activity(&query)).await;
    let line = "GET /firms/firm/activity?format=csv";
    check(on, identity(line, 200), firm.export_firm_activity(&query)).await;
    many_in_a_firm(on, firm).await;
}

async fn many_in_a_firm(on: &Listener, firm: &InFirm) {
    let identity = |line, status| ("Bearer identity-token", line, status);
    let (employee, account) = (employee_id(), account_id());
    let (people, accounts) = ([employee.clone(), employee.clone()], [account]);

    let line = "GET /firms/firm/assignments?employees=empl%2Cempl&accounts=acct";
    check(on, identity(line, 200), firm.list_assignments(&people, &accounts)).await;
    let body = Import { kind: ImportKind::Employees, csv: String::new(), dry_run: true };
    check(on, identity("POST /firms/firm/imports", 200), firm.import_csv(&body)).await;
    let line = "GET /firms/firm/exports/employees.csv";
    check(on, identity(line, 200), firm.export_employees()).await;
    let line = "GET /firms/firm/exports/assignments.csv";
    check(on, identity(line, 200), firm.export_assignments()).await;
    let line = "GET /firms/firm/exports/employees-template.csv";
    check(on, identity(line, 200), firm.read_employees_template()).await;
    let line = "GET /firms/firm/exports/assignments-template.csv";
    check(on, identity(line, 200), firm.read_assignments_template()).await;
    let line = "GET /firms/firm/employees/empl/departure";
    check(on, identity(line, 200), firm.read_departure(&employee)).await;
    let body = Handover { to: employee.clone(), then: AfterHandover::Keep };
    let line = "POST /firms/firm/employees/empl/handover";
    check(on, identity(line, 200), firm.hand_over_accounts(&employee, &body)).await;
}
