//! Functions that do nothing, and compile only for the right types.

use durable_core::error::IntoError;
use serde::{Deserialize, Serialize};

/// The event of a handler is read from JSON.
pub fn is_event<T: for<'de> Deserialize<'de> + Send>() {}

/// The output of a handler is written as JSON and read back.
pub fn is_output<T: Serialize + for<'de> Deserialize<'de> + Send + Sync>() {}

/// The error of a handler ends the execution as an error that the service records.
pub fn is_failure<E: IntoError>() {}

/// A handler runs on any thread of the runtime.
pub fn is_send<F: Future + Send>(_: &F) {}

/// Invocations share the state of a handler; each gets a clone of what is not borrowed.
pub fn is_state<T: Send + Sync>() {}
