//! The one way to load something and keep it up to date.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::effect;
use super::held::Held;

/// Something that is loaded: when it is first shown, and again when what it depends on changes. What is there stays
/// on the screen until the newer is there; an answer that was overtaken by a later question is dropped.
pub(crate) struct Loader<T: Send + Sync + 'static> {
    data: RwSignal<Option<Held>>,
    state: LoaderState,
    holds: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Clone for Loader<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loader<T> {}

impl<T: Clone + PartialEq + Send + Sync + 'static> Loader<T> {
    /// Loads by `fetch`. The signals that it reads before its first `await` are what it depends on. An error is a
    /// sentence for a person.
    pub(crate) fn new<F>(fetch: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<T, String>> + 'static,
    {
        let data = RwSignal::new(None);
        let keep = move |new: T| {
            // Its page may have been left.
            let Some(known) = data.try_get_untracked() else { return };
            let new = Some(Held::new(new));
            if known != new {
                data.set(new);
            }
        };
        let ask = move || -> Question {
            let answer = fetch();
            Box::pin(async move {
                let new = answer.await?;
                Ok(Box::new(move || keep(new)) as Box<dyn FnOnce()>)
            })
        };
        Self { data, state: LoaderState::new(Box::new(ask)), holds: PhantomData }
    }

    /// What was loaded last.
    pub(crate) fn get(self) -> Option<T> {
        self.data.get()?.get().cloned()
    }

    /// Something of what was loaded last.
    pub(crate) fn with<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.data.get()?.get().map(read)
    }

    /// Changes what is shown before the portal has confirmed it, or as it has just answered.
    pub(crate) fn patch(self, change: impl FnOnce(&mut T)) {
        // Its page may have been left.
        let known = self.data.try_get_untracked().flatten();
        if let Some(mut data) = known.and_then(|known| known.get::<T>().cloned()) {
            change(&mut data);
            self.data.set(Some(Held::new(data)));
        }
    }

    /// Whether there is something to show.
    pub(crate) fn is_ready(self) -> bool {
        self.data.with(Option::is_some)
    }

    /// Loads again.
    pub(crate) fn reload(self) {
        self.state.reload();
    }

    /// How the loading goes.
    pub(super) fn state(self) -> LoaderState {
        self.state
    }
}

/// A question on its way. Its answer keeps itself, or is a sentence that says what went wrong.
type Question = Pin<Box<dyn Future<Output = Result<Box<dyn FnOnce()>, String>>>>;

/// How the loading goes, whatever is loaded.
#[derive(Clone, Copy)]
pub(super) struct LoaderState {
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl LoaderState {
    fn new(ask: Box<dyn Fn() -> Question>) -> Self {
        let state = Self { error: RwSignal::new(None), busy: RwSignal::new(true), again: RwSignal::new(0) };
        let asked = StoredValue::new(0_u32);
        effect(move |_| {
            state.again.track();
            let answer = ask();
            asked.update_value(|asked| *asked += 1);
            let this = asked.get_value();
            state.busy.set(true);
            spawn_local(async move {
                let answer = answer.await;
                // Overtaken, or its page was left.
                if asked.try_get_value() == Some(this) {
                    state.settle(answer);
                }
            });
        });
        state
    }

    fn settle(self, answer: Result<Box<dyn FnOnce()>, String>) {
        let error = match answer {
            Ok(keep) => {
                keep();
                None
            }
            Err(error) => Some(error),
        };
        self.error.try_set(error);
        self.busy.try_set(false);
    }

    /// Why the last try failed.
    pub(super) fn error(self) -> Option<String> {
        self.error.get()
    }

    /// Whether it is loading.
    pub(super) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Loads again.
    pub(super) fn reload(self) {
        self.again.update(|again| *again = again.wrapping_add(1));
    }
}
