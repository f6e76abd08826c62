//! Primitives that know no API and no routes.

mod avatar;
mod button;
mod dialog;
mod field;
mod flow;
mod held;
mod icon;
mod loader;
mod menu;
mod password;
mod rows;
mod state;
mod time;
mod toast;

pub(crate) use avatar::Avatar;
pub(crate) use button::{Busy, Button, Kind, SubmitButton};
pub(crate) use dialog::{Confirm, ConfirmDialog, Dialog};
pub(crate) use field::{Alert, Field, Form, Switch, TextField};
pub(crate) use flow::{Each, For, Show, bound, dynamic, effect, handler};
pub(crate) use held::{Kept, Memo};
pub(crate) use icon::Icon;
pub(crate) use loader::Loader;
pub(crate) use menu::{Menu, MenuItem, MenuLink};
pub(crate) use password::PasswordField;
pub(crate) use rows::Rows;
pub(crate) use state::{Badge, EmptyState, Loaded, Skeleton, Tone, failure};
pub(crate) use time::{Day, Time};
pub(crate) use toast::{Toaster, Toasts};

/// An id that nothing else in the page has, to tie labels and descriptions to their fields.
pub(crate) fn unique_id(kind: &str) -> String {
    use std::cell::Cell;
    thread_local! { static NEXT: Cell<u32> = const { Cell::new(0) }; }
    let number = NEXT.get();
    NEXT.set(number.wrapping_add(1));
    format!("{kind}-{number}")
}
