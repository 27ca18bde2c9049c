//! Opens connections to one server.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::http_error::HttpError;
use super::stream::Stream;
use super::tls::Tls;

/// Opens connections to the server of an endpoint.
pub(super) struct Connector {
    endpoint: Endpoint,
    tls: Tls,
    limit: Duration,
}

impl Connector {
    pub(super) fn new(endpoint: Endpoint, tls: Tls, limit: Duration) -> Self {
        Self { endpoint, tls, limit }
    }

    pub(super) async fn connect(&self) -> Result<Connection, HttpError> {
        let timed_out = |_| HttpError::ConnectTimeout { host: self.endpoint.host.clone(), limit: self.limit };
        timeout(self.limit, self.open()).await.map_err(timed_out)?
    }

    async fn open(&self) -> Result<Connection, HttpError> {
        let Endpoint { host, port, is_https, .. } = &self.endpoint;
        let failed = |source| HttpError::Connect { host: host.clone(), source };
        let stream = TcpStream::connect((host.as_str(), *port)).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let stream = if *is_https {
            Stream::Tls(Box::new(self.tls.connect(host, stream).await?))
        } else {
            Stream::Plain(stream)
        };
        Connection::new(stream).await
    }
}
