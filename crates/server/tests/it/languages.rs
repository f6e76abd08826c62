//! In which language people get their mails.

use portal_api_types::{
    AcceptInvitation, EmployeeRole, InviteFirm, Locale, RequestPasswordReset, Secret, UpdateMe,
};
use portal_client::SignedIn;
use serde_json::{Value, json};

use crate::app::{PASSWORD, TestApp, acceptance, address, named};

/// Signs up with this body and this `Accept-Language`, and answers the mail's subject and token.
async fn register(app: &TestApp, email: &str, locale: Option<&str>, accepts: &str) -> (String, Secret) {
    let mut body = json!({"name": "Olivia", "email": email, "account_name": "Panadería"});
    if let Some(locale) = locale {
        body["locale"] = locale.into();
    }
    let request = reqwest::Client::new().post(app.url("/api/v1/registrations")).json(&body);
    assert_eq!(request.header("accept-language", accepts).send().await.unwrap().status(), 202);
    let mail = app.mail(email, 1).await;
    (mail.subject.clone(), mail.token())
}

/// Opens a link with this `Accept-Language`, and answers the language that the new person has.
async fn open(app: &TestApp, path: &str, body: Value, accepts: &str) -> String {
    let http = reqwest::Client::new();
    let request = http.post(app.url(path)).json(&body).header("accept-language", accepts);
    let session: Value = request.send().await.unwrap().json().await.unwrap();
    let token = session["access_token"].as_str().unwrap();
    let me = http.get(app.url("/api/v1/me")).bearer_auth(token).send().await.unwrap();
    me.json::<Value>().await.unwrap()["locale"].as_str().unwrap().to_owned()
}

async fn speaks(person: &SignedIn, locale: Locale) {
    let me = person.update_me(&UpdateMe { name: None, locale: Some(locale) }).await.unwrap();
    assert_eq!(me.locale, locale);
}

#[tokio::test]
async fn who_signs_up_gets_the_language_chosen_or_else_the_browsers() {
    let app = TestApp::start();
    let (english, spanish) = ("Confirm your email address", "Confirme su dirección de correo electrónico");
    for (email, locale, accepts, subject, kept) in [
        ("a@x.example", Some("es"), "en", spanish, "es"),
        ("b@x.example", Some("en"), "es", english, "en"),
        ("c@x.example", None, "es-MX,es;q=0.9,en;q=0.8", spanish, "es"),
        ("d@x.example", None, "de, en;q=0.5", english, "en"),
        ("e@x.example", None, "", english, "en"),
    ] {
        let (said, token) = register(&app, email, locale, accepts).await;
        assert_eq!(said, subject, "{email}");
        // The link may be opened by another browser: what counts is what was asked for when signing up.
        let body = json!({"token": token.reveal(), "password": PASSWORD});
        assert_eq!(open(&app, "/api/v1/registrations/confirm", body, "de").await, kept, "{email}");
    }
    let body = json!({"name": "O", "email": "f@x.example", "account_name": "P", "locale": "xx"});
    let request = reqwest::Client::new().post(app.url("/api/v1/registrations")).json(&body);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(
        (&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]),
        (&json!("/locale"), &json!("invalid_value"))
    );
}

#[tokio::test]
async fn a_mail_is_in_the_language_of_its_reader_or_else_of_its_cause() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    assert_eq!(owner.me.read_me().await.unwrap().locale, Locale::English);
    speaks(&owner.me, Locale::Spanish).await;
    // The firm has no login yet: the owner's language.
    owner.invite("Apple", "office@apple.example").await;
    let mail = app.mail("office@apple.example", 1).await;
    assert_eq!(mail.subject, "Bakery le invita a llevar su contabilidad");
    assert!(mail.html.contains("lang=\"es\" dir=\"ltr\""), "{}", mail.html);
    // It chooses its own, whatever its browser says.
    let body = json!({"token": mail.token().reveal(), "password": PASSWORD, "locale": "en"});
    assert_eq!(open(&app, "/api/v1/invitations/accept", body, "es").await, "en");
    let second = app.owner("Marta", "marta@cycles.example", "Cycles").await;
    speaks(&second.me, Locale::Spanish).await;
    second
        .inside
        .invite_firm(&InviteFirm { name: named("Apple"), email: address("office@apple.example") })
        .await
        .unwrap();
    assert_eq!(app.mail("office@apple.example", 2).await.subject, "Cycles is now your client");
    // And the other way round: an English admin, a Spanish reader.
    let admin = app.sign_in("office@apple.example").await;
    let firm = admin.firm(&admin.read_me().await.unwrap().firms[0].firm_id);
    let invitation = portal_api_types::InviteEmployee {
        name: named("Olivia"),
        email: address("olivia@bakery.example"),
        role: EmployeeRole::Bookkeeper,
        account_ids: vec![],
    };
    let employee = firm.invite_employee(&invitation).await.unwrap();
    assert_eq!(app.mail("olivia@bakery.example", 2).await.subject, "Apple le invita a unirse a Apple");
    firm.resend_employee_invitation(&employee.id).await.unwrap();
    let mail = app.mail("olivia@bakery.example", 3).await;
    assert!(mail.subject.contains("le invita a unirse"), "{}", mail.subject);
    // Accepting by somebody who has a login changes no language.
    let accepted = AcceptInvitation { locale: Some(Locale::English), ..acceptance(mail.token()) };
    let olivia = app.portal().accept_invitation(&accepted).await.unwrap();
    assert_eq!(olivia.read_me().await.unwrap().locale, Locale::Spanish);
}

#[tokio::test]
async fn a_new_person_without_a_wish_gets_the_browsers_language() {
    let app = TestApp::start();
    let owner = app.owner("Olivia", "olivia@bakery.example", "Bakery").await;
    owner.invite("Apple", "office@apple.example").await;
    let token = app.token_mailed_to("office@apple.example", 1).await;
    let body = json!({"token": token.reveal(), "password": PASSWORD});
    assert_eq!(open(&app, "/api/v1/invitations/accept", body, "es-ES").await, "es");
    let request = RequestPasswordReset { email: address("office@apple.example") };
    app.portal().request_password_reset(&request).await.unwrap();
    assert_eq!(app.mail("office@apple.example", 2).await.subject, "Elija una contraseña nueva");
    // Who signs up again is told in the language of the login, not of who asks.
    let (email, http) = ("office@apple.example", reqwest::Client::new());
    let body = json!({"name": "X", "email": email, "account_name": "Y", "locale": "en"});
    http.post(app.url("/api/v1/registrations")).json(&body).send().await.unwrap();
    assert_eq!(app.mail(email, 3).await.subject, "Ya tiene un usuario");
    let office = app.sign_in(email).await;
    speaks(&office, Locale::English).await;
    app.portal().request_password_reset(&request).await.unwrap();
    assert_eq!(app.mail(email, 4).await.subject, "Choose a new password");
    // What is left out stays.
    let me = office.update_me(&UpdateMe { name: Some(named("Anna")), locale: None }).await.unwrap();
    assert_eq!((me.name.as_str(), me.locale), ("Anna", Locale::English));
}

#[tokio::test]
async fn a_mail_says_its_language_to_programs() {
    let app = TestApp::start();
    register(&app, "a@x.example", Some("es"), "").await;
    let files = std::fs::read_dir(&app.app.config.mail_dir).unwrap();
    let mails: Vec<String> = files
        .map(|entry| String::from_utf8(std::fs::read(entry.unwrap().path()).unwrap()).unwrap())
        .collect();
    assert!(mails.iter().all(|mail| mail.contains("\r\nContent-Language: es\r\n")), "{mails:?}");
}
