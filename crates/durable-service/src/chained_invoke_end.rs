//! The outcome of a chained invoke.

use std::fmt;

use durable_types::{ErrorObject, ExecutionStatus};

use crate::execution::Execution;
use crate::operation::ChainedInvokeChange;
use crate::payload::Payload;
use crate::settings::Settings;

/// The outcome of a chained invoke.
#[derive(Clone, PartialEq, Eq)]
pub enum ChainedInvokeEnd {
    /// The function returned a result.
    Succeeded(Option<String>),
    /// The function failed, or could not be called.
    Failed(ErrorObject),
    /// The execution of the function exceeded its timeout; see [`timed_out`](Self::timed_out).
    TimedOut(ErrorObject),
    /// The execution of the function was stopped.
    Stopped(ErrorObject),
}

impl ChainedInvokeEnd {
    /// Creates the end of a call whose execution timed out after `seconds`.
    pub fn timed_out(seconds: u32) -> Self {
        let message = format!("CHAINED_INVOKE timed out after {seconds} seconds.");
        Self::TimedOut(ErrorObject::new("ChainedInvoke.Timeout", message))
    }

    /// Returns the end of the call that started this execution, or `None` while the execution is running.
    pub fn of(execution: &Execution) -> Option<Self> {
        let error = || execution.error().cloned().unwrap_or_default();
        match execution.status_before_deletion() {
            ExecutionStatus::Succeeded => Some(Self::Succeeded(execution.result().map(str::to_owned))),
            ExecutionStatus::Failed => Some(Self::Failed(error())),
            ExecutionStatus::TimedOut => Some(Self::timed_out(execution.execution_timeout())),
            ExecutionStatus::Stopped => Some(Self::Stopped(error())),
            ExecutionStatus::Running
            | ExecutionStatus::Pausing
            | ExecutionStatus::Paused
            | ExecutionStatus::Deleting
            | ExecutionStatus::Unknown(_) => None,
        }
    }

    /// Converts the end into a change of the call. A result or error that exceeds the size limit fails the call.
    pub(crate) fn into_change(self, settings: &Settings) -> ChainedInvokeChange {
        let max_bytes = settings.max_operation_payload_bytes;
        match self {
            Self::Succeeded(Some(result)) if result.len() > max_bytes => {
                let message = format!(
                    "CHAINED_INVOKE output payload size must be less than or equal to {max_bytes} bytes."
                );
                ChainedInvokeChange::Failed { error: invalid(message) }
            }
            Self::Succeeded(result) => ChainedInvokeChange::Succeeded { result: result.map(Payload::from) },
            Self::Failed(error) | Self::TimedOut(error) | Self::Stopped(error)
                if error.len() > settings.max_error_bytes =>
            {
                let message =
                    format!("Error object size must be less than {} bytes.", settings.max_error_bytes);
                ChainedInvokeChange::Failed { error: invalid(message) }
            }
            Self::Failed(error) => ChainedInvokeChange::Failed { error },
            Self::TimedOut(error) => ChainedInvokeChange::TimedOut { error },
            Self::Stopped(error) => ChainedInvokeChange::Stopped { error },
        }
    }
}

impl fmt::Debug for ChainedInvokeEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded(result) => {
                write!(f, "Succeeded(<{} bytes redacted>)", result.as_ref().map_or(0, String::len))
            }
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::TimedOut(error) => f.debug_tuple("TimedOut").field(error).finish(),
            Self::Stopped(error) => f.debug_tuple("Stopped").field(error).finish(),
        }
    }
}

fn invalid(message: String) -> ErrorObject {
    ErrorObject::new("InvalidParameterValueException", message)
}
