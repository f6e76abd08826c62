//! A value of any type. What is kept in a signal or a memo is kept as one of these: for each other type all of the
//! reactive code would be in the app once more, some kilobytes each time.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{self, Get, GetUntracked, Signal, Track};

/// A value, and how it is compared with another of its type.
#[derive(Clone)]
pub(super) struct Held {
    value: Arc<dyn Any + Send + Sync>,
    same: fn(&Self, &Self) -> bool,
}

impl Held {
    pub(super) fn new<T: PartialEq + Send + Sync + 'static>(value: T) -> Self {
        Self { value: Arc::new(value), same: |one, other| one.get::<T>() == other.get::<T>() }
    }

    /// The value, if it is of this type.
    pub(super) fn get<T: 'static>(&self) -> Option<&T> {
        self.value.downcast_ref()
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        (self.same)(self, other)
    }
}

/// A value that follows from signals: it is computed when one of them has changed, and tells of a change when it has
/// become another one.
pub(crate) struct Memo<T> {
    held: prelude::Memo<Held>,
    holds: PhantomData<fn() -> T>,
}

impl<T> Clone for Memo<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Memo<T> {}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// Computes from what it reads, and from what it came to before.
    pub(crate) fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let held =
            memo(Box::new(move |before: Option<&Held>| Held::new(compute(before.and_then(Held::get)))));
        Self { held, holds: PhantomData }
    }

    /// Something of the value.
    pub(crate) fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(value(&self.held.get()))
    }

    /// Something of the value, without watching it.
    pub(crate) fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(value(&self.held.get_untracked()))
    }

    /// Watches the value.
    pub(crate) fn track(self) {
        self.held.track();
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> Memo<T> {
    /// The value.
    pub(crate) fn get(self) -> T {
        value::<T>(&self.held.get()).clone()
    }

    /// The value, without watching it.
    pub(crate) fn get_untracked(self) -> T {
        value::<T>(&self.held.get_untracked()).clone()
    }
}

impl<T: Clone + PartialEq + Send + Sync + 'static> From<Memo<T>> for Signal<T> {
    fn from(memo: Memo<T>) -> Self {
        Self::derive(move || memo.get())
    }
}

/// Computes a value from the one before.
type Compute = Box<dyn Fn(Option<&Held>) -> Held + Send + Sync>;

/// Compiled once, not for each kind of `compute`.
fn memo(compute: Compute) -> prelude::Memo<Held> {
    prelude::Memo::new(compute)
}

fn value<T: 'static>(held: &Held) -> &T {
    held.get().expect("a memo holds what it computes")
}
