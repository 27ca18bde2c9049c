//! Accepts connections, and closes those of slow clients.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::IntoResponse;
use axum::serve::Listener;
use durable_host::clock::{UNUSABLE, while_usable};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::timeout;
use tokio_io_timeout::TimeoutWriter;

use super::connection_metrics::ConnectionMetrics;
use super::connections::{Connection, Connections};
use super::error::ApiError;
use super::observed_stream::ObservedStream;

/// The maximum number of bytes of a request's path and headers.
const MAX_HEAD_BYTES: usize = 64 * 1024;
/// The maximum number of headers of a request.
const MAX_HEADERS: usize = 100;
/// How long an idle connection may take to close when a new one has replaced it.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);
/// The number of connections that are rejected at the same time. Those beyond it are closed without a response.
const MAX_REJECTIONS: usize = 64;
/// How long to wait for a request whose content is ignored.
const IGNORED_REQUEST_PATIENCE: Duration = Duration::from_secs(1);

/// The limits on clients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long a client may take to send the head of the next request, and how long it may read nothing of a response.
    pub(super) patience: Duration,
    /// The number of connections that may be open.
    pub(super) connections: usize,
    /// Returns whether the system clock is usable; otherwise hyper panics.
    pub(super) is_clock_usable: fn() -> bool,
}

/// Answers requests until `stop` completes and the requests in progress are answered.
///
/// A connection is closed when its client is slower than the limits allow, regardless of how long a response takes to be
/// ready. A connection beyond the limit replaces the one that has been idle for the longest time, and is rejected with
/// 429 if none is idle.
pub(super) async fn listen<L>(
    mut listener: L,
    router: Router,
    limits: Limits,
    metrics: ConnectionMetrics,
    stop: impl Future<Output = ()>,
) where
    L: Listener,
{
    let mut stop = pin!(stop);
    let (stopping, stopped) = watch::channel(());
    let connections = Arc::new(Connections::new(limits.connections, metrics));
    let rejections = Arc::new(Semaphore::new(MAX_REJECTIONS));
    loop {
        let (stream, _) = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = Box::pin(with_write_timeout(stream, limits.patience));
        if !(limits.is_clock_usable)() {
            if let Ok(permit) = Arc::clone(&rejections).try_acquire_owned() {
                tokio::spawn(report_clock(stream, permit));
            }
        } else if let Some(connection) = connections.open() {
            let stream = ObservedStream::new(stream, connection.activity());
            let conversation = converse(stream, router.clone(), limits.patience, stopped.clone(), connection);
            tokio::spawn(while_usable(limits.is_clock_usable, conversation));
        } else if let Ok(permit) = Arc::clone(&rejections).try_acquire_owned() {
            tokio::spawn(while_usable(limits.is_clock_usable, reject(stream, limits, permit)));
        }
    }
    drop(stopped);
    // This fails if there is no connection.
    let _ = stopping.send(());
    stopping.closed().await;
}

