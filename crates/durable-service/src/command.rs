//! What happens to an execution from outside.

use std::fmt;

use durable_types::ErrorObject;
use durable_types::api::{CheckpointRequest, PauseRequest, ResumeRequest};

use crate::callback_answer::CallbackAnswer;
use crate::chained_invoke_end::ChainedInvokeEnd;

/// What happens to an execution from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// The function records what it did.
    Checkpoint(CheckpointRequest),
    /// An invocation of the function ended.
    InvocationEnded {
        /// Which one, as in [`Invocation::request_id`](crate::Invocation::request_id).
        request_id: String,
        /// How.
        end: InvocationEnd,
    },
    /// Another system answers a callback, or says that its answer is on its way.
    Callback {
        /// Which one; [`callback_execution_id`](crate::callback_execution_id) tells whose.
        callback_id: String,
        /// What it says.
        answer: CallbackAnswer,
    },
    /// A call of another function ended. Refused if nobody waits for that any more, which is not an error: so it is
    /// after a repetition, or when the execution has ended meanwhile.
    ChainedInvokeEnded {
        /// Which one, as in [`FunctionCall::operation_id`](crate::FunctionCall::operation_id).
        operation_id: String,
        /// How.
        end: ChainedInvokeEnd,
    },
    /// Somebody wants the execution to end now.
    Stop {
        /// Why; a standard text if it is not told.
        error: Option<ErrorObject>,
    },
    /// Pauses the execution: the function is not invoked until the execution is resumed. Idempotent.
    Pause(PauseRequest),
    /// Somebody wants a paused execution to go on. Repeating it is harmless.
    Resume(ResumeRequest),
    /// Somebody wants an execution that has ended to be deleted. Repeating it is harmless.
    Delete,
    /// Somebody repaired the function, so that an execution that waits because it failed need not wait any longer.
    FunctionRepaired,
    /// The time that [`Execution::next_due`](crate::Execution::next_due) named has come. Too early or too often is
    /// harmless.
    TimerDue,
}

/// How an invocation ended.
#[derive(Clone, PartialEq, Eq)]
pub enum InvocationEnd {
    /// The function answered; this is the body of its answer, not yet looked at.
    Answered(Vec<u8>),
    /// The function did not answer: an error of its own, its process ended (`Runtime.ExitError`), or it took too
    /// long (`Sandbox.Timedout`).
    Failed(ErrorObject),
    /// The service was restarted while the function ran, so that nobody knows how it ended.
    Lost,
    /// The function never received the invocation, and will not.
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
