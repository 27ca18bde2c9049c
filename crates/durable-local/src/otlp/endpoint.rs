//! The address of an OTLP endpoint.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The path of traces, as the OTLP specification defines it.
const TRACES: &str = "/v1/traces";

/// The address of an OTLP endpoint that receives traces over HTTP.
///
/// It is the base URL of a collector, to which the path of traces is added unless the URL ends with it.
///
/// ```
/// use durable_local::otlp::OtlpEndpoint;
///
/// let endpoint: OtlpEndpoint = "http://localhost:4318".parse()?;
///
/// assert_eq!(endpoint.to_string(), "http://localhost:4318/v1/traces");
/// assert!("https://collector.example".parse::<OtlpEndpoint>().is_err());
/// # Ok::<(), durable_local::otlp::InvalidEndpoint>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpEndpoint {
    url: String,
}

impl OtlpEndpoint {
    /// Returns the URL to which traces are sent.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl fmt::Display for OtlpEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// The error for text that is not the address of an OTLP endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// The endpoint requires TLS.
    #[error("`{0}` requires TLS; send traces to a collector on this machine, which can forward them")]
    Tls(String),
    /// It is not a URL of HTTP.
    #[error("`{0}` is not the URL of an OTLP endpoint, such as http://localhost:4318")]
    NotHttp(String),
}

impl FromStr for OtlpEndpoint {
    type Err = InvalidEndpoint;

    fn from_str(text: &str) -> Result<Self, InvalidEndpoint> {
        let invalid = || InvalidEndpoint::NotHttp(text.to_owned());
        let uri: http::Uri = text.trim().parse().map_err(|_| invalid())?;
        match (uri.scheme_str(), uri.authority(), uri.query()) {
            (Some("http"), Some(authority), None) if !authority.host().is_empty() => {
                let base = format!("http://{authority}{}", uri.path().trim_end_matches('/'));
                let suffix = if base.ends_with(TRACES) { "" } else { TRACES };
                Ok(Self { url: format!("{base}{suffix}") })
            }
            (Some("https"), _, _) => Err(InvalidEndpoint::Tls(text.to_owned())),
            (_, _, _) => Err(invalid()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_traces_is_added_to_a_base_url() {
        let url = |text: &str| text.parse::<OtlpEndpoint>().unwrap().url;

        assert_eq!(url("http://localhost:4318"), "http://localhost:4318/v1/traces");
        assert_eq!(url("http://localhost:4318/"), "http://localhost:4318/v1/traces");
        assert_eq!(url("http://[::1]:4318/otlp"), "http://[::1]:4318/otlp/v1/traces");
        assert_eq!(url("http://localhost:4318/v1/traces"), "http://localhost:4318/v1/traces");
    }

    #[test]
    fn other_text_is_rejected() {
        for text in ["", "localhost:4318", "/v1/traces", "grpc://localhost:4317", "http://", "http://h?a=b"] {
            let expected = InvalidEndpoint::NotHttp(text.to_owned());
            assert_eq!(text.parse::<OtlpEndpoint>(), Err(expected));
        }
        let tls = "https://localhost:4318";
        assert_eq!(tls.parse::<OtlpEndpoint>(), Err(InvalidEndpoint::Tls(tls.to_owned())));
    }
}
