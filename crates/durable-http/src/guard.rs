//! Who may send requests.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Uri};
use durable_host::endpoint::Endpoint;

use super::{ApiError, host, secret};

/// Who may send requests: this machine alone, or whoever knows the secret.
pub struct Guard {
    is_local: bool,
    secret: Option<String>,
}

impl Guard {
    /// Guards a service at this address.
    pub fn new(address: SocketAddr, secret: Option<String>) -> Self {
        Self { is_local: address.ip().is_loopback(), secret }
    }

    /// Whether callers may have functions invoked there. Those of other machines could otherwise have the service send
    /// requests to whatever it reaches and they do not.
    pub(super) fn may_invoke_at(&self, endpoint: &Endpoint) -> bool {
        self.is_local || host::is_local(endpoint.authority())
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
            "the request is for the host `{host}`, but this service answers for this machine alone: for {}",
            host::OF_THIS_MACHINE
        )));
    }
    match host::foreign_page(headers) {
        Some(page) => Err(ApiError::denied(format!(
            "the request comes from a web page (`{page}`), and this service does not answer pages"
        ))),
        None => Ok(()),
    }
}
