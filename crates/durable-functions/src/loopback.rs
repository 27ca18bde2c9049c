//! The loopback address of a server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Returns the address at which programs on this machine reach a server that listens at `address`: the loopback address
/// if the server listens on all interfaces.
pub fn on_this_machine(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_interfaces_is_reached_over_loopback() {
        let reached = |address: &str| on_this_machine(address.parse().unwrap()).to_string();

        assert_eq!(reached("0.0.0.0:9800"), "127.0.0.1:9800");
        assert_eq!(reached("[::]:9800"), "[::1]:9800");
        assert_eq!(reached("192.0.2.7:9800"), "192.0.2.7:9800");
    }
}