/// Answers the requests of one connection.
async fn converse<I>(
    stream: I,
    router: Router,
    patience: Duration,
    mut stopped: watch::Receiver<()>,
    connection: Connection,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = TowerToHyperService::new(router);
    let service = service_fn(|request: Request<Incoming>| {
        let in_progress = connection.begin_request();
        let responding = router.call(request);
        async move {
            let _in_progress = in_progress;
            responding.await
        }
    });
    let mut conversation = pin!(protocol(patience).serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        _ = stopped.changed() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
        () = connection.replaced() => {
            conversation.as_mut().graceful_shutdown();
            close(conversation, &connection).await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// Closes a connection that a new one has replaced. A partial head does not keep it open, but a request that has just
/// arrived is answered.
async fn close<T>(
    mut conversation: Pin<&mut impl Future<Output = hyper::Result<T>>>,
    connection: &Connection,
) -> hyper::Result<()> {
    loop {
        match timeout(CLOSE_PATIENCE, conversation.as_mut()).await {
            Ok(ended) => return ended.map(drop),
            Err(_) if connection.is_idle() => return Ok(()),
            Err(_) => {}
        }
    }
}

/// Rejects a connection because there are too many.
async fn reject<I>(stream: I, limits: Limits, _permit: OwnedSemaphorePermit)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let rejection = service_fn(async |_: Request<Incoming>| {
        let message = format!(
            "all {} connections of this service have requests in progress; retry when some have ended, or restart it with a larger hard limit on open files (`ulimit -Hn`)",
            limits.connections
        );
        let error = ApiError::TooMany { reason: "CallerRateLimitExceeded", message };
        Ok::<_, Infallible>(error.into_response())
    });
    let mut protocol = protocol(limits.patience);
    if let Err(error) = protocol.keep_alive(false).serve_connection(TokioIo::new(stream), rejection).await {
        tracing::debug!(%error, "a rejected connection ended early");
    }
}

/// Responds, without hyper, that the system clock is out of range.
async fn report_clock<I>(mut stream: I, _permit: OwnedSemaphorePermit)
where
    I: AsyncRead + AsyncWrite + Unpin,
{
    let body = serde_json::json!({ "Type": "Service", "Message": UNUSABLE }).to_string();
    let response = format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         x-amzn-errortype: ServiceException\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    // A connection that is closed before its request was read may be reset, which loses the response. Errors are ignored,
    // because the client is gone then.
    let mut request = vec![0; MAX_HEAD_BYTES];
    let _ = timeout(IGNORED_REQUEST_PATIENCE, stream.read(&mut request)).await;
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.shutdown().await;
    let _ = timeout(IGNORED_REQUEST_PATIENCE, stream.read(&mut request)).await;
}

/// Returns a connection that fails when the client reads nothing of a response for too long. Time counts only while
/// bytes are waiting to be sent.
fn with_write_timeout<I: AsyncWrite>(stream: I, patience: Duration) -> TimeoutWriter<I> {
    let mut stream = TimeoutWriter::new(stream);
    stream.set_timeout(Some(patience));
    stream
}

fn protocol(patience: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(patience);
    builder.max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    builder
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;
    use tokio::time::sleep;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);
    const LARGE: usize = 64 * 1024 * 1024;

    /// Serves a response to every request, until `stop` is sent.
    async fn serve(patience: Duration) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        serve_with(Limits { patience, connections: 100, is_clock_usable: || true }).await
    }

    async fn serve_with(limits: Limits) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let stopped = async { stopped.await.unwrap_or_default() };
        let slow = async move || {
            sleep(limits.patience * 4).await;
            "late"
        };
        let router = Router::new().fallback(async || "response");
        let router = router.route("/large", get(async || vec![b'x'; LARGE])).route("/slow", get(slow));
        (address, stop, tokio::spawn(listen(listener, router, limits, ConnectionMetrics::default(), stopped)))
    }

    async fn connect(address: SocketAddr, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// Returns everything received after a request until the connection is closed.
    async fn response(address: SocketAddr, request: &str) -> String {
        let mut stream = connect(address, request).await;
        let mut response = Vec::new();
        // A connection that is closed before all of a request is read may be reset.
        let read = timeout(PATIENCE, stream.read_to_end(&mut response)).await;
        let _ = read.expect("the connection is closed");
        String::from_utf8(response).unwrap()
    }

    #[tokio::test]
    async fn a_connection_whose_client_does_not_finish_its_headers_is_closed() {
        let (address, _stop, _server) = serve(Duration::from_millis(50)).await;

        for request in ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\nX: y"] {
            assert!(!response(address, request).await.contains("200 OK"), "{request}");
        }
    }

    #[tokio::test]
    async fn headers_that_are_too_large_or_too_many_are_rejected() {
        let (address, _stop, _server) = serve(PATIENCE).await;
        let large = format!("X: {}\r\n", "x".repeat(2 * MAX_HEAD_BYTES));
        let many = "X: y\r\n".repeat(MAX_HEADERS + 1);

        for headers in [large, many] {
            let response = response(address, &format!("GET / HTTP/1.1\r\n{headers}\r\n")).await;

            assert!(response.is_empty() || response.starts_with("HTTP/1.1 431"), "{response}");
        }
    }

    #[tokio::test]
    async fn it_stops_while_connections_are_open() {
        let (address, stop, server) = serve(Duration::from_secs(600)).await;
        let mut idle = TcpStream::connect(address).await.unwrap();
        idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        let mut response = [0; 12];
        idle.read_exact(&mut response).await.unwrap();

        stop.send(()).unwrap();

        assert_eq!(response, *b"HTTP/1.1 200");
        timeout(PATIENCE, server).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_connection_whose_client_reads_nothing_of_a_response_is_closed() {
        let (address, stop, server) = serve(Duration::from_millis(50)).await;
        let mut silent = connect(address, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await;
        silent.read_exact(&mut [0; 12]).await.unwrap();

        stop.send(()).unwrap();

        // The server ends when no connection is open.
        timeout(PATIENCE, server).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_client_that_reads_a_large_response_slowly_receives_all_of_it() {
        let (address, _stop, _server) = serve(Duration::from_millis(500)).await;
        let mut stream =
            connect(address, "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
        let mut response = Vec::new();

        for _ in 0..8 {
            sleep(Duration::from_millis(100)).await;
            let mut part = vec![0; LARGE / 8];
            stream.read_exact(&mut part).await.unwrap();
            response.extend(part);
        }
        stream.read_to_end(&mut response).await.unwrap();

        assert!(response.len() > LARGE, "{}", response.len());
    }

    #[tokio::test]
    async fn a_response_may_take_longer_than_a_request() {
        let (address, _stop, _server) = serve(Duration::from_millis(50)).await;

        let response = response(address, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;

        assert!(response.ends_with("late"), "{response}");
    }

    #[tokio::test]
    async fn a_clock_out_of_range_is_reported() {
        let limits = Limits { patience: PATIENCE, connections: 1, is_clock_usable: || false };
        let (address, _stop, _server) = serve_with(limits).await;

        let response = response(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;

        assert!(response.starts_with("HTTP/1.1 503") && response.contains(UNUSABLE), "{response}");
    }

    #[tokio::test]
    async fn a_connection_beyond_the_limit_is_rejected_while_all_others_are_in_use() {
        let patience = Duration::from_millis(250);
        let (address, _stop, _server) =
            serve_with(Limits { patience, connections: 1, is_clock_usable: || true }).await;
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let first = connect(address, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let rejected = async {
            loop {
                let response = response(address, request).await;
                // Until the server has read the first request, its connection is idle.
                if !response.contains("200 OK") {
                    break response;
                }
            }
        };

        let rejected = timeout(PATIENCE, rejected).await.unwrap();
        drop(first);

        assert!(rejected.starts_with("HTTP/1.1 429"), "{rejected}");
        assert!(rejected.contains("x-amzn-errortype: TooManyRequestsException"), "{rejected}");
        assert!(rejected.contains("retry-after: 1"), "{rejected}");
        assert!(rejected.contains("connection: close"), "{rejected}");
        let admitted = async { while !response(address, request).await.contains("200 OK") {} };
        timeout(PATIENCE, admitted).await.unwrap();
    }

    #[tokio::test]
    async fn a_connection_beyond_the_limit_closes_one_without_a_request() {
        let (address, _stop, _server) =
            serve_with(Limits { patience: PATIENCE * 10, connections: 1, is_clock_usable: || true }).await;
        let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let complete = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

        for begun in ["", "GET / HT", complete] {
            let mut idle = connect(address, begun).await;
            if begun == complete {
                idle.read_exact(&mut [0; 12]).await.unwrap();
            }

            // A connection may have a request waiting until the server has read from it.
            let admitted = async { while !response(address, request).await.contains("200 OK") {} };
            timeout(PATIENCE, admitted).await.unwrap();

            // A connection with unread bytes is reset when it is closed.
            let _ = timeout(PATIENCE, idle.read_to_end(&mut Vec::new())).await.expect("it is closed");
        }
    }

    #[tokio::test]
    async fn a_connection_beyond_the_limit_does_not_cut_off_a_response() {
        let (address, _stop, _server) =
            serve_with(Limits { patience: PATIENCE, connections: 1, is_clock_usable: || true }).await;
        let mut slow = connect(address, "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
        slow.read_exact(&mut [0; 12]).await.unwrap();

        let rejected = response(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
        let mut response = Vec::new();
        slow.read_to_end(&mut response).await.unwrap();

        assert!(rejected.starts_with("HTTP/1.1 429"), "{rejected}");
        assert!(response.len() > LARGE, "{}", response.len());
    }
}
