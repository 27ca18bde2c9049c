//! Opens connections to one server.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::address_race::connect_first;
use super::connection::Connection;
use super::endpoint::Endpoint;
use super::http_error::HttpError;
use super::stream::Stream;
use super::tls::Tls;

/// Opens connections to the server of an endpoint.
pub(super) struct Connector {
    endpoint: Endpoint,
    tls: Arc<Tls>,
    limit: Duration,
    keepalive: Option<Keepalive>,
}

/// How a connection that waits for a long time is kept open, and how its loss is noticed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keepalive {
    /// The time between two probes.
    interval: Duration,
    /// The time without an acknowledgement after which the connection is given up.
    limit: Duration,
}

impl Keepalive {
    /// NAT gateways of AWS forget connections that are idle for 350 seconds. Several probes in a row may be lost.
    pub(super) const DEFAULT: Self =
        Self { interval: Duration::from_secs(30), limit: Duration::from_secs(120) };
}

impl Connector {
    pub(super) fn new(endpoint: Endpoint, tls: Arc<Tls>, limit: Duration) -> Self {
        Self { endpoint, tls, limit, keepalive: None }
    }

    /// Probes connections while they wait for a response.
    pub(super) fn with_keepalive(self, keepalive: Keepalive) -> Self {
        Self { keepalive: Some(keepalive), ..self }
    }

    pub(super) async fn connect(&self) -> Result<Connection, HttpError> {
        let timed_out = |_| HttpError::ConnectTimeout { host: self.endpoint.host.clone(), limit: self.limit };
        timeout(self.limit, self.open()).await.map_err(timed_out)?
    }

    async fn open(&self) -> Result<Connection, HttpError> {
        let Endpoint { host, port, is_https, .. } = &self.endpoint;
        let failed = |source| HttpError::Connect { host: host.clone(), source };
        let stream = self.stream(host, *port).await.map_err(failed)?;
        let stream = if *is_https {
            Stream::Tls(Box::new(self.tls.connect(host, stream).await?))
        } else {
            Stream::Plain(stream)
        };
        Connection::new(stream).await
    }

    async fn stream(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        let addresses: Vec<_> = lookup_host((host, port)).await?.collect();
        let stream = connect_first(&addresses, self.limit, TcpStream::connect::<SocketAddr>).await?;
        stream.set_nodelay(true)?;
        #[cfg(target_os = "linux")]
        match self.keepalive {
            None => fail_if_unacknowledged(&stream, self.limit),
            Some(keepalive) => {
                fail_if_unacknowledged(&stream, keepalive.limit);
                keep_alive(&stream, keepalive.interval);
            }
        }
        Ok(stream)
    }
}

/// Makes a connection fail if its peer acknowledges nothing for this long.
///
/// While the sandbox is frozen, peers and NAT gateways forget its connections without a word, and packets of the next
/// request may be lost in silence. If the clocks show nothing of the freeze, only missing acknowledgements do.
#[cfg(target_os = "linux")]
fn fail_if_unacknowledged(stream: &TcpStream, limit: Duration) {
    // Without this option, as in sandboxes that emulate Linux, the time limit of the response applies.
    let _ = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(limit));
}

/// Probes an idle connection, so that NAT gateways remember it and the loss of its peer is noticed.
#[cfg(target_os = "linux")]
fn keep_alive(stream: &TcpStream, interval: Duration) {
    let keepalive = socket2::TcpKeepalive::new().with_time(interval).with_interval(interval);
    let _ = socket2::SockRef::from(stream).set_tcp_keepalive(&keepalive);
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::lambda_api::tls::Tls;

    const LIMIT: Duration = Duration::from_secs(5);

    /// A socket that the connector has configured.
    async fn configured(configure: impl Fn(Connector) -> Connector) -> TcpStream {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = Endpoint::parse(&format!("http://localhost:{port}")).unwrap();
        let connector = configure(Connector::new(endpoint, Arc::new(Tls::new(None)), LIMIT));
        connector.stream("localhost", port).await.unwrap()
    }

    #[tokio::test]
    async fn a_peer_that_acknowledges_nothing_is_given_up_after_the_limit_of_a_connection() {
        let stream = configured(|connector| connector).await;

        let socket = socket2::SockRef::from(&stream);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(LIMIT));
        assert!(socket.tcp_nodelay().unwrap());
        assert!(!socket.keepalive().unwrap());
    }

    #[tokio::test]
    async fn a_connection_that_waits_for_an_execution_is_probed_and_survives_lost_probes() {
        let Keepalive { interval, limit } = Keepalive::DEFAULT;

        let stream = configured(|connector| connector.with_keepalive(Keepalive::DEFAULT)).await;

        let socket = socket2::SockRef::from(&stream);
        assert!(socket.keepalive().unwrap());
        assert_eq!(socket.tcp_keepalive_time().unwrap(), interval);
        assert_eq!(socket.tcp_keepalive_interval().unwrap(), interval);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(limit));
        assert!(limit > interval * 3);
    }
}
