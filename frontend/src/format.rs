//! Dates, times and numbers by the person's language: the browser's own Intl, which costs no download.

use chrono::{DateTime, TimeDelta, Utc};
use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::{browser, texts};

fn locales() -> Array {
    // The region (1/2 or 2/1) is the browser's, if it speaks the chosen language at all.
    let language = texts::locale().as_str();
    let tag = browser::languages().into_iter().find(|tag| texts::find(tag) == Some(texts::locale()));
    Array::of1(&JsValue::from(tag.as_deref().unwrap_or(language)))
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let options = Object::new();
    for (name, value) in pairs {
        // Setting a property of a plain object cannot fail.
        let _ = Reflect::set(&options, &JsValue::from(*name), &JsValue::from(*value));
    }
    options
}

fn millis(time: DateTime<Utc>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's own times are such numbers")]
    let millis = time.timestamp_millis() as f64;
    millis
}

fn apply(format: &Function, value: &JsValue) -> String {
    let text = format.call1(&JsValue::UNDEFINED, value).ok();
    text.and_then(|text| text.as_string()).unwrap_or_default()
}

/// A moment to the second, with the time zone: `24 Nov 2026, 08:53:34 UTC`.
pub(crate) fn exact(time: DateTime<Utc>) -> String {
    let options = options(&[
        ("year", "numeric"),
        ("month", "short"),
        ("day", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
        ("timeZoneName", "short"),
    ]);
    apply(&Intl::DateTimeFormat::new(&locales(), &options).format(), &Date::new(&millis(time).into()))
}

/// A day: `24 Nov 2026`.
pub(crate) fn day(time: DateTime<Utc>) -> String {
    let options = options(&[("dateStyle", "medium")]);
    apply(&Intl::DateTimeFormat::new(&locales(), &options).format(), &Date::new(&millis(time).into()))
}

/// How long ago, or in how long: `5 minutes ago`, `yesterday`; a day when it is over a month away.
pub(crate) fn relative(time: DateTime<Utc>) -> String {
    const UNITS: [(&str, f64); 4] = [("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0), ("second", 1.0)];
    const MONTH: f64 = 30.0 * 86_400.0;
    let seconds = (millis(time) - browser::now()) / 1_000.0;
    if seconds.abs() > MONTH {
        return day(time);
    }
    let (unit, length) =
        UNITS.into_iter().find(|(_, length)| seconds.abs() >= *length).unwrap_or(("second", 1.0));
    // A clock that is a little behind the server's must not speak of the future.
    let count = if unit == "second" { 0.0 } else { (seconds / length).trunc() };
    let format = Intl::RelativeTimeFormat::new(&locales(), &options(&[("numeric", "auto")]));
    let text = Reflect::get(&format, &"format".into()).ok().and_then(|method| {
        let method = method.dyn_into::<Function>().ok()?;
        method.call2(&format, &count.into(), &unit.into()).ok()?.as_string()
    });
    text.unwrap_or_else(|| day(time))
}

/// A count: `12,345`.
pub(crate) fn number(count: i64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let count = JsValue::from(count as f64);
    apply(&Intl::NumberFormat::new(&locales(), &Object::new()).format(), &count)
}

/// The start of a day as a person typed it in a date field (`2026-11-24`, in the browser's time zone).
pub(crate) fn start_of_day(typed: &str) -> Option<DateTime<Utc>> {
    start_of(typed, 0)
}

/// The last moment of such a day. It is 23 or 25 hours long when clocks change.
pub(crate) fn end_of_day(typed: &str) -> Option<DateTime<Utc>> {
    start_of(typed, 1)?.checked_sub_signed(TimeDelta::microseconds(1))
}

fn start_of(typed: &str, days_later: u32) -> Option<DateTime<Utc>> {
    let date = Date::new(&JsValue::from(format!("{typed}T00:00:00")));
    // By the calendar; and from the hour on at which that day begins, which need not be the hour of this one.
    date.set_date(date.get_date().saturating_add(days_later));
    date.set_hours(0);
    #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
    let millis = date.get_time() as i64;
    (!date.get_time().is_nan()).then(|| DateTime::from_timestamp_millis(millis)).flatten()
}

/// This day in the browser's time zone, for programs: `2026-11-24`.
pub(crate) fn today() -> String {
    let date = Date::new_0();
    format!("{}-{:02}-{:02}", date.get_full_year(), date.get_month() + 1, date.get_date())
}
