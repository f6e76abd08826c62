//! `GET /invoices`: the invoices of the account that the token opens. There is no account in the path: the portal says which.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;

use crate::access::Caller;
use crate::app::App;
use crate::books::Invoice;
use crate::refusal::Refusal;

#[derive(Serialize)]
struct Invoices<'a> {
    account: Account<'a>,
    invoices: &'a [Invoice],
    links: Links,
}

#[derive(Serialize)]
struct Account<'a> {
    external_id: &'a str,
    name: &'a str,
    role: portal_client::api_types::AccountRole,
}

/// The way back to the portal, for people.
#[derive(Serialize)]
struct Links {
    /// This account in the portal: who gets in, and the switcher at its top left.
    portal_account: String,
    /// The portal, where they were last.
    portal: String,
}

/// The invoices of the caller's account.
pub async fn list(caller: Caller, app: web::Data<App>) -> Result<HttpResponse, Refusal> {
    let account = app.books.account(&caller.external_id).ok_or(Refusal::NotLinked)?;
    let answer = Invoices {
        account: Account {
            external_id: caller.external_id.as_str(),
            name: account.name.as_str(),
            role: caller.role,
        },
        invoices: &account.invoices,
        links: Links {
            portal_account: format!("{}/accounts/{}/overview", app.portal_public_url, caller.account_id),
            portal: format!("{}/", app.portal_public_url),
        },
    };
    // No cache on the way may keep what somebody may see now.
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer))
}
