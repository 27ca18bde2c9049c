//! The host that a request names, and the web page that it comes from.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, Uri, header};

/// Browsers state in it how the origin of the page relates to this service.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names of this machine inside containers, which no public name server resolves.
const OF_CONTAINERS: [&str; 2] = ["host.docker.internal", "host.containers.internal"];

/// The names of this machine, for errors.
pub(super) const OF_THIS_MACHINE: &str =
    "localhost, loopback addresses, host.docker.internal and host.containers.internal";

/// Returns the host that a request is for, unless that is this machine.
///
/// A web page can make its own host name resolve to this machine (DNS rebinding); the browser then sends that name.
pub(super) fn foreign_host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let in_uri = uri.authority().map(|authority| authority.as_str().to_owned());
    let mut named = in_uri.into_iter().chain(texts(headers, header::HOST)).peekable();
    if named.peek().is_none() {
        return Some(String::new());
    }
    named.find(|host| !is_local(host))
}

/// Returns the origin of the page of another host that made a browser send a request, if there is one.
///
/// A page can make a browser send simple requests to any address, although it cannot read the responses. The browser then
/// sends the origin of the page, or at least that it is cross-site.
pub(super) fn foreign_page(headers: &HeaderMap) -> Option<String> {
    let is_foreign = |origin: &String| {
        let host = origin.split_once("://").map_or(origin.as_str(), |(_scheme, host)| host);
        !is_local(host)
    };
    let origin = texts(headers, header::ORIGIN).find(is_foreign);
    origin.or_else(|| texts(headers, FETCH_SITE).find(|site| site.eq_ignore_ascii_case("cross-site")))
}

fn texts(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = String> {
    headers.get_all(name).into_iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Returns whether a host, with or without a port, is this machine.
pub(super) fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _port)| name),
    };
    let is_name = |known: &str| name.eq_ignore_ascii_case(known);
    name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
        || is_name("localhost")
        || OF_CONTAINERS.into_iter().any(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    fn for_host(host: &'static str) -> Option<String> {
        foreign_host(&Uri::from_static("/"), &headers(&[(header::HOST, host)]))
    }

    #[test]
    fn the_names_of_this_machine_are_not_foreign() {
        for host in [
            "localhost",
            "LocalHost:9800",
            "127.0.0.1",
            "127.0.0.1:9800",
            "127.1.2.3:9800",
            "[::1]",
            "[::1]:9800",
            "[::ffff:127.0.0.1]",
            "host.docker.internal:9014",
        ] {
            assert_eq!(for_host(host), None, "{host}");
        }
    }

    #[test]
    fn every_other_name_is() {
        for host in [
            "",
            "evil.example",
            "evil.example:9800",
            "localhost.evil.example",
            "127.0.0.1.evil.example:1",
            "10.0.0.1:9800",
            "0.0.0.0:9800",
            "[::]:9800",
            "evil@127.0.0.1",
        ] {
            assert_eq!(for_host(host), Some(host.to_owned()));
        }
        assert_eq!(foreign_host(&Uri::from_static("/"), &HeaderMap::new()), Some(String::new()));
    }

    #[test]
    fn every_host_of_a_request_is_checked() {
        let here = headers(&[(header::HOST, "localhost")]);
        let mut both = here.clone();
        both.append(header::HOST, "evil.example".parse().unwrap());

        let evil = Some("evil.example".to_owned());
        assert_eq!(foreign_host(&Uri::from_static("http://evil.example/health"), &here), evil);
        assert_eq!(foreign_host(&Uri::from_static("/health"), &both), evil);
        assert_eq!(foreign_host(&Uri::from_static("http://127.0.0.1:9800/health"), &here), None);
    }

    #[test]
    fn a_page_of_another_host_is_foreign_even_if_its_request_is_for_this_one() {
        for origin in ["https://evil.example", "null", "http://localhost.evil.example"] {
            assert_eq!(foreign_page(&headers(&[(header::ORIGIN, origin)])), Some(origin.to_owned()));
        }
        assert_eq!(foreign_page(&headers(&[(FETCH_SITE, "cross-site")])), Some("cross-site".to_owned()));
        for (name, value) in
            [(header::ORIGIN, "http://localhost:3000"), (FETCH_SITE, "same-origin"), (FETCH_SITE, "none")]
        {
            assert_eq!(foreign_page(&headers(&[(name, value)])), None, "{value}");
        }
    }
}
