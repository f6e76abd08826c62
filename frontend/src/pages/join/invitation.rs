//! An invitation: what it is about, and joining with the same one token.

use leptos::prelude::*;
use portal_client::SignedIn;
use portal_client::api_types::{
    AcceptInvitation, EmployeeRole, ErrorCode, FirmRole, Invitation, InvitationKind, LookupInvitation, Me,
    Name, NewPassword, Password, Secret,
};

use crate::address::Address;
use crate::app::Language;
use crate::components::{PublicCard, fail, invalid, typed_name};
use crate::format;
use crate::pages::mailed::{DeadLink, SomebodyElseHere, UserNameHint};
use crate::pages::sign_in::TypedEmail;
use crate::routes::{FirmTab, Route};
use crate::session::Session;
use crate::texts::{self, explain, tr};
use crate::ui::{
    Alert, Busy, Field, Form, Loaded, Loader, Memo, PasswordField, Show, SubmitButton, TextField, Toasts,
    dynamic,
};

/// What there is behind a token.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    Open(Box<Invitation>),
    Dead,
}

/// Looks the invitation up, and shows it.
#[component]
pub(super) fn OpenInvitation(token: String) -> impl IntoView {
    let session = Session::get();
    let lookup = LookupInvitation { token: Secret::new(token.clone()) };
    let found = Loader::new(move || {
        let lookup = lookup.clone();
        async move {
            match session.portal().lookup_invitation(&lookup).await {
                Ok(invitation) => Ok(Found::Open(Box::new(invitation))),
                Err(error) if error.code() == Some(ErrorCode::InvitationGone) => Ok(Found::Dead),
                Err(error) => Err(explain(&error)),
            }
        }
    });
    // A login that appeared since is asked for its password; what was typed stays.
    let known = Memo::new(move |_| found.with(|found| matches!(found, Found::Open(i) if i.user_exists)));
    let known = Memo::new(move |_| known.get().unwrap_or_default());
    let first = Memo::new(move |before: Option<&Option<Found>>| match (found.get(), before) {
        (Some(Found::Open(_)), Some(Some(Found::Open(first)))) => Some(Found::Open(first.clone())),
        (found, _) => found,
    });
    let language = Language::get();
    let typed = Typed { name: Field::new(), password: Field::new(), company: Field::new() };
    let is_filled = StoredValue::new(false);
    move || {
        language.track();
        match first.get() {
            None => view! {
                <PublicCard title=tr!(auth.invitation)>
                    <Loaded loader=found lines=3>""</Loaded>
                </PublicCard>
            }
            .into_any(),
            Some(Found::Open(invitation)) => {
                if !is_filled.get_value() {
                    is_filled.set_value(true);
                    typed.fill(&invitation);
                }
                let again = move || found.reload();
                let token = token.clone();
                view! {
                    <JoinForm token=token typed=typed invitation=*invitation known=known again=again />
                }
                .into_any()
            }
            Some(Found::Dead) => view! {
                <DeadLink reason=tr!(auth.dead_invitation) advice=tr!(auth.dead_invitation_advice) />
            }
            .into_any(),
        }
    }
}

/// What is typed to join.
#[derive(Clone, Copy)]
struct Typed {
    name: Field,
    password: Field,
    company: Field,
}

impl Typed {
    /// Puts in what the inviter has written.
    fn fill(self, invitation: &Invitation) {
        // For a firm, that is the company's name, not the person's.
        if invitation.kind != InvitationKind::Firm {
            self.name.set(invitation.name.as_str());
        }
        self.company.set(invitation.firm_name.as_ref().unwrap_or(&invitation.name).as_str());
    }

    /// What is accepted with the token, once every field is right.
    fn read(self, token: &str, invitation: &Invitation, known: bool) -> Option<AcceptInvitation> {
        let name = (!known).then(|| self.name.parse(typed_name, invalid));
        let for_firm = invitation.kind == InvitationKind::Firm;
        let company = for_firm.then(|| self.company.parse(typed_name, invalid));
        let password = if known {
            self.password.parse(entered, str::to_owned)
        } else {
            self.password.parse(NewPassword::parse, invalid).map(|chosen| chosen.as_password().clone())
        };
        let wrong = matches!(name, Some(None)) || matches!(company, Some(None));
        (!wrong).then_some(AcceptInvitation {
            token: Secret::new(token),
            password: password?,
            name: name.flatten(),
            firm_name: company.flatten(),
            locale: Some(texts::locale()),
        })
    }
}

/// An existing password is as it is, but it is not empty.
fn entered(typed: &str) -> Result<Password, &'static str> {
    if typed.is_empty() { Err(tr!(auth.password_missing)) } else { Ok(Password::new(typed)) }
}

