//! What the portal is measured against: bare actix-web handlers that run one prepared statement through the same driver,
//! and nothing else. No token, no rule, no audit entry.

use std::cell::RefCell;
use std::net::SocketAddr;

use actix_web::error::ErrorInternalServerError;
use actix_web::{App, HttpResponse, HttpServer, web};
use anyhow::{Context, Result, anyhow};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use portal_server::db::Conn;
use portal_server::schema::accounts;

/// Threads that block on PostgreSQL, in each of actix' workers; a connection each.
const POSTGRES_THREADS: usize = 4;
/// The same for SQLite.
const SQLITE_THREADS: usize = 2;

thread_local! {
    static CONNECTION: RefCell<Option<Conn>> = const { RefCell::new(None) };
}

/// Connects as the portal does.
pub(crate) fn connect(url: &str) -> Result<Conn> {
    if let Some(path) = url.strip_prefix("sqlite://") {
        let mut conn = SqliteConnection::establish(path).with_context(|| format!("cannot open {path}"))?;
        conn.batch_execute(
            "PRAGMA busy_timeout = 9000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON",
        )?;
        return Ok(Conn::Sqlite(conn));
    }
    Ok(Conn::Postgres(PgConnection::establish(url).context("cannot connect to PostgreSQL")?))
}

/// Serves the floors until it is ended.
pub(crate) async fn serve(url: String, listen: SocketAddr) -> Result<()> {
    connect(&url)?.batch_execute(
        "CREATE TABLE IF NOT EXISTS floor_writes (id TEXT NOT NULL PRIMARY KEY, count BIGINT NOT NULL)",
    )?;
    let threads = if url.starts_with("sqlite") { SQLITE_THREADS } else { POSTGRES_THREADS };
    let database = web::Data::new(url.clone());
    let other = if url.starts_with("postgres") { Some(web::Data::new(url)) } else { None };
    let server = HttpServer::new(move || {
        let app = App::new()
            .app_data(database.clone())
            .route("/get/{id}", web::get().to(get))
            .route("/list/{id}", web::get().to(list))
            .route("/write/{id}", web::put().to(write));
        match &other {
            Some(url) => app.app_data(url.clone()).route("/tokio/{id}", web::get().to(get_by_tokio)),
            None => app,
        }
    });
    let server = server.worker_max_blocking_threads(threads).bind(listen).context("the address is taken")?;
    server.run().await.context("the floor ended")
}

/// Runs one statement on a thread that keeps its connection.
async fn on_thread<T, F>(url: web::Data<String>, work: F) -> actix_web::Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Conn) -> QueryResult<T> + Send + 'static,
{
    let done = web::block(move || {
        CONNECTION.with_borrow_mut(|conn| -> Result<T> {
            let conn = match conn {
                Some(conn) => conn,
                empty => empty.insert(connect(&url)?),
            };
            work(conn).map_err(|error| anyhow!(error))
        })
    });
    done.await?.map_err(ErrorInternalServerError)
}

/// One row by its primary key.
async fn get(url: web::Data<String>, id: web::Path<String>) -> actix_web::Result<HttpResponse> {
    let id = id.into_inner();
    let name: String =
        on_thread(url, move |conn| accounts::table.find(id).select(accounts::name).first(conn)).await?;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "name": name })))
}

/// A hundred rows behind a key.
async fn list(url: web::Data<String>, id: web::Path<String>) -> actix_web::Result<HttpResponse> {
    let id = id.into_inner();
    let rows: Vec<(String, String)> = on_thread(url, move |conn| {
        let behind = accounts::table.filter(accounts::id.ge(id)).order(accounts::id).limit(100);
        behind.select((accounts::id, accounts::name)).load(conn)
    })
    .await?;
    let items: Vec<_> = rows.iter().map(|(id, name)| serde_json::json!({ "id": id, "name": name })).collect();
    Ok(HttpResponse::Ok().json(serde_json::json!({ "items": items })))
}

/// One durable row.
async fn write(url: web::Data<String>, id: web::Path<String>) -> actix_web::Result<HttpResponse> {
    let id = id.into_inner();
    on_thread(url, move |conn| {
        let insert = "INSERT INTO floor_writes (id, count) VALUES ($1, 1) \
                      ON CONFLICT (id) DO UPDATE SET count = floor_writes.count + 1";
        diesel::sql_query(insert).bind::<Text, _>(id).execute(conn)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A connection of the asynchronous driver, and its prepared statement.
struct Prepared {
    client: tokio_postgres::Client,
    statement: tokio_postgres::Statement,
}

thread_local! {
    static PREPARED: RefCell<Option<std::rc::Rc<Prepared>>> = const { RefCell::new(None) };
}

/// One row by its primary key, by the asynchronous driver: one pipelined connection a worker.
async fn get_by_tokio(url: web::Data<String>, id: web::Path<String>) -> actix_web::Result<HttpResponse> {
    let prepared = prepared(&url).await.map_err(ErrorInternalServerError)?;
    let id = id.into_inner();
    let row =
        prepared.client.query_one(&prepared.statement, &[&id]).await.map_err(ErrorInternalServerError)?;
    let name: String = row.get(0);
    Ok(HttpResponse::Ok().json(serde_json::json!({ "name": name })))
}

async fn prepared(url: &str) -> Result<std::rc::Rc<Prepared>> {
    if let Some(prepared) = PREPARED.with_borrow(Clone::clone) {
        return Ok(prepared);
    }
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    actix_web::rt::spawn(connection);
    let statement = client.prepare("SELECT name FROM accounts WHERE id = $1").await?;
    let prepared = std::rc::Rc::new(Prepared { client, statement });
    PREPARED.set(Some(prepared.clone()));
    Ok(prepared)
}
