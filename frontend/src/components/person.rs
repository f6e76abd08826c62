//! A person, a firm or an account in a list: initials, name, and a line below.

use leptos::prelude::*;

use crate::ui::Avatar;

/// Initials and name; what else is known stands below.
#[component]
pub(crate) fn Who(
    /// The name.
    #[prop(into)]
    name: String,
    /// An e-mail, a role, ...
    #[prop(optional, into)]
    below: Option<String>,
    /// Whether it is a firm or an account.
    #[prop(optional)]
    square: bool,
) -> impl IntoView {
    view! {
        <div class="who">
            <Avatar name=name.clone() square=square />
            <div class="who-words">
                <span class="who-name" dir="auto">{name}</span>
                {below.map(|below| view! { <span class="muted" dir="auto">{below}</span> })}
            </div>
        </div>
    }
}
