//! The URL of a function that is invoked over HTTP.

use std::fmt;

use http::Uri;
use http::uri::Authority;

/// The invocation path of a container with Lambda's runtime interface emulator.
const DEFAULT_PATH: &str = "/2015-03-31/functions/function/invocations";

/// The URL of a function that this service does not run itself, such as a container. It receives requests of Lambda's
/// Invoke API.
///
/// ```
/// use durable_host::endpoint::Endpoint;
///
/// let container = Endpoint::parse("http://127.0.0.1:9000").unwrap();
/// let other = Endpoint::parse("http://localhost:3001/2015-03-31/functions/Order/invocations").unwrap();
///
/// assert_eq!(container.to_string(), "http://127.0.0.1:9000/2015-03-31/functions/function/invocations");
/// assert_eq!(other.to_string(), "http://localhost:3001/2015-03-31/functions/Order/invocations");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(Uri);

impl Endpoint {
    /// Parses `http://HOST[:PORT]`, which identifies a container with Lambda's runtime interface emulator, or
    /// `http://HOST[:PORT]/PATH`, where `PATH` receives the invocations.
    ///
    /// # Errors
    /// Returns an error if the URL is not supported; the message states the expected form.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "must begin with http:// and name a host";
        let rest = text.strip_prefix("http://").ok_or(EXPECTED)?;
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        let path = if matches!(path, "" | "/") { DEFAULT_PATH } else { path };
        let address: Uri = format!("http://{authority}{path}").parse().map_err(|_| EXPECTED)?;
        let names_port = authority.rsplit(']').next().is_some_and(|rest| rest.contains(':'));
        let is_host = address.host().is_some_and(|host| !host.is_empty()) && !authority.contains(['@', '?']);
        if !is_host || (names_port && address.port_u16().is_none()) || path.contains('#') {
            return Err(EXPECTED);
        }
        Ok(Self(address))
    }

    /// Returns the host, and the port if the URL has one.
    pub fn authority(&self) -> &str {
        self.0.authority().map(Authority::as_str).unwrap_or_default()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_address_is_refused() {
        for text in [
            "",
            "127.0.0.1:9000",
            "https://127.0.0.1",
            "http://",
            "http:///path",
            "http://a b",
            "http://a@b",
            "http://a:",
            "http://a:port",
            "http://a:99999",
            "http://[::1",
            "http://a/#b",
            "http://a?b",
        ] {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
    }
}
