//! Opens connections to one server.

use std::io;
use std::net::SocketAddr;
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
pub(crate) struct Connector {
    endpoint: Endpoint,
    tls: Tls,
    limit: Duration,
}

impl Connector {
    pub(crate) fn new(endpoint: Endpoint, tls: Tls, limit: Duration) -> Self {
        Self { endpoint, tls, limit }
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
        fail_if_unacknowledged(&stream, self.limit);
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

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::lambda_api::tls::Tls;

    #[tokio::test]
    async fn a_peer_that_acknowledges_nothing_is_given_up_after_the_limit_of_a_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = Endpoint::parse(&format!("http://localhost:{port}")).unwrap();
        let limit = Duration::from_secs(5);

        let stream = Connector::new(endpoint, Tls::new(None), limit).stream("localhost", port).await.unwrap();

        let socket = socket2::SockRef::from(&stream);
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(limit));
        assert!(socket.tcp_nodelay().unwrap());
    }
}
