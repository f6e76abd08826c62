//! The words of the app: one file per language and part in `locales/`, checked when the app is compiled. English is a
//! part of the app; another language is loaded when somebody reads it, before anything is drawn in it.

use std::cell::{Cell, RefCell};
use std::fmt::{Display, Write as _};

use portal_client::Error;
use portal_client::api_types::ErrorCode;
pub(crate) use portal_client::api_types::{Locale, lowercase};

use crate::browser;

#[expect(non_upper_case_globals, non_camel_case_types, reason = "named as in the files")]
pub(crate) mod keys {
    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

/// The texts of a language, in the order of the keys.
type Lines = &'static [&'static str];

/// Where the choice of a language is kept in this browser.
const STORED: &str = "portal.locale";

/// Where this browser remembers that the portal has not been told of the choice.
const UNTOLD: &str = "portal.locale.untold";

thread_local! {
    static ENGLISH: Lines = lines(include_str!(concat!(env!("OUT_DIR"), "/texts.txt")));
    static CURRENT: Cell<(Locale, Lines)> = Cell::new((Locale::English, ENGLISH.with(|lines| *lines)));
    static LOADED: RefCell<Vec<(Locale, Lines)>> = const { RefCell::new(Vec::new()) };
}

/// The language that the app is drawn in. A change draws the app anew, so that views need not watch it.
pub(crate) fn locale() -> Locale {
    CURRENT.get().0
}

/// A text: `tr!(auth.sign_in)`, `tr!(account.ended, name = name)`. Without values it is a `&'static str`, else a
/// `String`.
macro_rules! tr {
    ($part:ident.$key:ident) => {
        $crate::texts::text($crate::texts::keys::$part::$key)
    };
    ($part:ident.$key:ident, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::texts::keys::$part::$key { $($name: &$value),+ }.text()
    };
}
pub(crate) use tr;

/// What `tr!` comes to for a text without values.
pub(crate) fn text(index: usize) -> &'static str {
    CURRENT.get().1.get(index).copied().unwrap_or_default()
}

/// What `tr!` comes to for a text with values: each takes its place, such as `{0}`.
pub(crate) fn filled(index: usize, values: &[&dyn Display]) -> String {
    fill(text(index), values)
}

