//! Pieces of the portal that know its API and its routes.

mod activity;
mod checklist;
mod cover;
mod failure;
mod frame;
mod heading;
mod name_form;
mod person;
mod profile;
mod query;
mod row;
mod save;
mod search;
mod switcher;

pub(crate) use activity::{Activity, LatestActivity, Trail};
pub(crate) use checklist::{CheckRow, Checklist, Choice};
pub(crate) use cover::SignInAgain;
pub(crate) use failure::{fail, invalid, typed_name};
pub(crate) use frame::{Frame, Here};
pub(crate) use heading::{Heading, PublicCard};
pub(crate) use name_form::NameForm;
pub(crate) use person::Who;
pub(crate) use query::{FilterSelect, PAGE_BEFORE, Pager, SearchField, query, set_query};
pub(crate) use row::LinkRow;
pub(crate) use save::save_file;
pub(crate) use search::{DEBOUNCE, SearchBox};
pub(crate) use switcher::{how, role as account_role};
