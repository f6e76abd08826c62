use std::net::SocketAddr;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream as Socket;

use super::*;
use crate::http::answer;

async fn stream(count: web::Path<u32>) -> HttpResponse {
    let count = count.into_inner();
    let pieces = stream::unfold(0, move |sent| async move {
        rt::time::sleep(Duration::from_millis(50)).await;
        (sent < count).then(|| (Ok::<_, std::io::Error>(Bytes::from_static(b"piece")), sent + 1))
    });
    HttpResponse::Ok().streaming(Box::pin(pieces))
}

async fn limited(count: web::Path<u32>) -> HttpResponse {
    let mut answer = stream(count).await;
    answer.extensions_mut().insert(AtMost(Duration::from_millis(500)));
    answer
}

fn serve(connections: &Connections) -> SocketAddr {
    let noting = connections.clone();
    let server = HttpServer::new(|| {
        App::new()
            .wrap(from_fn(answer::answer))
            .route("/stream/{count}", web::get().to(stream))
            .route("/limited/{count}", web::get().to(limited))
            .route("/healthz", web::get().to(HttpResponse::Ok))
            .route("/", web::get().to(HttpResponse::Ok))
    })
    .workers(1)
    .keep_alive(Duration::from_secs(30))
    .on_connect(move |io, data| noting.note(io, data))
    .bind("127.0.0.1:0")
    .expect("a free port");
    let address = server.addrs()[0];
    rt::spawn(server.run());
    rt::spawn(connections.clone().watch());
    address
}

/// What comes until the connection is closed, and how long that took.
async fn spoken(address: SocketAddr, first: &str, drip: bool) -> (String, Duration) {
    let (mut socket, started) = (Socket::connect(address).await.expect("a connection"), Instant::now());
    socket.write_all(first.as_bytes()).await.expect("sent");
    let (mut reading, mut writing) = socket.into_split();
    let dripping = rt::spawn(async move {
        while drip && writing.write_all(b"G").await.is_ok() {
            rt::time::sleep(Duration::from_millis(100)).await;
        }
        rt::time::sleep(Duration::from_secs(60)).await;
    });
    let mut all = Vec::new();
    let _ = reading.read_to_end(&mut all).await;
    dripping.abort();
    (String::from_utf8_lossy(&all).into_owned(), started.elapsed())
}

#[actix_web::test]
async fn a_second_request_that_comes_byte_by_byte_is_not_waited_for_and_a_stream_is() {
    let connections = Connections::with_patience(10, Duration::from_millis(800));
    let address = serve(&connections);
    let dripped = spoken(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", true);
    let streamed = spoken(address, "GET /stream/40 HTTP/1.1\r\nHost: x\r\n\r\n", false);
    let (dripped, streamed) = futures_util::future::join(dripped, streamed).await;
    assert!(dripped.0.starts_with("HTTP/1.1 200") && dripped.1 < Duration::from_secs(10), "{dripped:?}");
    assert_eq!(streamed.0.matches("piece").count(), 40, "to its end: {streamed:?}");
    assert!(streamed.1 >= Duration::from_secs(2));
    let deadline = Instant::now() + Duration::from_secs(10);
    while connections.count() > 0 {
        assert!(Instant::now() < deadline, "{} are still noted", connections.count());
        rt::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn a_stream_that_has_had_its_time_is_broken_off_and_a_short_one_leaves_the_connection_alone() {
    let address = serve(&Connections::with_patience(10, Duration::from_millis(800)));
    let (limited, took) = spoken(address, "GET /limited/40 HTTP/1.1\r\nHost: x\r\n\r\n", false).await;
    let pieces = limited.matches("piece").count();
    assert!((1..40).contains(&pieces) && took < Duration::from_secs(2), "{pieces} in {took:?}");
    assert!(!limited.ends_with("0\r\n\r\n"), "it does not pass for whole: {limited:?}");
    let both = "GET /limited/4 HTTP/1.1\r\nHost: x\r\n\r\nGET /stream/30 HTTP/1.1\r\nHost: x\r\n\r\n";
    let (both, _) = spoken(address, both, false).await;
    assert_eq!(both.matches("piece").count(), 4 + 30, "to their ends: {both:?}");
}

#[actix_web::test]
async fn one_connection_too_many_is_told_so_and_closed_but_not_for_who_watches() {
    let connections = Connections::with_patience(1, PATIENCE);
    let address = serve(&connections);
    let mut first = Socket::connect(address).await.expect("a connection");
    let mut answer = [0; 12];
    for _ in 0..3 {
        first.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sent");
        first.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 200");
        let mut rest = [0; 4_096];
        let _ = first.read(&mut rest).await.expect("the rest");
    }
    let (second, took) = spoken(address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", false).await;
    let second = second.to_lowercase();
    assert!(second.starts_with("http/1.1 503") && second.contains("retry-after: "), "{second}");
    assert!(second.contains("connection: close") && second.contains("problem+json"), "{second}");
    assert!(took < Duration::from_secs(10), "closed at once: {took:?}");
    let (watching, _) = spoken(address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", false).await;
    assert!(watching.starts_with("HTTP/1.1 200"), "{watching}");
}

#[actix_web::test]
async fn who_says_nothing_makes_room_when_all_places_are_taken() {
    let connections = Connections::with_patience(2, PATIENCE);
    let address = serve(&connections);
    let mut silent = Vec::new();
    while silent.len() < 2 {
        silent.push(Socket::connect(address).await.expect("a connection"));
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    // Refused as long as they are there, and then served.
    while !spoken(address, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false)
        .await
        .0
        .contains(" 200 ")
    {
        assert!(Instant::now() < deadline, "they have their places for ever");
        rt::time::sleep(Duration::from_millis(100)).await;
    }
    for mut silent in silent {
        assert_eq!(silent.read(&mut [0; 16]).await.unwrap_or(0), 0, "it was closed");
    }
}
