//! Decides which requests are answered.

use std::net::SocketAddr;

use axum::http::{HeaderMap, Uri};
use durable_host::endpoint::Endpoint;

use super::error::ApiError;
use super::{host, secret};

/// Decides which requests are answered: those of this machine alone, or of every client that knows the secret.
pub struct Guard {
    is_local: bool,
    secret: Option<String>,
}

impl Guard {
    /// Creates the guard of a service at this address.
    pub fn new(address: SocketAddr, secret: Option<String>) -> Self {
        Self { is_local: address.ip().is_loopback(), secret }
    }

    /// Returns whether callers may name the endpoint for their functions. If other machines can reach the service, they
    /// could otherwise make it send requests to hosts that only it can reach.
    pub(super) fn may_invoke_at(&self, endpoint: &Endpoint) -> bool {
        self.is_local || host::is_local(endpoint.authority())
    }

    /// Rejects requests that a web page may have made a browser send, and those without the secret.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
        if self.is_local {
            reject_pages(uri, headers)?;
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

fn reject_pages(uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    if let Some(host) = host::foreign_host(uri, headers) {
        return Err(ApiError::denied(format!(
            "the request is for the host `{host}`, but this service answers only for this machine: {}",
            host::OF_THIS_MACHINE
        )));
    }
    match host::foreign_page(headers) {
        Some(page) => Err(ApiError::denied(format!(
            "the request comes from a web page (`{page}`), which this service does not answer"
        ))),
        None => Ok(()),
    }
}
