//! The steps of `docs/INTEGRATING.md` by the Rust client, to be run at the document's end, in the same shell.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for the terminal, set by its environment"
)]

use std::env;

// excerpt: client
use portal_client::api_types::{NewOwner, Password, SignIn, UpsertAccount};
use portal_client::{EmployeeQuery, ListQuery, Portal, SignedIn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = env::var("VENDOR_PORTAL_URL")?;
    let operator = Portal::new(&url)?.operator(env::var("VENDOR_OPERATOR_KEY")?);

    // The vendor makes its account known to the portal, again and again if it likes.
    let owner = NewOwner {
        name: "Olivia Stone".parse()?,
        email: "olivia@blue-bakery.example".parse()?,
        locale: None,
    };
    let wanted = UpsertAccount { name: "Silver Spoon Café".parse()?, owner: Some(owner) };
    let made = operator.upsert_account(&"shop-501".parse()?, &wanted).await?.account;

    // The firm's admin gives the account to Ben.
    let anna = sign_in(&url, "office@apple-solutions.example").await?;
    let firm = anna.firm(&anna.read_me().await?.firms[0].firm_id);
    let bens = EmployeeQuery { q: Some("ben@".to_owned()), ..EmployeeQuery::default() };
    let ben = firm.list_employees(&bens).await?.items.remove(0);
    firm.grant_account(&ben.id, &made.id).await?;

    // Ben enters it, and what he has now is what the vendor is shown.
    let person = sign_in(&url, "ben@apple-solutions.example").await?;
    for account in person.list_my_accounts(&ListQuery::default()).await?.items {
        println!("Ben can enter {} as {}", account.name, account.role);
    }
    let token = person.enter(&made.id).await?.token().to_owned();

    // The vendor asks what is so of it (after checking its signature, as `src/token.rs` does).
    let told = operator.introspect_token(&token).await?;
    println!("active: {}, for {:?}", told.active, told.external_id.map(|id| id.to_string()));
    firm.revoke_account(&ben.id, &made.id).await?;
    println!("active: {}", operator.introspect_token(&token).await?.active);
    Ok(())
}

/// Each person has a `Portal` of their own, since it keeps the session's cookie.
async fn sign_in(url: &str, email: &str) -> Result<SignedIn, Box<dyn std::error::Error>> {
    let who = SignIn { email: email.parse()?, password: Password::new("demo-harbour-41-violet") };
    Ok(Portal::new(url)?.sign_in(&who).await?)
}
// end
