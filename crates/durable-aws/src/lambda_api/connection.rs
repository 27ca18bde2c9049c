//! A connection that is driven by its requests.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::http_error::HttpError;
use super::stream::Stream;

/// The size up to which responses are read. Those of the service have at most a few megabytes.
const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;

/// An HTTP/1.1 connection without a task of its own: whoever waits for a response polls it.
///
/// # Invariants
/// - The driver is dropped once it is ready, which fails a pending request.
/// - It is used for one request at a time, and dropped if that request fails or is dropped.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Option<http1::Connection<TokioIo<Stream>, Full<Bytes>>>,
}

impl Connection {
    pub(super) async fn new(stream: Stream) -> Result<Self, HttpError> {
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(HttpError::NotSent)?;
        Ok(Self { sender, driver: Some(driver) })
    }

    /// Returns whether the connection can carry another request, unless its peer is closing it right now.
    pub(super) async fn is_ready(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(self.driver.is_some() && self.sender.is_ready())
        })
        .await
    }

    /// Sends a request and reads the response. The time limit holds for its head, and again for its body.
    pub(super) async fn exchange(
        &mut self,
        request: Request<Full<Bytes>>,
        limit: Duration,
    ) -> Result<Response<Bytes>, HttpError> {
        let head = timeout(limit, self.head(request)).await;
        let (head, body) = head.map_err(|_| HttpError::ResponseTimeout(limit))??.into_parts();
        let body = timeout(limit, self.body(body)).await;
        let body = body.map_err(|_| HttpError::IncompleteResponseTimeout(limit))??;
        Ok(Response::from_parts(head, body))
    }

    async fn head(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, HttpError> {
        let mut response = pin!(self.sender.try_send_request(request));
        let response = poll_fn(|cx| {
            self.drive(cx);
            response.as_mut().poll(cx)
        });
        response.await.map_err(|mut error| match error.take_message() {
            Some(_) => HttpError::NotSent(error.into_error()),
            None => HttpError::NoResponse(error.into_error()),
        })
    }

    async fn body(&mut self, mut body: Incoming) -> Result<Bytes, HttpError> {
        let mut whole = WholeBody::default();
        poll_fn(|cx| {
            self.drive(cx);
            loop {
                match Pin::new(&mut body).poll_frame(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(None) => return Poll::Ready(Ok(())),
                    Poll::Ready(Some(Err(error))) => {
                        return Poll::Ready(Err(HttpError::IncompleteResponse(error)));
                    }
                    Poll::Ready(Some(Ok(frame))) => {
                        // Trailers are ignored.
                        if let Err(error) = frame.into_data().map_or(Ok(()), |data| whole.push(data)) {
                            return Poll::Ready(Err(error));
                        }
                        self.drive(cx);
                    }
                }
            }
        })
        .await?;
        Ok(whole.into_bytes())
    }

    /// Polls the connection. Its errors reach the pending request.
    fn drive(&mut self, cx: &mut Context<'_>) {
        let driven = self.driver.as_mut().map(|driver| Pin::new(driver).poll(cx));
        if driven.is_some_and(|driven| driven.is_ready()) {
            self.driver = None;
        }
    }
}

/// Collects a body, without a copy if it arrives in one piece.
#[derive(Default)]
struct WholeBody {
    first: Bytes,
    all: BytesMut,
}

impl WholeBody {
    fn push(&mut self, data: Bytes) -> Result<(), HttpError> {
        let length = self.first.len().max(self.all.len()).saturating_add(data.len());
        if length > MAX_RESPONSE_BYTES {
            return Err(HttpError::ResponseTooLarge(MAX_RESPONSE_BYTES));
        }
        if self.first.is_empty() && self.all.is_empty() {
            self.first = data;
            return Ok(());
        }
        self.all.put(std::mem::take(&mut self.first));
        self.all.put(data);
        Ok(())
    }

    fn into_bytes(self) -> Bytes {
        if self.all.has_remaining() { self.all.freeze() } else { self.first }
    }
}

#[cfg(test)]
mod tests {
    use http::header::HOST;
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_request_on_a_connection_that_was_closed_in_the_meantime_fails_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (peer, _) = listener.accept().await.unwrap();
        let mut connection = Connection::new(Stream::Plain(stream)).await.unwrap();
        assert!(connection.is_ready().await);
        drop(peer);
        // The runtime notices the end of the stream, and the connection does not.
        tokio::time::sleep(Duration::from_secs(1)).await;

        let request = Request::get("/").header(HOST, "localhost").body(Full::default()).unwrap();
        let error = connection.exchange(request, Duration::from_secs(50)).await.unwrap_err();

        assert!(matches!(error, HttpError::NotSent(_)), "{error:?}");
    }
}
