//! The futures of requests.

use std::pin::Pin;

use super::client_error::ClientError;

/// The future of a request, or of several.
pub type ClientFuture<T> = Pin<Box<dyn Future<Output = Result<T, ClientError>> + Send>>;
