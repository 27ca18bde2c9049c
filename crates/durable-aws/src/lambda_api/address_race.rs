//! Connects to the first of several addresses that answers.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

/// How long the preferred address family has the network to itself, as in RFC 8305.
const HEAD_START: Duration = Duration::from_millis(250);

/// Connects to one of a host's addresses, by "happy eyeballs": a family of addresses whose packets are lost delays the
/// connection by the head start, and a single address uses up only its share of the time limit.
pub(super) async fn connect_first<C, F>(
    addresses: &[SocketAddr],
    limit: Duration,
    connect: fn(SocketAddr) -> F,
) -> io::Result<C>
where
    F: Future<Output = io::Result<C>>,
{
    let is_preferred =
        |address: &SocketAddr| addresses.first().is_some_and(|first| first.is_ipv6() == address.is_ipv6());
    let (preferred, others): (Vec<_>, Vec<_>) = addresses.iter().copied().partition(is_preferred);
    let mut preferred = pin!(connect_in_order(&preferred, limit, connect));
    let mut others = pin!(connect_in_order(&others, limit.saturating_sub(HEAD_START), connect));
    match timeout(HEAD_START, preferred.as_mut()).await {
        Ok(Ok(connection)) => return Ok(connection),
        Ok(Err(error)) => return others.await.map_err(|_| error),
        Err(_) => {}
    }
    tokio::select! {
        outcome = preferred.as_mut() => match outcome {
            Ok(connection) => Ok(connection),
            Err(_) => others.await,
        },
        outcome = others.as_mut() => match outcome {
            Ok(connection) => Ok(connection),
            Err(_) => preferred.await,
        },
    }
}

async fn connect_in_order<C, F>(
    addresses: &[SocketAddr],
    limit: Duration,
    connect: fn(SocketAddr) -> F,
) -> io::Result<C>
where
    F: Future<Output = io::Result<C>>,
{
    let share = u32::try_from(addresses.len()).ok().and_then(|count| limit.checked_div(count));
    let mut error = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in addresses {
        match timeout(share.unwrap_or(limit), connect(*address)).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(refused)) => error = refused,
            Err(elapsed) => error = elapsed.into(),
        }
    }
    Err(error)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::Instant;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    /// Addresses that answer at once, that refuse, and whose packets are lost, by their last digit.
    async fn connect(address: SocketAddr) -> io::Result<SocketAddr> {
        let text = address.ip().to_string();
        match text.as_bytes().last() {
            Some(b'1') => Ok(address),
            Some(b'2') => Err(io::ErrorKind::ConnectionRefused.into()),
            _ => pending().await,
        }
    }

    async fn connected(addresses: &[&str]) -> (Result<String, io::ErrorKind>, Duration) {
        let addresses: Vec<SocketAddr> =
            addresses.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 443)).collect();
        let start = Instant::now();
        let outcome = connect_first(&addresses, LIMIT, connect).await;
        (outcome.map(|address| address.ip().to_string()).map_err(|error| error.kind()), start.elapsed())
    }

    fn ok(ip: &str) -> Result<String, io::ErrorKind> {
        Ok(ip.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_address_that_answers_is_used() {
        assert_eq!(connected(&["::1", "10.0.0.1"]).await, (ok("::1"), Duration::ZERO));
        assert_eq!(connected(&["10.0.0.2", "10.0.1.1"]).await, (ok("10.0.1.1"), Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn a_family_that_loses_packets_delays_the_other_by_its_head_start() {
        assert_eq!(connected(&["::3", "::4", "10.0.0.1"]).await, (ok("10.0.0.1"), HEAD_START));
        assert_eq!(connected(&["10.0.0.3", "::1"]).await, (ok("::1"), HEAD_START));
    }

    #[tokio::test(start_paused = true)]
    async fn a_family_that_is_refused_delays_nothing() {
        assert_eq!(connected(&["::2", "10.0.0.1"]).await, (ok("10.0.0.1"), Duration::ZERO));
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_of_one_family_share_the_limit() {
        assert_eq!(connected(&["10.0.0.3", "10.0.0.1"]).await, (ok("10.0.0.1"), LIMIT / 2));
        assert_eq!(connected(&["10.0.0.3", "::2", "10.0.0.1"]).await, (ok("10.0.0.1"), LIMIT / 2));
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_that_all_fail_are_an_error() {
        assert_eq!(connected(&["::3", "10.0.0.3"]).await, (Err(io::ErrorKind::TimedOut), LIMIT));
        assert_eq!(connected(&["::2", "10.0.0.2"]).await.0, Err(io::ErrorKind::ConnectionRefused));
        assert_eq!(connected(&["10.0.0.2"]).await.0, Err(io::ErrorKind::ConnectionRefused));
        assert_eq!(connected(&[]).await.0, Err(io::ErrorKind::NotFound));
    }
}
