//! Where programs on this machine reach what listens.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The address at which programs on this machine reach what listens here: that of this machine if it listens everywhere.
pub(crate) fn on_this_machine(mut address: SocketAddr) -> SocketAddr {
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
    fn whoever_listens_everywhere_is_reached_on_this_machine() {
        let reached = |address: &str| on_this_machine(address.parse().unwrap()).to_string();

        assert_eq!(reached("0.0.0.0:9800"), "127.0.0.1:9800");
        assert_eq!(reached("[::]:9800"), "[::1]:9800");
        assert_eq!(reached("192.0.2.7:9800"), "192.0.2.7:9800");
    }
}
