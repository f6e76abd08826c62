//! A few things to choose from, each with what it means.

use leptos::prelude::*;

use crate::ui::{Kept, bound, handler};

/// Checkboxes: what is chosen, its name, and what it means.
pub(super) fn ticks(
    legend: &'static str,
    choices: Vec<(&'static str, &'static str, &'static str)>,
    chosen: Kept<Vec<&'static str>>,
) -> AnyView {
    let boxes = choices.into_iter().map(|(value, name, hint)| {
        let change = move |event| {
            let on = event_target_checked(&event);
            chosen.update(|chosen| {
                chosen.retain(|known| *known != value);
                if on {
                    chosen.push(value);
                }
            });
        };
        view! {
            <label class="choice">
                <input
                    type="checkbox"
                    class="checkbox checkbox-sm"
                    prop:checked=bound(move || chosen.with(|chosen| chosen.contains(&value)))
                    on:change=handler(change)
                />
                <span class="who-words">
                    <span class="who-name">{name}</span>
                    <span class="field-description">{hint}</span>
                </span>
            </label>
        }
    });
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
            {boxes.collect_view()}
        </fieldset>
    }
    .into_any()
}
