//! Panics of user code, converted into errors.

use std::any::Any;

use durable_types::ErrorObject;

/// Returns the error to record for a panic.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> ErrorObject {
    let message = panic
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned());
    ErrorObject::new("Panic", format!("panicked: {message}"))
}
