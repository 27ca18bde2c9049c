//! Who may send requests.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Uri};

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
    pub(super) fn admit(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
        if self.is_local {
            refuse_pages(uri, headers)?;
        }
        match &self.secret {
            Some(secret) if !secret::is_known(headers, secret) => Err(ApiError::denied(
                "this service has a secret: send it as the id of the AWS access key (AWS_ACCESS_KEY_ID), or as a \
                 bearer token",
            )),
            Some(_) | None => Ok(()),
        }
    }
}

fn refuse_pages(uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    if let Some(host) = host::foreign_host(uri, headers) {
        return Err(ApiError::denied(format!(
            "the request is for the host `{host}`, but this service answers for localhost, 127.0.0.1 and [::1] alone"
        )));
    }
    match host::foreign_page(headers) {
        Some(page) => Err(ApiError::denied(format!(
            "the request comes from a web page (`{page}`), and this service does not answer pages"
        ))),
        None => Ok(()),
    }
}
