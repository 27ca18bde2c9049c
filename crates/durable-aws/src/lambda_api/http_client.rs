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
pub(crate) struct HttpClient {
    connector: Connector,
    pool: Pool<Connection>,
    response_limit: Duration,
}

impl HttpClient {
    pub(crate) fn new(connector: Connector, response_limit: Duration) -> Self {
        Self { connector, pool: Pool::new(), response_limit }
    }

    /// Sends a request that may be sent twice, and reads the response.
    ///
    /// A server may close an idle connection at any time, also while a request is on its way. So a request that fails
    /// on a kept connection before there is a response is sent once more, on a new connection.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Bytes>, HttpError> {
        if let Some(connection) = self.kept_connection().await {
            match self.exchange(connection, request.clone()).await {
                Err(HttpError::NoResponse(_)) => {}
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
