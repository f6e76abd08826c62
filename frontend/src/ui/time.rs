//! Moments: how long ago, with the exact time on hover.

use chrono::{DateTime, SecondsFormat, Utc};
use leptos::prelude::*;

use crate::format;

/// A moment as `5 minutes ago`; the exact time is its title.
#[component]
pub(crate) fn Time(at: DateTime<Utc>) -> impl IntoView {
    view! {
        <time datetime=at.to_rfc3339_opts(SecondsFormat::Secs, true) title=format::exact(at)>
            {format::relative(at)}
        </time>
    }
}