fn fill(mut rest: &str, values: &[&dyn Display]) -> String {
    let mut filled = String::new();
    while let Some((before, (place, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        filled.push_str(before);
        if let Some(value) = place.parse().ok().and_then(|place: usize| values.get(place)) {
            // Writing to a String cannot fail.
            let _ = write!(filled, "{value}");
        }
        rest = after;
    }
    filled + rest
}

/// They stay as long as the page: a language is loaded once.
fn lines(text: &'static str) -> Lines {
    text.split('\n').collect::<Vec<_>>().leak()
}

/// Decides on the language before anything is drawn: the one chosen in this browser, else the first of the
/// browser's own that there is. English, where its texts cannot be loaded.
pub(crate) async fn choose_locale() {
    let chosen = browser::stored(STORED).as_deref().and_then(find);
    let preferred = || browser::languages().iter().find_map(|tag| find(tag));
    let locale = chosen.or_else(preferred).unwrap_or_default();
    load(locale).await;
    use_locale(locale);
}

/// Whether a language was chosen in this browser.
pub(crate) fn is_chosen() -> bool {
    browser::stored(STORED).is_some()
}

/// Keeps a choice of language in this browser, which the portal is still to be told of.
pub(crate) fn store_locale(locale: Locale) {
    browser::store(STORED, locale.as_str());
    browser::store(UNTOLD, "1");
}

/// Whether there is a choice of language that the portal has not been told of: it was made by somebody who had not signed
/// in yet, or the portal was not reached.
pub(crate) fn is_untold() -> bool {
    browser::stored(UNTOLD).is_some()
}

/// The portal knows of the choice, or need not know any more.
pub(crate) fn forget_untold() {
    browser::forget(UNTOLD);
}

/// Uses a language for what is drawn from now on; `false` when its texts are not loaded.
pub(crate) fn use_locale(locale: Locale) -> bool {
    let Some(lines) = loaded(locale) else { return false };
    CURRENT.set((locale, lines));
    browser::set_document_language(locale.as_str());
    true
}

/// Loads the texts of a language; `false` when they do not come.
pub(crate) async fn load(locale: Locale) -> bool {
    let file = match locale {
        Locale::English => return true,
        Locale::Spanish => keys::files::es,
    };
    if loaded(locale).is_some() {
        return true;
    }
    let Some(text) = browser::fetch_text(file).await else { return false };
    let lines = lines(text.leak());
    let are_all = lines.len() == keys::COUNT;
    if are_all {
        LOADED.with_borrow_mut(|loaded| loaded.push((locale, lines)));
    }
    are_all
}

fn loaded(locale: Locale) -> Option<Lines> {
    if locale == Locale::English {
        return Some(ENGLISH.with(|lines| *lines));
    }
    LOADED.with_borrow(|loaded| loaded.iter().find(|(of, _)| *of == locale).map(|(_, lines)| *lines))
}

/// What a language calls itself.
pub(crate) fn own_name(locale: Locale) -> &'static str {
    match locale {
        Locale::English => "English",
        Locale::Spanish => "Español",
    }
}

/// The language of a tag such as `es-MX` (RFC 5646).
pub(crate) fn find(tag: &str) -> Option<Locale> {
    let language = tag.split(['-', '_']).next().unwrap_or_default();
    Locale::ALL.iter().copied().find(|locale| locale.as_str().eq_ignore_ascii_case(language))
}

/// What went wrong and what to do, for a person.
pub(crate) fn explain(error: &Error) -> String {
    match error {
        Error::Problem { problem, retry_after } => match (problem.code, retry_after) {
            (ErrorCode::RateLimited, Some(seconds)) => {
                let minutes = seconds.div_ceil(60).max(1);
                tr!(errors.rate_limited_for, minutes = minutes)
            }
            (code, _) => explain_code(code).to_owned(),
        },
        Error::Transport(_) => tr!(errors.unreachable).to_owned(),
        // The app asks no OAuth endpoint.
        Error::OAuth { .. } | Error::UnexpectedAnswer { .. } => tr!(errors.unexpected).to_owned(),
    }
}

/// The portal's codes in the person's language. A new code does not compile before it has words.
pub(crate) fn explain_code(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::MalformedJson
        | ErrorCode::MalformedRequest
        | ErrorCode::MethodNotAllowed
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::UnknownField
        | ErrorCode::InvalidType
        // Only programs other than this one get these.
        | ErrorCode::AccountClosed
        | ErrorCode::ExternalIdTaken
        | ErrorCode::InvalidExternalId
        | ErrorCode::AnswerNotKept
        | ErrorCode::IdempotencyKeyReused => tr!(errors.outdated),
        ErrorCode::MalformedParameter => tr!(errors.malformed_parameter),
        ErrorCode::Unauthenticated => tr!(errors.unauthenticated),
        ErrorCode::WrongCredentials => tr!(errors.wrong_credentials),
        ErrorCode::Forbidden => tr!(errors.forbidden),
        ErrorCode::NotFound => tr!(errors.not_found),
        ErrorCode::RequestTimeout => tr!(errors.request_timeout),
        ErrorCode::AlreadyInvited => tr!(errors.already_invited),
        ErrorCode::AlreadyConnected => tr!(errors.already_connected),
        ErrorCode::AlreadyMember => tr!(errors.already_member),
        ErrorCode::AlreadyEmployee => tr!(errors.already_employee),
        ErrorCode::LastOwner => tr!(errors.last_owner),
        ErrorCode::LastAdmin => tr!(errors.last_admin),
        ErrorCode::EmployeeInvited => tr!(errors.employee_invited),
        ErrorCode::EmployeeJoined => tr!(errors.employee_joined),
        ErrorCode::TooManyWebhooks => tr!(errors.too_many_webhooks),
        ErrorCode::InvitationGone => tr!(errors.invitation_gone),
        ErrorCode::PayloadTooLarge => tr!(errors.payload_too_large),
        ErrorCode::MissingField => tr!(errors.missing_field),
        ErrorCode::InvalidValue => tr!(errors.invalid_value),
        ErrorCode::InvalidId => tr!(errors.invalid_id),
        ErrorCode::InvalidName => tr!(errors.invalid_name),
        ErrorCode::InvalidEmail => tr!(errors.invalid_email),
        ErrorCode::PasswordTooShort => tr!(errors.password_too_short),
        ErrorCode::PasswordTooLong => tr!(errors.password_too_long),
        ErrorCode::PasswordTooCommon => tr!(errors.password_too_common),
        ErrorCode::TooManyItems => tr!(errors.too_many_items),
        ErrorCode::RateLimited => tr!(errors.rate_limited),
        ErrorCode::InternalError => tr!(errors.internal_error),
        ErrorCode::Unavailable => tr!(errors.unavailable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_take_their_places_and_are_not_read_again() {
        assert_eq!(fill("{1} and {0}: {1}", &[&"{1}", &7]), "7 and {1}: 7");
        assert_eq!(fill("nothing", &[&1]), "nothing");
        assert_eq!(tr!(account.ended, name = "Blue Bakery"), "Your access to Blue Bakery has ended");
    }

    #[test]
    fn every_key_has_its_line() {
        assert_eq!(CURRENT.get().1.len(), keys::COUNT);
        assert_eq!(tr!(auth.sign_in), "Sign in");
    }

    #[test]
    fn a_region_is_no_language_of_its_own() {
        assert_eq!(find("es-MX"), Some(Locale::Spanish));
        assert_eq!(find("EN_GB"), Some(Locale::English));
        assert_eq!(find("fr"), None);
    }
}
