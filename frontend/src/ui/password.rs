//! A field for a password: shown or hidden, and how strong it looks.

use leptos::prelude::*;

use super::field::FieldError;
use super::{Field, Icon, Memo, bound, dynamic, handler, unique_id};
use crate::browser;
use crate::texts::{lowercase, tr};

/// A field for a password.
#[component]
pub(crate) fn PasswordField(
    /// Its accessible name.
    #[prop(into)]
    label: String,
    /// What is typed.
    field: Field,
    /// Whether it is chosen here: then it says how strong it looks.
    #[prop(optional)]
    new: bool,
    /// What the portal takes for easily guessed, because it is the person's own: names and the address.
    #[prop(optional, into)]
    own: Signal<String>,
    /// Whether the focus goes here when it is drawn.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    let id = unique_id("password");
    let (error_id, hint_id) = (format!("{id}-error"), format!("{id}-hint"));
    let shown = RwSignal::new(false);
    let described = {
        let (error_id, hint_id) = (error_id.clone(), hint_id.clone());
        move || {
            let error = field.error().map(|_| error_id.clone());
            let ids: Vec<String> = error.into_iter().chain(new.then(|| hint_id.clone())).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    if focus {
        crate::browser::focus_soon(format!("#{id}"));
    }
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{label}</label>
            <div class="password-row">
                <input
                    id=id
                    class="input"
                    class:input-error=bound(move || field.error().is_some())
                    type=bound(move || if shown.get() { "text" } else { "password" })
                    autocomplete=if new { "new-password" } else { "current-password" }
                    autocapitalize="none"
                    spellcheck="false"
                    aria-invalid=bound(move || field.error().map(|_| "true"))
                    aria-describedby=described
                    prop:value=bound(move || field.get())
                    on:input:target=move |event| field.set(event.target().value())
                />
                <button
                    type="button"
                    class="btn btn-ghost btn-icon"
                    aria-label=move || {
                        if shown.get() { tr!(common.hide_characters) } else { tr!(common.show_characters) }
                    }
                    on:click=handler(move |_| shown.update(|shown| *shown = !*shown))
                >
                    {dynamic(move || {
                        let icon = if shown.get() { icondata_lu::LuEyeOff } else { icondata_lu::LuEye };
                        view! { <Icon icon=icon /> }
                    })}
                </button>
            </div>
            {new.then(|| view! { <Strength id=hint_id field=field own=own /> })}
            <FieldError id=error_id field=field />
        </div>
    }
}

/// How strong a password looks: a hint while typing. Whether it is taken is for the portal to say.
#[component]
fn Strength(id: String, field: Field, own: Signal<String>) -> impl IntoView {
    let score = Memo::new(move |_| field.value.with(|typed| own.with(|own| score(typed, own))));
    let words = move || match score.get() {
        None => tr!(common.strength_hint),
        Some(0) => tr!(common.strength_short),
        Some(1) => tr!(common.strength_weak),
        Some(2) => tr!(common.strength_fair),
        Some(_) => tr!(common.strength_strong),
    };
    view! {
        <div class="strength" data-score=move || score.get().map_or("none".to_owned(), |score| score.to_string())>
            <div class="strength-bar" aria-hidden="true"><span></span><span></span><span></span></div>
            <p class="field-description" id=id aria-live="polite">{words}</p>
        </div>
    }
}

/// 0 (too short) to 3, from length and variety: an estimate by the number of guesses, without the dictionaries that
/// the portal has. A word of the person's own counts as one letter.
fn score(typed: &str, own: &str) -> Option<u8> {
    let length = typed.chars().count();
    if length == 0 {
        return None;
    }
    if length < 10 {
        return Some(0);
    }
    let own = lowercase(own);
    let own = own.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
    let is_own = own.fold(lowercase(typed), |rest, word| rest.replace(word, "a"));
    let typed = if is_own == lowercase(typed) { typed } else { &is_own };
    let length = typed.chars().count();
    let mut different: Vec<char> = typed.chars().collect();
    different.sort_unstable();
    different.dedup();
    let kinds = [
        browser::uppercase(typed) != typed,
        lowercase(typed) != typed,
        typed.contains(char::is_numeric),
        typed.contains(|c: char| !c.is_alphanumeric()),
    ];
    let variety = kinds.into_iter().filter(|has| *has).count();
    // A word with a number behind it is what everybody tries first.
    let turns =
        typed.chars().zip(typed.chars().skip(1)).filter(|(a, b)| a.is_alphabetic() != b.is_alphabetic());
    let parts = turns.count() + 1;
    Some(match length + 2 * variety {
        _ if different.len() < 5 || (parts < 3 && length < 14) => 1,
        _ if parts < 3 => 2,
        0..=13 => 1,
        14..=19 => 2,
        _ => 3,
    })
}
