//! `portal demo-data`.

use portal_api_types::Locale;

use super::{CommandError, in_runtime};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::Failure;
use crate::domain::demo::cast::{FIRM, PASSWORD};
use crate::domain::demo::play::{Played, play};
use crate::domain::demo::roster::{self, Row};

/// Fills the database, and answers who can sign in.
pub(super) fn run(config: Config) -> Result<String, CommandError> {
    let app = App::open(config, Clock::default())?;
    in_runtime(app.prepare())?;
    let mut ctx =
        app.ctx(Some("127.0.0.1".to_owned()), Some("portal demo-data".to_owned()), Locale::default());
    // An example is not abuse, also when it is played on a portal where somebody has tried the same addresses.
    ctx.rate_limit_factor = u32::MAX;
    let (played, rows) = in_runtime(async {
        let now = || crate::domain::Ctx { now: app.clock.now(), ..ctx.clone() };
        let played = play(&app.services, now).await?;
        Ok::<_, Failure>((played, app.services.db.read(roster::list).await?))
    })?;
    match played {
        Played::Now => Ok(format!("{FIRM} and its clients are ready.\n\n{}", table(&rows))),
        Played::Before => Ok(format!("{FIRM} is there already: nothing was changed.\n\n{}", table(&rows))),
        Played::InTheWay(people) => {
            let people: Vec<String> = people.iter().map(ToString::to_string).collect();
            Err(CommandError::Refused(format!(
                "the database has some of the demo's people already ({}), but not {FIRM}: use an empty database",
                people.join(", ")
            )))
        }
    }
}

/// The rows in columns.
fn table(rows: &[Row]) -> String {
    let head = ["Role", "Name", "E-mail", "Password", "Accounts"].map(str::to_owned);
    let mut lines = vec![head];
    for row in rows {
        let password = if row.has_login { PASSWORD } else { "(chosen by the mailed link)" };
        let accounts = if row.accounts.is_empty() { "-".to_owned() } else { row.accounts.join(", ") };
        lines.push([
            row.role.clone(),
            row.name.to_owned(),
            row.email.to_owned(),
            password.to_owned(),
            accounts,
        ]);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 4] = std::array::from_fn(width);
    let rule =
        std::iter::once(widths.map(|width| "-".repeat(width)).join("  ") + "  " + &"-".repeat(width(4)));
    let mut text = lines.iter().map(|line| {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}  "));
        cells.collect::<String>() + &line[4]
    });
    let head = text.next();
    head.into_iter().chain(rule).chain(text).collect::<Vec<_>>().join("\n")
}
