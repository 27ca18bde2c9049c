//! Sends single requests to one server, over connections that are kept.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;

use super::connection::Connection;
use super::connector::Connector;
use super::http_error::HttpError;
use super::instant::Instant;
use super::pool::Pool;

/// A client of one server that spawns nothing.
pub(super) struct HttpClient {
    connector: Connector,
    pool: Pool<Connection>,
    response_limit: Duration,
}

impl HttpClient {
    pub(super) fn new(connector: Connector, response_limit: Duration) -> Self {
        Self { connector, pool: Pool::new(), response_limit }
    }

    /// Sends a request and reads the response.
    ///
    /// A server may close an idle connection at any time, also while a request is on its way. So a request that fails
    /// on a kept connection before there is a response is sent once more, on a new connection, unless the server may
    /// have carried it out and it is not idempotent.
    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        is_idempotent: bool,
    ) -> Result<Response<Bytes>, HttpError> {
        if let Some(connection) = self.kept_connection().await {
            match self.exchange(connection, request.clone()).await {
                Err(HttpError::NotSent(_)) => {}
                Err(HttpError::NoResponse(_)) if is_idempotent => {}
                outcome => return outcome,
            }
        }
        let connection = self.connector.connect().await?;
        self.exchange(connection, request).await
    }

    async fn kept_connection(&self) -> Option<Connection> {
        while let Some(mut connection) = self.pool.take(Instant::now()) {
            if connection.is_ready().await {
                return Some(connection);
            }
        }
        None
    }

    async fn exchange(
        &self,
        mut connection: Connection,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, HttpError> {
        let response = connection.exchange(request, self.response_limit).await?;
        if connection.is_ready().await {
            self.pool.put(connection, Instant::now());
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::header::HOST;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::lambda_api::endpoint::Endpoint;
    use crate::lambda_api::tls::Tls;

    const LIMIT: Duration = Duration::from_secs(50);

    fn request() -> Request<Full<Bytes>> {
        Request::post("/").header(HOST, "localhost").body(Full::default()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_not_idempotent_survives_a_connection_that_was_closed_while_it_was_idle() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            // Each connection carries one request, and is closed without an announcement.
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                assert_ne!(stream.read(&mut [0; 1_000]).await.unwrap(), 0);
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
            }
        });
        let connector = Connector::new(Endpoint::parse(&url).unwrap(), Arc::new(Tls::new(None)), LIMIT);
        let http = HttpClient::new(connector, LIMIT);

        http.send(request(), false).await.unwrap();
        // The runtime notices the end of the connection.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let response = http.send(request(), false).await.unwrap();

        assert_eq!(response.status(), 200);
    }
}
