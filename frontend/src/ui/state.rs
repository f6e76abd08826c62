//! What a list or a page looks like while it is not what it should be: loading, failed, empty. And the small marks.

use leptos::prelude::*;

use super::loader::LoaderState;
use super::{Button, Icon, Loader, Memo, Show, dynamic};
use crate::texts::tr;

/// What was loaded; a skeleton before that, an error with `Try again` instead. The content is drawn once and reads
/// the loader by itself, so that a newer answer changes only what is different.
#[component]
pub(crate) fn Loaded<T>(
    /// What is loaded.
    loader: Loader<T>,
    /// How many lines the skeleton has.
    #[prop(default = 5)]
    lines: usize,
    /// What is shown of it.
    children: ChildrenFn,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    loaded(Memo::new(move |_| loader.is_ready()), loader.state(), lines, children)
}

/// Compiled once, not for each kind of what is loaded.
fn loaded(ready: Memo<bool>, loader: LoaderState, lines: usize, children: ChildrenFn) -> AnyView {
    let failed = Memo::new(move |_| loader.error());
    view! {
        <div aria-busy=move || loader.is_busy().to_string()>
            {failure(failed.into(), move || loader.reload())}
            <Show when=move || ready.get() fallback=move || {
                view! {
                    <Show when=move || failed.get().is_none()>
                        <Skeleton lines=lines />
                    </Show>
                }
            }>{children()}</Show>
        </div>
    }
    .into_any()
}

/// What went wrong, if something did, with `Try again`.
pub(crate) fn failure(
    failed: Signal<Option<String>>,
    again: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    view! {
        <Show when=move || failed.with(Option::is_some)>
            <div class="error-state" role="alert">
                <Icon icon=icondata_lu::LuCircleAlert />
                <p>{dynamic(move || failed.get())}</p>
                <Button on_click=move |_| again()>{tr!(common.try_again)}</Button>
            </div>
        </Show>
    }
    .into_any()
}

/// Grey lines where a list will be.
#[component]
pub(crate) fn Skeleton(#[prop(default = 5)] lines: usize) -> impl IntoView {
    view! {
        <div class="skeleton-lines" role="status">
            <span class="sr-only">{tr!(common.loading)}</span>
            {(0..lines).map(|_| view! { <div class="skeleton skeleton-line" aria-hidden="true"></div> }).collect_view()}
        </div>
    }
}

/// Nothing is here yet: why, and what to do next.
#[component]
pub(crate) fn EmptyState(
    /// A picture of what would be here.
    icon: icondata_core::Icon,
    /// What is not here.
    #[prop(into)]
    title: String,
    /// What to do next.
    #[prop(into)]
    hint: String,
    /// The button for it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <Icon icon=icon />
            <p class="empty-title">{title}</p>
            <p class="muted">{hint}</p>
            {children.map(|children| children())}
        </div>
    }
}

/// What a mark means; each has a sign of its own besides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it should be.
    Good,
    /// On its way.
    Waiting,
    /// Stopped.
    Bad,
    /// A plain word.
    Plain,
}

/// A word in a mark.
#[component]
pub(crate) fn Badge(tone: Tone, #[prop(into)] label: String) -> impl IntoView {
    let (class, icon) = match tone {
        Tone::Good => ("mark mark-good", Some(icondata_lu::LuCheck)),
        Tone::Waiting => ("mark mark-waiting", Some(icondata_lu::LuClock)),
        Tone::Bad => ("mark mark-bad", Some(icondata_lu::LuBan)),
        Tone::Plain => ("mark", None),
    };
    view! { <span class=class>{icon.map(|icon| view! { <Icon icon=icon /> })}{label}</span> }
}
