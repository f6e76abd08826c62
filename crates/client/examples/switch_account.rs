//! A bookkeeper lists their accounts and enters the first one:
//! `PORTAL_EMAIL=... PORTAL_PASSWORD=... cargo run -p portal-client --example switch_account`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for the terminal, set by its environment"
)]

use std::env;

use portal_client::api_types::{Email, Password, SignIn};
use portal_client::{ListQuery, Portal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = env::var("PORTAL_PUBLIC_URL").unwrap_or_else(|_| "http://localhost:8080".to_owned());
    let credentials = SignIn {
        email: Email::parse(&env::var("PORTAL_EMAIL")?)?,
        password: Password::new(env::var("PORTAL_PASSWORD")?),
    };
    let bookkeeper = Portal::new(url)?.sign_in(&credentials).await?;

    let mut accounts = Vec::new();
    let mut query = Some(ListQuery::default());
    while let Some(asked) = query {
        let page = bookkeeper.list_my_accounts(&asked).await?;
        query = asked.after(&page);
        accounts.extend(page.items);
    }
    for account in &accounts {
        let firm = account.firm.as_ref().map_or("no firm", |firm| firm.name.as_str());
        println!("{} ({}, {firm})", account.name, account.role);
    }

    if let Some(first) = accounts.first() {
        let account = bookkeeper.enter(&first.id).await?;
        let users = account.list_account_users().await?;
        println!("In {}: {} owners, {} firms", first.name, users.owners.len(), users.firms.len());
    }
    bookkeeper.end_current_session().await?;
    Ok(())
}
