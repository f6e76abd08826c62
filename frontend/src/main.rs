//! The accounting portal's browser app: a client-side rendered Leptos application that speaks to the portal through
//! its typed client.
//!
//! | folder | what is there | what it may know |
//! | --- | --- | --- |
//! | `ui` | primitives: buttons, fields, dialogs, tables, loaders | the browser; no API, no routes |
//! | `components` | pieces of the portal: the frame, the switcher, the audit trail | API and routes |
//! | `pages` | one screen a file: pages fetch, components compose | all of it |
//!
//! Beside them: who is signed in (`session`), the account of this tab (`account`), what the portal says has changed
//! (`live`), the address bar (`address`) and what it leads to (`routes`), and the words (`texts`).
#![expect(unreachable_pub, reason = "what the component macro writes is wider than what is asked for")]

mod account;
mod address;
mod app;
mod browser;
mod components;
mod format;
mod live;
mod pages;
mod recent;
mod routes;
mod session;
mod texts;
mod ui;

fn main() {
    wasm_bindgen_futures::spawn_local(async {
        texts::choose_locale().await;
        leptos::mount::mount_to_body(app::App);
        browser::remove_element("loading");
    });
}
