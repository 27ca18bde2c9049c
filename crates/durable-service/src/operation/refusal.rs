//! Refusing an update.

use durable_types::api::ServiceError;

/// The type exists, but not this action of it.
pub(crate) const INVALID_ACTION: &str = "Invalid action for the given operation type.";

/// Refuses a request because it breaks a rule.
pub(crate) fn refuse<T>(message: impl Into<String>) -> Result<T, ServiceError> {
    Err(ServiceError::invalid(message))
}
