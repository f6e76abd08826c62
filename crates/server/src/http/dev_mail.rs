//! `/dev/mail`: the mails that were written to files, so that the demo can be played without a mail server. Only there when
//! mails go to files and the server listens on loopback.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use mail_parser::MessageParser;

use crate::app::App;
use crate::auth::actor::Anyone;
use crate::error::ApiError;

/// Mails that the page shows: the newest.
const SHOWN: usize = 200;

/// Read the mails
pub async fn list_mails(_: Anyone, app: web::Data<App>) -> Result<HttpResponse, ApiError> {
    let directory = app.config.mail_dir.clone();
    let page = web::block(move || page(&directory)).await.map_err(|_| ApiError::internal())?;
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        ))
        .body(page))
}

fn page(directory: &std::path::Path) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(directory)
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path())).collect())
        .unwrap_or_default();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    // Names begin with the time.
    files.sort_unstable_by(|a, b| b.cmp(a));
    let mut html = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Mails</title><style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;\
         margin:2rem auto;padding:0 1rem}article{border:1px solid #8886;border-radius:8px;padding:.75rem 1rem;margin:1rem 0}\
         h2{font-size:1rem;margin:0}p{margin:.25rem 0}pre{white-space:pre-wrap;overflow-wrap:anywhere}</style>\
         <h1>Mails</h1><p>What the portal would have sent, newest first.</p>",
    );
    for path in files.iter().take(SHOWN) {
        if let Ok(bytes) = fs::read(path) {
            article(&mut html, &bytes);
        }
    }
    html
}

fn article(html: &mut String, bytes: &[u8]) {
    let Some(mail) = MessageParser::default().parse(bytes) else { return };
    let to = mail.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default();
    let text = mail.body_text(0).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = write!(
        html,
        "<article><h2>{}</h2><p>To {}</p>",
        escape(mail.subject().unwrap_or_default()),
        escape(to)
    );
    for link in text.split_whitespace().filter(|word| word.contains("#token=")) {
        let _ = write!(html, "<p><a href=\"{0}\">{0}</a></p>", escape(link));
    }
    let _ = write!(html, "<details><summary>Text</summary><pre>{}</pre></details></article>", escape(&text));
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
