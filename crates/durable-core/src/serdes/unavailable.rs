//! The error of a serdes that temporarily cannot do its work.

use crate::error::BoxError;

/// The error of a serdes when a resource that it needs, such as a disk or a key service, is temporarily unavailable.
///
/// Nothing is recorded and the code does not resume: the invocation fails, and the service invokes the function again.
/// Any other error of a serdes is considered permanent and fails the operation.
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
#[error("a resource that a serdes needs is temporarily unavailable")]
pub struct SerdesUnavailable(#[source] BoxError);

impl SerdesUnavailable {
    /// Creates an error with this cause.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self(source.into())
    }
}
