//! Initials of a person, a firm or an account.

use leptos::prelude::*;

/// How many colours the styles have.
const COLOURS: u32 = 6;

/// Up to two initials in a colour that stays with the name. The name itself stands beside it.
#[component]
pub(crate) fn Avatar(
    /// Whose initials.
    #[prop(into)]
    name: String,
    /// A square one, for firms and accounts.
    #[prop(optional)]
    square: bool,
) -> impl IntoView {
    let colour =
        name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % COLOURS;
    let class = format!("avatar-initials avatar-{colour}{}", if square { " avatar-square" } else { "" });
    // Drawn by the styles, so that they are no text: not for a search in the page, nor for a selection.
    view! { <span class=class aria-hidden="true" data-initials=initials(&name)></span> }
}

fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).collect()
}
