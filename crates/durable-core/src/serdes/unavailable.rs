//! When a serdes cannot do its work for now.

use crate::error::BoxError;

/// What a serdes fails with when something that it needs is out of reach for now: a disk, a service that keeps keys.
///
/// Nothing is recorded then and no code goes on: the invocation ends, and the service invokes the function again. Any
/// other error of a serdes is one of the value, which would fail in the same way again: it fails the operation.
///
/// ```
/// use durable_core::error::BoxError;
/// use durable_core::serdes::SerdesUnavailable;
///
/// async fn ask_for_key() -> std::io::Result<Vec<u8>> {
///     Err(std::io::ErrorKind::TimedOut.into())
/// }
///
/// async fn encrypt(text: String) -> Result<String, BoxError> {
///     let key = ask_for_key().await.map_err(SerdesUnavailable::new)?;
/// #   let _ = key;
///     Ok(text)
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("something that a serdes needs is out of reach for now")]
pub struct SerdesUnavailable(#[source] BoxError);

impl SerdesUnavailable {
    /// An error with this cause.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}
