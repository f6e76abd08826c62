//! The menu of the person: where they can go besides accounts, how the app looks, and out.

use leptos::prelude::*;

use crate::address::Address;
use crate::app::Language;
use crate::components::Here;
use crate::routes::{AccountTab, FirmTab, Route};
use crate::session::Session;
use crate::texts::{self, Locale, explain, tr};
use crate::ui::{Avatar, Busy, Dialog, Icon, Menu, MenuItem, MenuLink, Toasts, bound, dynamic, handler};
use crate::{browser, recent};

/// Where the choice of a theme is kept in this browser; the page reads it before the app is there.
const THEME: &str = "portal.theme";

/// The button `Profile` with its menu.
#[component]
pub(crate) fn Profile() -> impl IntoView {
    let session = Session::get();
    let here = Here::get();
    let appearance = RwSignal::new(false);
    // A page that belongs to no place leaves one in the account that one was in last.
    let address = Address::get();
    let owned = move || match (here.account(), address.path().with(|path| Route::parse(path))) {
        (Some(account), _) => account.is_owner().then(|| account.id()),
        (None, Some(Route::Firm(..) | Route::Employee(..) | Route::Client(..))) => None,
        (None, _) => recent::owned(session),
    };
    let name = move || session.me().map(|me| me.name.to_string()).unwrap_or_default();
    let email = move || session.me().map(|me| me.email.display().to_owned()).unwrap_or_default();
    let firms = move || session.me().map(|me| me.firms).unwrap_or_default();
    let button = move || {
        view! {
            {dynamic(move || view! { <Avatar name=name() /> })}
            <Icon icon=icondata_lu::LuChevronDown />
        }
    };
    view! {
        <Menu label=tr!(common.profile) class="btn btn-ghost profile-button" button=button.into()>
            <div class="menu-heading" role="none">
                <p class="truncate">{name}</p>
                <p class="muted truncate">{email}</p>
            </div>
            {dynamic(move || {
                let id = owned()?;
                Some(view! {
                    <MenuLink href=Route::Account(id, AccountTab::Users).to_string()>
                        <Icon icon=icondata_lu::LuUsers />
                        {tr!(common.users)}
                    </MenuLink>
                })
            })}
            {dynamic(move || {
                firms()
                    .into_iter()
                    .map(|firm| {
                        let tab = FirmTab::first_for(firm.role);
                        view! {
                            <MenuLink href=Route::Firm(firm.firm_id, tab).to_string()>
                                <Icon icon=icondata_lu::LuBriefcase />
                                <span class="truncate">{firm.firm_name.to_string()}</span>
                            </MenuLink>
                        }
                    })
                    .collect_view()
            })}
            <MenuLink href=Route::Security.to_string()>
                <Icon icon=icondata_lu::LuShield />
                {tr!(common.security)}
            </MenuLink>
            <MenuItem on_select=move || appearance.set(true)>
                <Icon icon=icondata_lu::LuPalette />
                {tr!(common.appearance)}
            </MenuItem>
            <SignOut />
        </Menu>
        <Dialog open=appearance title=tr!(common.appearance)>
            <Appearance />
        </Dialog>
    }
}

#[component]
fn SignOut() -> impl IntoView {
    let session = Session::get();
    let toasts = Toasts::get();
    let busy = Busy::new();
    let address = Address::get();
    let sign_out = move || {
        busy.run(async move {
            match session.sign_out().await {
                Ok(()) => address.go(&Route::Login.to_string()),
                Err(error) => toasts.failed(explain(&error)),
            }
        });
    };
    view! {
        <MenuItem on_select=sign_out>
            <Icon icon=icondata_lu::LuLogOut />
            {tr!(common.sign_out)}
        </MenuItem>
    }
}

/// The theme and the language, which apply at once.
#[component]
fn Appearance() -> impl IntoView {
    let language = Language::get();
    let toasts = Toasts::get();
    let theme = RwSignal::new(browser::stored(THEME).unwrap_or_default());
    let choose_theme = move |choice: &'static str| {
        theme.set(choice.to_owned());
        if choice.is_empty() {
            browser::forget(THEME);
            browser::set_root_attribute("data-theme", None);
        } else {
            browser::store(THEME, choice);
            browser::set_root_attribute("data-theme", Some(choice));
        }
    };
    let themes = [
        ("", tr!(common.theme_system)),
        ("light", tr!(common.theme_light)),
        ("dark", tr!(common.theme_dark)),
    ];
    let themes = themes.map(|(value, words)| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="theme"
                    class="radio"
                    prop:checked=bound(move || theme.with(|theme| theme == value))
                    on:change=handler(move |_| choose_theme(value))
                />
                {words}
            </label>
        }
    });
    let languages = Locale::ALL.iter().map(|locale| {
        let checked = *locale == texts::locale();
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="language"
                    class="radio"
                    prop:checked=checked
                    on:change=handler(move |_| language.choose(*locale, toasts))
                />
                <span lang=locale.as_str()>{texts::own_name(*locale)}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choices">
            <legend>{tr!(common.theme)}</legend>
            {themes.into_iter().collect_view()}
        </fieldset>
        <fieldset class="choices">
            <legend>{tr!(common.language)}</legend>
            {languages.collect_view()}
        </fieldset>
    }
}
