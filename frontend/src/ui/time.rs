//! Moments: how long ago or on which day, with the exact time on hover.

use chrono::{DateTime, SecondsFormat, Utc};
use leptos::prelude::*;

use crate::format;

/// The day of a moment; the exact time is its title.
#[component]
pub(crate) fn Day(at: DateTime<Utc>) -> impl IntoView {
    time(at, format::day(at))
}

/// A moment as `5 minutes ago`; the exact time is its title.
#[component]
pub(crate) fn Time(at: DateTime<Utc>) -> impl IntoView {
    time(at, format::relative(at))
}

fn time(at: DateTime<Utc>, words: String) -> AnyView {
    view! {
        <time datetime=at.to_rfc3339_opts(SecondsFormat::Secs, true) title=format::exact(at)>
            {words}
        </time>
    }
    .into_any()
}
