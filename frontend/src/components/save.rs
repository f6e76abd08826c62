//! What is exported.

use crate::browser;
use crate::texts::tr;
use crate::ui::Toasts;

/// Hands CSV that the portal has answered to the person as a file, and says so; or says why not.
pub(crate) fn save_file(toasts: Toasts, name: &str, csv: Result<String, String>, done: &'static str) {
    match csv.map(|csv| browser::download(name, "text/csv;charset=utf-8", &csv)) {
        Ok(Ok(())) => toasts.done(done),
        Ok(Err(_)) => toasts.failed(tr!(activity.export_refused)),
        Err(error) => toasts.failed(error),
    }
}
