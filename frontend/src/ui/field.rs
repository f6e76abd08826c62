//! Fields of forms: what is typed, and what is wrong with it.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Icon, Show, bound, dynamic, unique_id};
use crate::browser;

/// What is typed in a field, and its error.
#[derive(Clone, Copy)]
pub(crate) struct Field {
    pub(super) value: RwSignal<String>,
    error: RwSignal<Option<String>>,
}

impl Field {
    pub(crate) fn new() -> Self {
        Self::with(String::new())
    }

    pub(crate) fn with(value: impl Into<String>) -> Self {
        Self { value: RwSignal::new(value.into()), error: RwSignal::new(None) }
    }

    /// What is typed.
    pub(crate) fn get(self) -> String {
        self.value.get()
    }

    /// What is typed, without watching it.
    pub(crate) fn value(self) -> String {
        self.value.get_untracked()
    }

    /// What is wrong with it.
    pub(crate) fn error(self) -> Option<String> {
        self.error.get()
    }

    /// Types; what was wrong is no longer said.
    pub(crate) fn set(self, value: impl Into<String>) {
        self.value.set(value.into());
        self.error.set(None);
    }

    /// No longer says what was wrong, for what is drawn anew in other words.
    pub(crate) fn forget_error(self) {
        self.error.set(None);
    }

    /// Says what is wrong. The focus goes to the first field of the form that has something wrong.
    pub(crate) fn fail(self, error: impl Into<String>) {
        self.error.set(Some(error.into()));
        browser::focus_soon("form [aria-invalid=true]");
    }

    /// What a type's constructor makes of it; its refusal is shown at the field.
    pub(crate) fn parse<T, E>(
        self,
        parse: impl Fn(&str) -> Result<T, E>,
        words: impl Fn(E) -> String,
    ) -> Option<T> {
        match parse(&self.value()) {
            Ok(value) => {
                self.error.set(None);
                Some(value)
            }
            Err(error) => {
                self.fail(words(error));
                None
            }
        }
    }
}

/// A field for a line of text, with its label above and its error below.
#[component]
pub(crate) fn TextField(
    /// Its accessible name.
    #[prop(into)]
    label: String,
    /// What is typed.
    field: Field,
    /// `text`, `email`, `date`, ...
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill in (WHATWG autofill).
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// What to know before typing.
    #[prop(optional, into)]
    description: Option<String>,
    /// Whether the focus goes here when it is drawn.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    let id = unique_id("field");
    let (error_id, description_id) = (format!("{id}-error"), format!("{id}-description"));
    let described = {
        let (error_id, description_id) =
            (error_id.clone(), description.as_ref().map(|_| description_id.clone()));
        move || {
            let error = field.error().map(|_| error_id.clone());
            let ids: Vec<String> = error.into_iter().chain(description_id.clone()).collect();
            (!ids.is_empty()).then(|| ids.join(" "))
        }
    };
    if focus {
        browser::focus_soon(format!("#{id}"));
    }
    // An address is left for the portal's own rules: the browser's are other ones, and speak another language.
    let (kind, mode) = if kind == "email" { ("text", Some("email")) } else { (kind, None) };
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{label}</label>
            <input
                id=id
                class="input"
                class:input-error=bound(move || field.error().is_some())
                type=kind
                inputmode=mode
                autocomplete=autocomplete
                autocapitalize=mode.map(|_| "none")
                spellcheck=mode.map(|_| "false")
                aria-invalid=bound(move || field.error().map(|_| "true"))
                aria-describedby=described
                prop:value=bound(move || field.get())
                on:input:target=move |event| field.set(event.target().value())
            />
            {description.map(|text| view! { <p class="field-description" id=description_id>{text}</p> })}
            <FieldError id=error_id field=field />
        </div>
    }
}

/// What is wrong with a field; read out when it appears.
#[component]
pub(crate) fn FieldError(id: String, field: Field) -> impl IntoView {
    view! {
        <p class="field-error" id=id aria-live="polite">
            {dynamic(move || field.error())}
        </p>
    }
}

/// A switch: on or off, at once or with its form.
#[component]
pub(crate) fn Switch(
    /// Its accessible name.
    #[prop(into)]
    label: String,
    /// What it means.
    #[prop(optional, into)]
    description: Option<String>,
    /// On or off.
    on: RwSignal<bool>,
) -> impl IntoView {
    let id = unique_id("switch");
    let description_id = format!("{id}-description");
    view! {
        <div class="switch-row">
            <input
                id=id.clone()
                type="checkbox"
                role="switch"
                class="toggle toggle-primary"
                aria-describedby=description.as_ref().map(|_| description_id.clone())
                prop:checked=bound(move || on.get())
                on:change:target=move |event| on.set(event.target().checked())
            />
            <div>
                <label class="field-label" for=id>{label}</label>
                {description.map(|text| view! { <p class="field-description" id=description_id>{text}</p> })}
            </div>
        </div>
    }
}

/// What is wrong with a form as a whole.
#[component]
pub(crate) fn Alert(
    /// The message, if there is one.
    #[prop(into)]
    message: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div role="alert">
            <Show when=move || message.with(Option::is_some)>
                <div class="alert-box">
                    <Icon icon=icondata_lu::LuCircleAlert />
                    <p>{dynamic(move || message.get())}</p>
                </div>
            </Show>
        </div>
    }
}

/// A form that is sent by script.
#[component]
pub(crate) fn Form(
    /// What sending does.
    on_submit: impl Fn() + 'static,
    /// The fields and buttons.
    children: Children,
) -> impl IntoView {
    form(Box::new(on_submit), children)
}

/// Compiled once, not for each kind of `on_submit`.
fn form(on_submit: Box<dyn Fn()>, children: Children) -> AnyView {
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        on_submit();
    };
    view! { <form class="form" novalidate on:submit=submit>{children()}</form> }.into_any()
}
