//! A few things to choose from, each with what it means.

use leptos::prelude::*;

use crate::ui::{Kept, bound, handler, unique_id};

/// Checkboxes: what is chosen, its name, and what it means, which describes the box and is no part of its name.
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
        let id = unique_id("tick");
        let hint_id = format!("{id}-hint");
        view! {
            <div class="choice">
                <input
                    id=id.clone()
                    type="checkbox"
                    class="checkbox checkbox-sm"
                    aria-describedby=hint_id.clone()
                    prop:checked=bound(move || chosen.with(|chosen| chosen.contains(&value)))
                    on:change=handler(change)
                />
                <div class="who-words">
                    <label class="who-name cursor-pointer" for=id>{name}</label>
                    <span class="field-description" id=hint_id>{hint}</span>
                </div>
            </div>
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
