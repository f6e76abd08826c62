//! Mailed links that let somebody in: an invitation, or the confirmation of a sign-up.

mod invitation;
mod registration;

use leptos::prelude::*;

use super::mailed::{DeadLink, ToItsPage, Token};
use crate::texts::tr;

/// The page `/join#token=…`.
#[component]
pub(crate) fn Join() -> impl IntoView {
    let token = Token::of_page();
    move || match token.get() {
        Token::Invitation(token) => view! { <invitation::OpenInvitation token=token /> }.into_any(),
        Token::Registration(token) => view! { <registration::ConfirmSignUp token=token /> }.into_any(),
        Token::Missing => view! {
            <DeadLink reason=tr!(auth.link_incomplete) advice=tr!(auth.link_incomplete_join) />
        }
        .into_any(),
        other @ Token::Reset(_) => view! { <ToItsPage token=other /> }.into_any(),
    }
}
