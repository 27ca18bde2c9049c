//! Who may send requests.

use std::net::SocketAddr;

use axum::http::HeaderMap;

use super::{ApiError, host, secret};

/// Who may send requests: this machine alone, or whoever knows the secret.
pub(crate) struct Guard {
    is_local: bool,
    secret: Option<String>,
}

impl Guard {
    /// Guards a service at this address.
    pub(crate) fn new(address: SocketAddr, secret: Option<String>) -> Self {
        Self { is_local: address.ip().is_loopback(), secret }
    }

    /// Refuses requests that a web page may have made a browser send, and those of strangers.
    pub(super) fn admit(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        if self.is_local
            && let Some(host) = host::foreign(headers)
        {
            return Err(ApiError::ForeignHost(host));
        }
        match &self.secret {
            Some(secret) if !secret::is_known(headers, secret) => Err(ApiError::Stranger),
            Some(_) | None => Ok(()),
        }
    }
}
