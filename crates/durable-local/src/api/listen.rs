//! Takes connections, and ends those of clients that keep it waiting.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// Bytes of the head of a request at most, its path and its headers.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// Headers of a request at most.
const MAX_HEADERS: usize = 100;

/// Answers requests until `stop` is over and those under way are answered.
///
/// A connection is closed when the head of its next request does not come within `patience`.
pub(super) async fn listen<L>(
    mut listener: L,
    router: Router,
    patience: Duration,
    stop: impl Future<Output = ()>,
) where
    L: Listener,
{
    let mut stop = pin!(stop);
    let (stopping, stopped) = watch::channel(());
    loop {
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(converse(stream, service, patience, stopped.clone()));
    }
    drop(stopped);
    // Nobody listens if there is no connection.
    let _ = stopping.send(());
    stopping.closed().await;
}

/// Answers the requests of one connection.
async fn converse<I, S>(stream: I, service: S, patience: Duration, mut stopped: watch::Receiver<()>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response<axum::body::Body>, Error = Infallible>,
{
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience);
    builder.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    /// Serves an answer to everything, until told to stop.
    async fn serve(patience: Duration) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or_default() };
        let router = Router::new().fallback(async || "answer");
        (address, stop, tokio::spawn(listen(listener, router, patience, stopped)))
    }

    /// What comes of a request until the connection is closed.
    async fn answer(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A connection that is closed before all of a request is read may be reset.
        let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        let _ = read.expect("the connection is closed");
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn a_client_that_does_not_finish_its_headers_is_left() {
        let (address, _stop, _server) = serve(Duration::from_millis(50)).await;

        for request in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\nX: y"] {
            assert!(!answer(address, request).await.contains("200 OK"), "{request}");
        }
    }

    #[tokio::test]
    async fn headers_that_are_too_large_or_too_many_are_refused() {
        let (address, _stop, _server) = serve(Duration::from_secs(20)).await;
        let large = format!("X: {}\r\n", "x".repeat(2 * MAX_HEAD_BYTES));
        let many = "X: y\r\n".repeat(MAX_HEADERS + 1);

        for headers in [large, many] {
            let answer = answer(address, &format!("GET / HTTP/1.1\r\n{headers}\r\n")).await;

            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
        }
    }

    #[tokio::test]
    async fn it_stops_though_connections_are_open() {
        let (address, stop, server) = serve(Duration::from_secs(600)).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        idle.read_exact(&mut answer).await.unwrap();

        stop.send(()).unwrap();

        assert_eq!(answer, *b"HTTP/1.1 200");
        timeout(Duration::from_secs(20), server).await.unwrap().unwrap();
    }
}
