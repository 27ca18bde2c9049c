//! Rejects a request.

use durable_types::api::ServiceError;

/// The error of an action that the type of the operation does not have.
pub(crate) const INVALID_ACTION: &str = "Invalid action for the given operation type.";

/// Rejects a request as invalid.
pub(crate) fn reject<T>(message: impl Into<String>) -> Result<T, ServiceError> {
    Err(ServiceError::invalid(message))
}
