//! What a function answered, and whether it may.

use durable_types::limits::MAX_ANSWER_ENVELOPE_BYTES;
use durable_types::{ErrorObject, InvocationOutput};
use serde::Deserialize;

use crate::operation::ExecutionEnd;
use crate::payload::Payload;
use crate::settings::Settings;

/// What a function answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FunctionResponse {
    /// The execution ends.
    Ended(ExecutionEnd),
    /// The execution waits.
    Pending,
}

/// An answer as it stands on the wire. Members are read one by one, so that a wrong combination of them can be
/// named; a member that is null is not there.
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
    /// What Lambda makes of a body that is larger than any answer may be: the invocation has failed.
    pub(super) fn too_large(body: &[u8], settings: &Settings) -> Option<ErrorObject> {
        let max_bytes = settings.max_execution_payload_bytes.saturating_add(MAX_ANSWER_ENVELOPE_BYTES);
        (body.len() > max_bytes).then(|| response_too_large(max_bytes))
    }

    /// Reads the body of an answer. One that breaks a rule ends the execution.
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

/// How an invocation fails whose answer has more bytes than it may.
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
