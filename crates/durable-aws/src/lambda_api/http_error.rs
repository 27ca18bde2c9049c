//! A request that got no complete response.

use std::io;
use std::time::Duration;

use durable_core::error::BoxError;

/// Why there is no complete response.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error("cannot connect to {host}")]
    Connect { host: String, source: io::Error },
    #[error("no connection to {host} within {limit:?}")]
    ConnectTimeout { host: String, limit: Duration },
    #[error("cannot set up TLS")]
    Tls(#[source] TlsError),
    #[error("the connection failed before the request was sent")]
    NotSent(#[source] hyper::Error),
    #[error("the connection failed before a response")]
    NoResponse(#[source] hyper::Error),
    #[error("no response within {0:?}")]
    ResponseTimeout(Duration),
    #[error("the connection failed before the end of the response")]
    IncompleteResponse(#[source] hyper::Error),
    #[error("the rest of the response did not arrive within {0:?}")]
    IncompleteResponseTimeout(Duration),
    #[error("the response exceeds {0} bytes")]
    ResponseTooLarge(usize),
}

/// TLS cannot be set up as configured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("cannot read the certificates in `{path}`; set AWS_CA_BUNDLE or SSL_CERT_FILE to a PEM file")]
    CaBundle { path: String, source: BoxError },
    #[error("`{0}` cannot be verified, because it is neither a domain name nor an IP address")]
    ServerName(String),
    #[error(transparent)]
    Protocol(rustls::Error),
}

impl HttpError {
    /// Returns whether another attempt may succeed.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::ConnectTimeout { .. }
            | Self::NotSent(_)
            | Self::NoResponse(_)
            | Self::ResponseTimeout(_)
            | Self::IncompleteResponse(_)
            | Self::IncompleteResponseTimeout(_) => true,
            Self::Tls(_) | Self::ResponseTooLarge(_) => false,
        }
    }

    /// Returns whether the server may have received the request.
    pub(super) fn may_have_been_sent(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::ConnectTimeout { .. } | Self::Tls(_) | Self::NotSent(_) => false,
            Self::NoResponse(_)
            | Self::ResponseTimeout(_)
            | Self::IncompleteResponse(_)
            | Self::IncompleteResponseTimeout(_)
            | Self::ResponseTooLarge(_) => true,
        }
    }
}
