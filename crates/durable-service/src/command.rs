//! A command to an execution: a request, or something that happened to it.

use std::fmt;

use durable_types::ErrorObject;
use durable_types::api::{CheckpointRequest, PauseRequest, ResumeRequest};

use crate::callback_answer::CallbackAnswer;
use crate::chained_invoke_end::ChainedInvokeEnd;

/// A command to an execution: a request, or something that happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Records a checkpoint of the function.
    Checkpoint(CheckpointRequest),
    /// Ends the invocation in flight.
    InvocationEnded {
        /// The [request id](crate::Invocation::request_id) of the invocation.
        request_id: String,
        /// The outcome.
        end: InvocationEnd,
    },
    /// Completes a callback, or extends its heartbeat timeout.
    Callback {
        /// The id of the callback; see [`callback_execution_id`](crate::callback_execution_id).
        callback_id: String,
        /// The answer of the external system.
        answer: CallbackAnswer,
    },
    /// Ends a chained invoke. It is rejected if the call is no longer open: it is a duplicate, or the execution has
    /// ended in the meantime. Drivers can ignore this rejection.
    ChainedInvokeEnded {
        /// The [operation id](crate::FunctionCall::operation_id) of the call.
        operation_id: String,
        /// The outcome.
        end: ChainedInvokeEnd,
    },
    /// Stops the execution. Idempotent.
    Stop {
        /// The reason; `None` stands for a default message.
        error: Option<ErrorObject>,
    },
    /// Pauses the execution: the function is not invoked until the execution is resumed. Idempotent.
    Pause(PauseRequest),
    /// Resumes a paused execution. Idempotent.
    Resume(ResumeRequest),
    /// Deletes an execution that has ended. Idempotent.
    Delete,
    /// Retries the function at once if the execution waits after a failure, because the function was repaired.
    FunctionRepaired,
    /// Handles the timers that have elapsed; see [`Execution::next_due`](crate::Execution::next_due). It has no effect
    /// if nothing is due.
    TimerDue,
}

/// The outcome of an invocation.
#[derive(Clone, PartialEq, Eq)]
pub enum InvocationEnd {
    /// The function returned this response body, which has not been parsed yet.
    Answered(Vec<u8>),
    /// The function did not return a response: it raised an error, its process exited (`Runtime.ExitError`), or it
    /// timed out (`Sandbox.Timedout`).
    Failed(ErrorObject),
    /// The service was restarted while the function ran, so the outcome is unknown.
    Lost,
    /// The invocation was withdrawn before the function received it.
    Withdrawn,
}

impl fmt::Debug for InvocationEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(body) => write!(f, "Answered(<{} bytes redacted>)", body.len()),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::Lost => f.write_str("Lost"),
            Self::Withdrawn => f.write_str("Withdrawn"),
        }
    }
}
