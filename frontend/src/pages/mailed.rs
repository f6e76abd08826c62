//! What the pages around mailed links share: the token in the address, the wait for the mail, and links that are dead.

use leptos::prelude::*;
use leptos::task::spawn_local;
use portal_client::Error;
use portal_client::api_types::ErrorCode;

use crate::address::Address;
use crate::components::PublicCard;
use crate::routes::Route;
use crate::session::Session;
use crate::texts::tr;
use crate::ui::{Button, Icon, Memo, dynamic, effect};

/// The one-time token of the address. It is behind the `#`, so that it is in no request and no log; and it stays there
/// until it was used, so that a reload shows the same page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// Accepts an invitation.
    Invitation(String),
    /// Confirms a sign-up.
    Registration(String),
    /// Chooses a new password.
    Reset(String),
    /// There is none, or it is not whole.
    Missing,
}

/// Finds out whether a link still works, before a password is thought up for it. What cannot be found out now is said when
/// it is used.
pub(super) fn check(dead: RwSignal<bool>, answer: impl Future<Output = Result<(), Error>> + 'static) {
    spawn_local(async move {
        if answer.await.is_err_and(|error| error.code() == Some(ErrorCode::InvitationGone)) {
            dead.try_set(true);
        }
    });
}

impl Token {
    /// The token of the page's address; another link that is pasted into the same tab is noticed.
    pub(crate) fn of_page() -> Memo<Self> {
        let address = Address::get();
        Memo::new(move |_| Self::parse(&address.fragment()))
    }

    fn parse(fragment: &str) -> Self {
        let mut parameters = fragment.trim_start_matches('#').split('&');
        let token = parameters.find_map(|parameter| parameter.strip_prefix("token=")).unwrap_or_default();
        // The first letters say what a token is for.
        match token.split_once('_') {
            Some((_, "")) => Self::Missing,
            Some(("inv", _)) => Self::Invitation(token.to_owned()),
            Some(("reg", _)) => Self::Registration(token.to_owned()),
            Some(("rst", _)) => Self::Reset(token.to_owned()),
            _ => Self::Missing,
        }
    }

    /// The address of the page that it belongs to.
    fn page(&self) -> String {
        match self {
            Self::Invitation(token) | Self::Registration(token) => format!("{}#token={token}", Route::Join),
            Self::Reset(token) => format!("{}#token={token}", Route::Reset),
            Self::Missing => Route::Join.to_string(),
        }
    }
}

/// Off to the page that the token belongs to.
#[component]
pub(crate) fn ToItsPage(token: Token) -> impl IntoView {
    let address = Address::get();
    effect(move |_| address.replace(&token.page()));
}

/// A mail is on its way. The words are the same whether or not the address is known.
#[component]
pub(crate) fn CheckInbox(
    /// Where it goes, as it was typed.
    #[prop(into)]
    address: String,
    /// What the link in it is for and how long it works.
    #[prop(into)]
    about: String,
    /// Back to the form.
    on_correct: impl Fn() + Send + 'static,
) -> impl IntoView {
    view! {
        <PublicCard title=tr!(auth.check_inbox)>
            <div role="status" class="stack">
                <div>
                    <p>{tr!(auth.check_inbox_sent)}</p>
                    <p class="who-name" dir="auto">{address}</p>
                </div>
                <p>{about}</p>
                <p class="muted">{tr!(auth.check_inbox_missing)}</p>
            </div>
            <Button on_click=move |_| on_correct()>{tr!(auth.correct_address)}</Button>
            <BackToSignIn />
        </PublicCard>
    }
}

/// A link that does not work: why, and what to do.
#[component]
pub(crate) fn DeadLink(
    /// Why.
    #[prop(into)]
    reason: String,
    /// What to do.
    #[prop(into)]
    advice: String,
    /// Where a new link comes from, and the words for it.
    #[prop(optional)]
    again: Option<(Route, &'static str)>,
) -> impl IntoView {
    let again = again.map(|(route, words)| {
        view! { <a class="btn btn-outline-soft" href=route.to_string()>{words}</a> }
    });
    view! {
        <PublicCard title=tr!(auth.dead_link)>
            <p>{reason}</p>
            <p>{advice}</p>
            {again}
            <a class="btn btn-primary" href=Route::Login.to_string()>{tr!(auth.sign_in)}</a>
        </PublicCard>
    }
}

/// Says who is signed in in this browser, where somebody else is about to take their place.
#[component]
pub(crate) fn SomebodyElseHere(
    /// The address of the one who comes, when that is known.
    #[prop(optional, into)]
    coming: String,
) -> impl IntoView {
    let session = Session::get();
    let other = move || session.me().filter(|me| me.email.as_str() != coming);
    view! {
        {dynamic(move || {
            other().map(|me| {
                let (name, email) = (me.name.to_string(), me.email.display().to_owned());
                view! {
                    <div class="notice-box">
                        <Icon icon=icondata_lu::LuInfo />
                        <p>{tr!(auth.somebody_else_here, name = name, email = email)}</p>
                    </div>
                }
            })
        })}
    }
}

/// Tells the browser's password manager for whom a password is; nobody sees it.
#[component]
pub(crate) fn UserNameHint(#[prop(into)] email: Signal<String>) -> impl IntoView {
    view! { <input type="text" autocomplete="username" readonly hidden prop:value=move || email.get() /> }
}

/// A quiet way out of a form.
#[component]
pub(crate) fn BackToSignIn() -> impl IntoView {
    view! {
        <p class="card-links">
            <a class="link" href=Route::Login.to_string()>{tr!(auth.back_to_sign_in)}</a>
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_letters_of_a_token_say_what_it_is_for() {
        assert_eq!(Token::parse("#token=inv_abc"), Token::Invitation("inv_abc".to_owned()));
        assert_eq!(Token::parse("token=reg_a-b_c"), Token::Registration("reg_a-b_c".to_owned()));
        assert_eq!(Token::parse("#x=1&token=rst_abc"), Token::Reset("rst_abc".to_owned()));
        for bad in ["", "#", "#token=", "#token=inv_", "#token=abc", "#inv_abc"] {
            assert_eq!(Token::parse(bad), Token::Missing, "{bad:?}");
        }
    }

    #[test]
    fn a_token_knows_its_page() {
        assert_eq!(Token::parse("token=inv_a").page(), "/join#token=inv_a");
        assert_eq!(Token::parse("token=rst_a").page(), "/reset#token=rst_a");
    }
}
