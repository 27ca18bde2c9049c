//! Who a request says it is for, and where it says it comes from.

use axum::http::{HeaderMap, HeaderName, header};

/// The host that makes a request suspicious, if there is one.
///
/// A web page can make a browser send requests to a port of this machine: under a name of its own (DNS rebinding), or
/// blindly. The browser then names the page's host in these headers.
pub(super) fn foreign(headers: &HeaderMap) -> Option<String> {
    let host = text(headers, header::HOST).unwrap_or_default();
    if !is_local(&host) {
        return Some(host);
    }
    let origin = text(headers, header::ORIGIN)?;
    let origin_host = origin.split_once("://").map_or(origin.as_str(), |(_scheme, host)| host);
    (!is_local(origin_host)).then(|| origin.clone())
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Whether a host, with or without a port, is this machine.
fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
    };
    matches!(name, "127.0.0.1" | "::1") || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_names_of_this_machine_are_not_foreign() {
        for host in ["localhost", "LocalHost:9800", "127.0.0.1", "127.0.0.1:9800", "[::1]", "[::1]:9800"] {
            assert_eq!(foreign(&headers(host, None)), None, "{host}");
        }
        assert_eq!(foreign(&headers("localhost:9800", Some("http://localhost:9800"))), None);
    }

    #[test]
    fn every_other_name_is() {
        for host in
            ["evil.example", "evil.example:9800", "localhost.evil.example", "127.0.0.1.evil.example:1"]
        {
            assert_eq!(foreign(&headers(host, None)), Some(host.to_owned()));
        }
        assert_eq!(foreign(&HeaderMap::new()), Some(String::new()));
    }

    #[test]
    fn a_page_of_another_host_is_foreign_even_if_it_asks_for_this_one() {
        for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
            assert_eq!(foreign(&headers("localhost:9800", Some(origin))), Some(origin.to_owned()));
        }
    }
}