#[component]
fn JoinForm(
    token: String,
    typed: Typed,
    invitation: Invitation,
    /// Whether the address has a login.
    known: Memo<bool>,
    /// Looks the invitation up again.
    again: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let address = Address::get();
    let for_firm = invitation.kind == InvitationKind::Firm;
    [typed.name, typed.password, typed.company].into_iter().for_each(Field::forget_error);
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let about = StoredValue::new(invitation);
    let typed_email = TypedEmail::get();
    let submit = move || {
        message.set(None);
        let invitation = about.get_value();
        let Some(acceptance) = typed.read(&token, &invitation, known.get_untracked()) else { return };
        busy.run(async move {
            match session.portal().accept_invitation(&acceptance).await {
                Ok(signed_in) => {
                    let joined = acceptance.firm_name.or(invitation.firm_name);
                    let route = begin(session, signed_in, joined.as_ref()).await;
                    let place = invitation.account_name.or(joined).unwrap_or(invitation.name);
                    let welcome = tr!(auth.welcome_to, name = place.to_string());
                    match route {
                        Some(route) => {
                            toasts.done(welcome);
                            address.replace(&route.to_string());
                        }
                        None => Toasts::done_before(&welcome),
                    }
                }
                Err(error) => match error.code() {
                    Some(ErrorCode::InvitationGone) => again(),
                    Some(ErrorCode::WrongCredentials) => {
                        again();
                        typed.password.fail(tr!(auth.wrong_existing_password));
                    }
                    _ => {
                        let Typed { name, password, company } = typed;
                        let fields = [("/name", name), ("/password", password), ("/firm_name", company)];
                        message.try_set(fail(&error, &fields));
                    }
                },
            }
        });
    };
    let invitation = about.get_value();
    let email = invitation.email.display().to_owned();
    let until = format::day(invitation.expires_at);
    view! {
        <PublicCard title=heading(&invitation)>
            <div class="stack">
                <p>{sentence(&invitation)}</p>
                <p class="muted">{tr!(auth.invited_until, email = email.clone(), day = until)}</p>
            </div>
            <SomebodyElseHere coming=invitation.email.as_str() />
            <Form on_submit=submit>
                <Alert message=message />
                <UserNameHint email=Signal::derive(move || email.clone()) />
                {dynamic(move || {
                    if known.get() {
                        view! { <p>{tr!(auth.existing_hint)}</p> }.into_any()
                    } else {
                        view! {
                            <TextField label=tr!(auth.your_name) field=typed.name autocomplete="name" focus=for_firm />
                        }
                        .into_any()
                    }
                })}
                {for_firm
                    .then(|| {
                        view! {
                            <TextField
                                label=tr!(auth.company_name)
                                field=typed.company
                                autocomplete="organization"
                                description=tr!(auth.company_name_hint)
                            />
                        }
                    })}
                {dynamic(move || {
                    if known.get() {
                        view! {
                            <PasswordField label=tr!(auth.existing_password) field=typed.password focus=true />
                        }
                        .into_any()
                    } else {
                        view! {
                            <PasswordField
                                label=tr!(common.password)
                                field=typed.password
                                new=true
                                focus=!for_firm
                            />
                        }
                        .into_any()
                    }
                })}
                <SubmitButton busy=busy label=tr!(auth.join) />
            </Form>
            <Show when=move || known.get()>
                <p class="card-links">
                    <a
                        class="link"
                        href=Route::Forgot.to_string()
                        on:click=move |_| typed_email.set(&about.with_value(|about| about.email.display().to_owned()))
                    >
                        {tr!(auth.forgot_password)}
                    </a>
                </p>
            </Show>
        </PublicCard>
    }
}

/// Goes on as the person who has joined, at the firm that they manage now or wherever they begin. `None` when the app
/// is being loaded anew, in the place of somebody else.
async fn begin(session: Session, signed_in: SignedIn, firm: Option<&Name>) -> Option<Route> {
    let id = signed_in.user().id.clone();
    session.begin(signed_in).await;
    let me = untrack(|| session.me());
    if me.as_ref().is_some_and(|me| me.id != id) {
        return None;
    }
    Some(me.and_then(|me| managed(me, firm?)).unwrap_or(Route::Home))
}

/// The first page of the firm of this name, for its admin.
fn managed(me: Me, name: &Name) -> Option<Route> {
    let firm =
        me.firms.into_iter().find(|firm| firm.firm_name == *name && firm.role == EmployeeRole::Admin)?;
    Some(Route::Firm(firm.firm_id, FirmTab::first_for(firm.role)))
}

/// What one joins: the firm, or the account that one is let into.
fn heading(invitation: &Invitation) -> String {
    let place = match invitation.kind {
        InvitationKind::Employee => invitation.firm_name.as_ref(),
        InvitationKind::Firm | InvitationKind::Member => invitation.account_name.as_ref(),
    };
    tr!(auth.join_place, name = place.unwrap_or(&invitation.name).to_string())
}

/// Who invites whom to what, and in which role.
fn sentence(invitation: &Invitation) -> String {
    let text = |name: Option<&Name>| name.map(Name::to_string).unwrap_or_default();
    let inviter = invitation.inviter_name.to_string();
    let account = text(invitation.account_name.as_ref());
    let firm = text(invitation.firm_name.as_ref());
    match (invitation.kind, invitation.role) {
        (InvitationKind::Firm, _) => {
            tr!(auth.invited_firm, inviter = inviter, firm = firm, account = account)
        }
        (InvitationKind::Employee, Some(FirmRole::Admin)) => {
            tr!(auth.invited_admin, inviter = inviter, firm = firm)
        }
        (InvitationKind::Employee, _) => tr!(auth.invited_bookkeeper, inviter = inviter, firm = firm),
        (InvitationKind::Member, Some(FirmRole::Owner)) => {
            tr!(auth.invited_owner, inviter = inviter, account = account)
        }
        (InvitationKind::Member, _) => tr!(auth.invited_member, inviter = inviter, account = account),
    }
}
