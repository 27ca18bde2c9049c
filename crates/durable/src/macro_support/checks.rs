//! Functions that do nothing and compile only for the right types.

use durable_core::error::IntoError;
use serde::{Deserialize, Serialize};

/// Checks that the event of a handler can be deserialized from JSON.
pub fn is_event<T: for<'de> Deserialize<'de> + Send>() {}

/// Checks that the output of a handler can be serialized as JSON and deserialized.
pub fn is_output<T: Serialize + for<'de> Deserialize<'de> + Send + Sync>() {}

/// Checks that the error of a handler can be recorded as that of the execution.
pub fn is_failure<E: IntoError>() {}

/// Checks that a handler can run on any thread of the runtime.
pub fn is_send<F: Future + Send>(_: &F) {}

/// Checks that invocations can share the state of a handler, of which each gets a reference or a clone.
pub fn is_state<T: Send + Sync>() {}
