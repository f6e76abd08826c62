//! A form for one name: of an account, a firm or a person.

use std::future::Future;
use std::pin::Pin;

use leptos::prelude::*;
use portal_client::Error;
use portal_client::api_types::Name;

use super::{fail, invalid, typed_name};
use crate::texts::tr;
use crate::ui::{Alert, Busy, Field, Form, SubmitButton, TextField};

/// The name's field and a button. What is wrong with the name is said at the field, anything else above it.
#[component]
pub(crate) fn NameForm<S, F>(
    /// The field's accessible name.
    #[prop(into)]
    label: String,
    /// What is typed.
    field: Field,
    /// What the browser may fill in.
    #[prop(default = "organization")]
    autocomplete: &'static str,
    /// What to know before typing.
    #[prop(optional, into)]
    description: Option<String>,
    /// The button's words.
    #[prop(default = tr!(common.save))]
    button: &'static str,
    /// Does it, and says so.
    save: S,
) -> impl IntoView
where
    S: Fn(Name) -> F + 'static,
    F: Future<Output = Result<(), Error>> + 'static,
{
    let save = Box::new(move |name| -> Saving { Box::pin(save(name)) });
    name_form(label, field, autocomplete, description, button, save)
}

type Saving = Pin<Box<dyn Future<Output = Result<(), Error>>>>;

/// Compiled once, not for each kind of `save`.
fn name_form(
    label: String,
    field: Field,
    autocomplete: &'static str,
    description: Option<String>,
    button: &'static str,
    save: Box<dyn Fn(Name) -> Saving>,
) -> AnyView {
    let message = RwSignal::new(None::<String>);
    let busy = Busy::new();
    let submit = move || {
        message.set(None);
        let Some(name) = field.parse(typed_name, invalid) else { return };
        let saved = save(name);
        busy.run(async move {
            if let Err(error) = saved.await {
                message.try_set(fail(&error, &[("/name", field)]));
            }
        });
    };
    // Not every field has a description, and the component takes none for one.
    let text = match description {
        Some(description) => view! {
            <TextField label=label field=field autocomplete=autocomplete description=description />
        }
        .into_any(),
        None => view! { <TextField label=label field=field autocomplete=autocomplete /> }.into_any(),
    };
    view! {
        <Form on_submit=submit>
            <Alert message=message />
            {text}
            <SubmitButton busy=busy label=button />
        </Form>
    }
    .into_any()
}
