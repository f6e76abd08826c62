//! Files of CSV, streamed while they are read, to who may read them still.

use std::time::Duration;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};

use super::connections::AtMost;
use crate::app::App;
use crate::auth::grounds::Grounds;
use crate::db::Conn;
use crate::domain::table::line;
use crate::domain::{After, Outcome, Refusal};
use crate::error::ApiError;

/// Rows that are read at once.
pub const ROWS: usize = 1_000;

/// How long a file may take in all: a hundred megabytes over a line of one megabit a second.
const TIME: Duration = Duration::from_secs(15 * 60);

/// How far a file is written.
enum Progress<K> {
    Header,
    Behind(Option<After<K>>),
    Finished,
}

/// A file with this header and all rows, which `part` reads by and by: those behind a place, and where the next ones begin. It
/// goes on as fast as it is read, so that each part asks anew whether the grounds still hold.
pub fn stream<K, F, const WIDTH: usize>(
    app: web::Data<App>,
    grounds: Grounds,
    name: &str,
    header: &'static [&'static str; WIDTH],
    part: F,
) -> HttpResponse
where
    K: Send + Sync + 'static,
    F: Fn(&mut Conn, Option<&After<K>>) -> Outcome<(Vec<[String; WIDTH]>, Option<After<K>>)>,
    F: Clone + Send + 'static,
{
    let rows = futures_util::stream::unfold(Progress::Header, move |progress| {
        let (app, grounds, part) = (app.clone(), grounds.clone(), part.clone());
        async move {
            match progress {
                Progress::Header => Some((Ok(Bytes::from(line(header))), Progress::Behind(None))),
                Progress::Behind(after) => Some(chunk(&app, &grounds, part, after).await),
                Progress::Finished => None,
            }
        }
    });
    let mut answer = file(name).streaming(rows);
    answer.extensions_mut().insert(AtMost(TIME));
    answer
}

async fn chunk<K, F, const WIDTH: usize>(
    app: &App,
    grounds: &Grounds,
    part: F,
    after: Option<After<K>>,
) -> (Result<Bytes, ApiError>, Progress<K>)
where
    K: Send + Sync + 'static,
    F: Fn(&mut Conn, Option<&After<K>>) -> Outcome<(Vec<[String; WIDTH]>, Option<After<K>>)>,
    F: Send + 'static,
{
    let db = &app.services.db;
    let found = match grounds.hold(db, app.clock.now()).await {
        Ok(true) => db.read(move |conn| part(conn, after.as_ref())).await,
        Ok(false) => Err(Refusal::Unauthenticated.into()),
        Err(failure) => Err(failure),
    };
    match found {
        Ok((rows, next)) => {
            let text: Vec<u8> = rows.iter().flat_map(|row| line(row)).collect();
            (Ok(Bytes::from(text)), next.map_or(Progress::Finished, |next| Progress::Behind(Some(next))))
        }
        // The connection is cut: half a file must not pass for a whole one.
        Err(failure) => (Err(failure.into()), Progress::Finished),
    }
}

/// A file with just these lines.
pub fn whole<const WIDTH: usize>(name: &str, lines: &[[&str; WIDTH]]) -> HttpResponse {
    let text: Vec<u8> = lines.iter().flat_map(|cells| line(cells)).collect();
    file(name).body(text)
}

fn file(name: &str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    answer
}
