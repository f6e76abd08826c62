//! The person's own security: the password, the name that others see, and where they are signed in.

mod device;
mod name;
mod password;
mod sessions;

use leptos::prelude::*;

use crate::components::Heading;
use crate::texts::tr;

/// The page `/security`.
#[component]
pub(crate) fn Security() -> impl IntoView {
    let changed = RwSignal::new(0_u32);
    let password_changed = move || {
        changed.try_update(|count| *count += 1);
    };
    view! {
        <Heading title=tr!(security.title) />
        <div class="stack">
            <Section title=tr!(security.change_password)>
                <password::ChangePasswordForm on_changed=password_changed />
            </Section>
            <Section title=tr!(security.your_name)>
                <name::YourName />
            </Section>
            // The last: it grows when it has come.
            <sessions::Sessions changed=changed />
        </div>
    }
}

/// A form with its heading, no wider than what is typed in it.
#[component]
fn Section(#[prop(into)] title: String, children: Children) -> impl IntoView {
    view! {
        <section class="card">
            <h2>{title}</h2>
            {children()}
        </section>
    }
}
