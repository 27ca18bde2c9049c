//! Parses and validates the response of an invocation.

use durable_types::limits::MAX_ANSWER_ENVELOPE_BYTES;
use durable_types::{ErrorObject, InvocationOutput};
use serde::Deserialize;

use crate::operation::ExecutionEnd;
use crate::payload::Payload;
use crate::settings::Settings;

/// The response of a function.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FunctionResponse {
    /// The execution ends.
    Ended(ExecutionEnd),
    /// The execution is pending.
    Pending,
}

/// A response on the wire. All members are optional, so that an invalid combination gets a specific error. A null
/// member counts as missing.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    error: Option<ErrorObject>,
}

impl FunctionResponse {
    /// Returns the error with which the invocation fails if the body exceeds Lambda's size limit.
    pub(super) fn too_large(body: &[u8], settings: &Settings) -> Option<ErrorObject> {
        let max_bytes = settings.max_execution_payload_bytes.saturating_add(MAX_ANSWER_ENVELOPE_BYTES);
        (body.len() > max_bytes).then(|| response_too_large(max_bytes))
    }

    /// Parses a response body. An invalid response ends the execution.
    pub(super) fn read(body: &[u8], synchronous: bool, settings: &Settings) -> Self {
        let checked = serde_json::from_slice(body)
            .map_err(|error| invalid(&error))
            .and_then(status)
            .and_then(|output| check_sizes(output, synchronous, settings));
        match checked {
            Ok(InvocationOutput::Pending) => Self::Pending,
            Ok(InvocationOutput::Succeeded { result }) => {
                Self::Ended(ExecutionEnd::Succeeded { result: result.map(Payload::from) })
            }
            Ok(InvocationOutput::Failed { error }) => Self::Ended(ExecutionEnd::Failed { error }),
            Err(message) => Self::Ended(ExecutionEnd::invalid(message)),
        }
    }
}

/// Returns the error of an invocation whose response exceeds `max_bytes`.
pub fn response_too_large(max_bytes: usize) -> ErrorObject {
    let message = format!("Response payload size exceeded maximum allowed payload size ({max_bytes} bytes).");
    ErrorObject::new("Function.ResponseSizeTooLarge", message)
}

fn status(wire: Wire) -> Result<InvocationOutput, String> {
    match (wire.status.as_deref(), wire.result, wire.error) {
        (Some("SUCCEEDED"), _, Some(_)) => Err("Cannot provide an Error for SUCCEEDED status.".to_owned()),
        (Some("SUCCEEDED"), result, None) => Ok(InvocationOutput::Succeeded { result }),
        (Some("FAILED"), Some(_), _) => Err("Cannot provide a Result for FAILED status.".to_owned()),
        (Some("FAILED"), None, error) => Ok(InvocationOutput::Failed { error }),
        (Some("PENDING"), _, _) => Ok(InvocationOutput::Pending),
        (Some(word), _, _) => Err(invalid(&format!("unknown Status {word:?}"))),
        (None, _, _) => Err(invalid(&"Status is missing; is the function a durable function?")),
    }
}

fn check_sizes(
    output: InvocationOutput,
    synchronous: bool,
    settings: &Settings,
) -> Result<InvocationOutput, String> {
    match &output {
        InvocationOutput::Succeeded { result: Some(result) } => {
            let max_bytes = settings.max_execution_bytes(synchronous);
            if result.len() > max_bytes {
                return Err(format!(
                    "Execution output payload size must be less than or equal to {max_bytes} bytes."
                ));
            }
        }
        InvocationOutput::Failed { error: Some(error) } => {
            if error.len() > settings.max_error_bytes {
                let max_bytes = settings.max_error_bytes;
                return Err(format!("Error object size must be less than {max_bytes} bytes."));
            }
        }
        InvocationOutput::Succeeded { result: None }
        | InvocationOutput::Failed { error: None }
        | InvocationOutput::Pending => {}
    }
    Ok(output)
}

fn invalid(problem: &impl std::fmt::Display) -> String {
    format!("Invalid invocation output: {problem}")
}
