//! Initials of a person, a firm or an account.

use leptos::prelude::*;

/// How many colours the styles have.
const COLOURS: u32 = 16;

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
    let colour = colour(&name);
    let class = format!("avatar-initials avatar-{colour}{}", if square { " avatar-square" } else { "" });
    // Drawn by the styles, so that they are no text: not for a search in the page, nor for a selection.
    view! { <span class=class aria-hidden="true" data-initials=initials(&name)></span> }
}

/// FNV-1a, folded: names that are nearly the same differ in their last bits as often as any.
fn colour(name: &str) -> u32 {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 16)) % COLOURS
}

fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_that_are_nearly_the_same_are_spread_over_the_colours() {
        let colours: Vec<u32> = (1..=64).map(|number| colour(&format!("Store {number:04}"))).collect();
        assert_eq!(colours.iter().collect::<HashSet<_>>().len(), COLOURS as usize, "{colours:?}");
        let same = colours.windows(2).filter(|pair| pair[0] == pair[1]).count();
        assert!(same <= 8, "{same} of 63 neighbours have one colour: {colours:?}");
    }
}
