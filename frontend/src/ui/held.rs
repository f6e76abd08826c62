//! A value of any type. What is kept in a signal or a memo is kept as one of these: for each other type all of the
//! reactive code would be in the app once more, some kilobytes each time.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{self, Get, GetUntracked, Set, Signal, Track};

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

impl<T> Memo<T> {
    /// What holds values of this type.
    pub(super) fn of(held: prelude::Memo<Held>) -> Self {
        Self { held, holds: PhantomData }
    }
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// Computes from what it reads, and from what it came to before.
    pub(crate) fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        Self::of(memo(Box::new(move |before: Option<&Held>| Held::new(compute(before.and_then(Held::get))))))
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

/// A signal for a value of any type, to be used like [`RwSignal`](leptos::prelude::RwSignal). That one is for values of
/// types that most of the app's signals have, such as `bool`.
pub(crate) struct Kept<T> {
    held: prelude::RwSignal<Value>,
    holds: PhantomData<fn() -> T>,
}

type Value = Arc<dyn Any + Send + Sync>;

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Kept<T> {}

/// The same signal, whatever its value.
impl<T> PartialEq for Kept<T> {
    fn eq(&self, other: &Self) -> bool {
        self.held == other.held
    }
}

impl<T: Clone + Send + Sync + 'static> Kept<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { held: prelude::RwSignal::new(Arc::new(value)), holds: PhantomData }
    }

    /// The value.
    pub(crate) fn get(self) -> T {
        self.with(T::clone)
    }

    /// The value, without watching it.
    pub(crate) fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }

    /// Something of the value.
    pub(crate) fn with<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(kept(&self.held.get()))
    }

    /// Something of the value, without watching it.
    pub(crate) fn with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> U {
        read(kept(&self.held.get_untracked()))
    }

    /// Something of the value, unless what it belongs to was left.
    pub(crate) fn try_with<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.held.try_get().map(|value| read(kept(&value)))
    }

    /// Something of the value without watching it, unless what it belongs to was left.
    pub(crate) fn try_with_untracked<U>(self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.held.try_get_untracked().map(|value| read(kept(&value)))
    }

    /// Watches the value.
    pub(crate) fn track(self) {
        self.held.track();
    }

    /// Another value.
    pub(crate) fn set(self, value: T) {
        self.held.set(Arc::new(value));
    }

    /// Another value, unless what it belongs to was left.
    pub(crate) fn try_set(self, value: T) {
        self.held.try_set(Arc::new(value));
    }

    /// Changes the value, unless what it belongs to was left.
    pub(crate) fn update(self, change: impl FnOnce(&mut T)) {
        if let Some(mut value) = self.try_with_untracked(T::clone) {
            change(&mut value);
            self.try_set(value);
        }
    }
}

fn kept<T: 'static>(value: &Value) -> &T {
    value.downcast_ref().expect("a signal keeps what it was given")
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
