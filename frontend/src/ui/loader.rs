//! The one way to load something and keep it up to date.

use std::future::Future;

use leptos::prelude::*;
use leptos::task::spawn_local;

/// Something that is loaded: when it is first shown, and again when what it depends on changes. What is there stays
/// on the screen until the newer is there; an answer that was overtaken by a later question is dropped.
pub(crate) struct Loader<T: Send + Sync + 'static> {
    data: RwSignal<Option<T>>,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    again: RwSignal<u32>,
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
        let loader = Self {
            data: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(true),
            again: RwSignal::new(0),
        };
        let asked = StoredValue::new(0_u32);
        Effect::new(move |_| {
            loader.again.track();
            let answer = fetch();
            asked.update_value(|asked| *asked += 1);
            let this = asked.get_value();
            loader.busy.set(true);
            spawn_local(async move {
                let answer = answer.await;
                // Overtaken, or its page was left.
                if asked.try_get_value() == Some(this) {
                    loader.settle(answer);
                }
            });
        });
        loader
    }

    fn settle(self, answer: Result<T, String>) {
        match answer {
            Ok(data) => {
                if self.data.try_with_untracked(|known| known.as_ref() != Some(&data)) == Some(true) {
                    self.data.set(Some(data));
                }
                self.error.try_set(None);
            }
            Err(error) => {
                self.error.try_set(Some(error));
            }
        }
        self.busy.try_set(false);
    }

    /// What was loaded last.
    pub(crate) fn get(self) -> Option<T> {
        self.data.get()
    }

    /// Something of what was loaded last.
    pub(crate) fn with<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.data.with(|data| data.as_ref().map(read))
    }

    /// Changes what is shown before the portal has confirmed it, or as it has just answered.
    pub(crate) fn patch(self, change: impl FnOnce(&mut T)) {
        self.data.update(|data| {
            if let Some(data) = data {
                change(data);
            }
        });
    }

    /// Whether there is something to show.
    pub(crate) fn is_ready(self) -> bool {
        self.data.with(Option::is_some)
    }

    /// Why the last try failed.
    pub(crate) fn error(self) -> Option<String> {
        self.error.get()
    }

    /// Whether it is loading.
    pub(crate) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Loads again.
    pub(crate) fn reload(self) {
        self.again.update(|again| *again = again.wrapping_add(1));
    }
}
