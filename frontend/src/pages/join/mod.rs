//! Mailed links that let somebody in: an invitation, or the confirmation of a sign-up.

mod invitation;
mod registration;

use leptos::prelude::*;

use super::mailed::{DeadLink, ToItsPage, Token};
use crate::app::Language;
use crate::texts::tr;
use crate::ui::dynamic;

/// The page `/join#token=…`.
#[component]
pub(crate) fn Join() -> impl IntoView {
    let language = Language::get();
    let token = Token::of_page();
    move || match token.get() {
        Token::Invitation(token) => view! { <invitation::OpenInvitation token=token /> }.into_any(),
        Token::Registration(token) => view! { <registration::ConfirmSignUp token=token /> }.into_any(),
        Token::Missing => dynamic(move || {
            language.track();
            view! { <DeadLink reason=tr!(auth.link_incomplete) advice=tr!(auth.link_incomplete_join) /> }
        }),
        other @ Token::Reset(_) => view! { <ToItsPage token=other /> }.into_any(),
    }
}
