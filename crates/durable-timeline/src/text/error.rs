//! Errors and endings as text.

use durable_types::{ErrorObject, OperationStatus};

/// Returns the first line of an error.
pub fn first_line(error: &ErrorObject) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

/// Formats the first line of an error as the end of a sentence; empty if the error is not known.
///
/// ```
/// use durable_timeline::text::because;
/// use durable_types::ErrorObject;
///
/// let error = ErrorObject::new("PaymentError", "declined\nby the bank");
///
/// assert_eq!(because(Some(&error)), ": PaymentError: declined");
/// assert_eq!(because(None), "");
/// ```
pub fn because(error: Option<&ErrorObject>) -> String {
    error.map(|error| format!(": {}", first_line(error))).unwrap_or_default()
}

/// Returns how an operation ended, as the predicate of a sentence, if that was neither by success nor by failure.
pub fn ending(status: &OperationStatus) -> Option<&'static str> {
    match status {
        OperationStatus::TimedOut => Some("timed out"),
        OperationStatus::Stopped => Some("was stopped"),
        OperationStatus::Cancelled => Some("was cancelled"),
        OperationStatus::Started
        | OperationStatus::Pending
        | OperationStatus::Ready
        | OperationStatus::Succeeded
        | OperationStatus::Failed
        | OperationStatus::Unknown(_) => None,
    }
}
