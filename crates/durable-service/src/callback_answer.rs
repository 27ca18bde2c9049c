//! An answer of an external system to a callback.

use std::fmt;

use durable_types::ErrorObject;
use durable_types::api::ServiceError;

use crate::operation::{CallbackChange, reject};
use crate::payload::Payload;
use crate::settings::Settings;

/// An answer of an external system to a callback.
#[derive(Clone, PartialEq, Eq)]
pub enum CallbackAnswer {
    /// The callback succeeded with this result.
    Succeeded(Option<String>),
    /// The callback failed with this error.
    Failed(Option<ErrorObject>),
    /// The external system is still working; the heartbeat timeout starts over.
    Heartbeat,
}

impl CallbackAnswer {
    /// Converts the answer into a change of the callback. Rejects an answer that exceeds the size limit.
    pub(crate) fn into_change(self, settings: &Settings) -> Result<CallbackChange, ServiceError> {
        let max_bytes = settings.max_operation_payload_bytes;
        match self {
            Self::Succeeded(Some(result)) if result.len() > max_bytes => {
                reject(format!("CALLBACK payload size must be less than or equal to {max_bytes} bytes."))
            }
            Self::Succeeded(result) => Ok(CallbackChange::Succeeded { result: result.map(Payload::from) }),
            Self::Failed(Some(error)) if error.len() > settings.max_error_bytes => {
                reject(format!("Error object size must be less than {} bytes.", settings.max_error_bytes))
            }
            Self::Failed(error) => Ok(CallbackChange::Failed { error }),
            Self::Heartbeat => Ok(CallbackChange::HeartbeatReceived),
        }
    }
}

impl fmt::Debug for CallbackAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded(result) => {
                write!(f, "Succeeded(<{} bytes redacted>)", result.as_ref().map_or(0, String::len))
            }
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::Heartbeat => f.write_str("Heartbeat"),
        }
    }
}
