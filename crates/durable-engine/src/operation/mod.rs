//! One small machine per kind of operation, and what they have in common.

mod callback;
mod context;
mod decision;
mod header;
mod invoke;
mod live;
mod machine;
mod remote;
mod step;
mod wait;
mod wait_for_condition;

use durable_types::{ErrorObject, Operation, OperationStatus};

pub(crate) use header::OperationHeader;
pub(crate) use live::{LiveOperation, LiveOperations};
pub(crate) use machine::Machine;
pub use step::StepSemantics;

use crate::checkpoint::QueuedUpdate;
use crate::context::ContextKey;
use crate::fatal::Fatal;

/// Identifies an operation of this invocation, from its claim until it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationKey {
    claim: u64,
    index: usize,
}

impl OperationKey {
    pub(crate) fn new(claim: u64, index: usize) -> Self {
        Self { claim, index }
    }

    /// Returns a small number that is unique among the operations that have not been released.
    pub fn index(self) -> usize {
        self.index
    }

    /// Returns the number of the claim, which is unique within the invocation.
    pub(crate) fn claim(self) -> u64 {
        self.claim
    }
}

/// What an operation requires of its future.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Nothing; the future will be woken.
    Pending,
    /// Run the body of a step, or the check of a condition.
    Run {
        /// The attempt number, starting at 1.
        attempt: u32,
        /// What the previous attempt left: the state of a condition.
        carried: Option<String>,
    },
    /// Report an attempt that an earlier invocation did not finish as failed, with the decision whether to retry it.
    ///
    /// Only steps with [`StepSemantics::AtMostOncePerRetry`] require this.
    Interrupted {
        /// The attempt number, starting at 1.
        attempt: u32,
        /// The error of the attempt.
        error: ErrorObject,
    },
    /// Run the body of a context.
    Enter {
        /// The context in which it runs.
        context: ContextKey,
        /// What was recorded in place of a result that was too large, if the body runs to rebuild that result.
        summary: Option<String>,
    },
    /// The callback has been created; its answer follows.
    Created {
        /// The id by which the external system answers.
        callback_id: String,
    },
    /// The operation has ended.
    Settled(Settled),
    /// The operation will never end, because its context ended first.
    Orphaned,
}

/// The outcome of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// It succeeded with this result; also `None` if this invocation produced the result, so that its future has it.
    Succeeded(Option<String>),
    /// It did not succeed.
    Failed {
        /// Failed, cancelled, timed out or stopped.
        status: OperationStatus,
        /// The recorded error.
        error: ErrorObject,
    },
}

impl Settled {
    fn failed(error: ErrorObject) -> Self {
        Self::Failed { status: OperationStatus::Failed, error }
    }
}

/// The effect of an input on an operation.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it is passed on at once and never kept")]
pub(crate) enum Transition {
    None,
    Update(QueuedUpdate),
    /// The callback has this id.
    Created(String),
    Settled(Settled),
}

/// What the replay barrier delivers to the future of an operation.
#[derive(Debug)]
pub(crate) enum OperationResult {
    /// The future already has the result, which an earlier invocation recorded.
    Recorded,
    /// The id of a callback, whose answer follows.
    Created(String),
    /// Boxed, because the barrier has room for a result of each claimed operation, and on replay few need it.
    Settled(Box<Settled>),
}

impl From<Settled> for OperationResult {
    fn from(settled: Settled) -> Self {
        Self::Settled(Box::new(settled))
    }
}

/// Returns the outcome in a record, if its status is terminal. An unknown status is rejected rather than run again.
pub(crate) fn ended(
    recorded: &Operation,
    result: impl FnOnce() -> Option<String>,
    error: impl FnOnce() -> Option<Box<ErrorObject>>,
) -> Result<Option<Settled>, Fatal> {
    let status = recorded.status.clone();
    match &status {
        OperationStatus::Started | OperationStatus::Pending | OperationStatus::Ready => Ok(None),
        OperationStatus::Succeeded => Ok(Some(Settled::Succeeded(result()))),
        OperationStatus::Failed
        | OperationStatus::Cancelled
        | OperationStatus::TimedOut
        | OperationStatus::Stopped => {
            let error = error().map(|error| *error).unwrap_or_default();
            Ok(Some(Settled::Failed { status, error }))
        }
        OperationStatus::Unknown(word) => Err(Fatal::Unsupported(format!(
            "operation `{}` has the status {word}, which this version does not know; update the SDK",
            recorded.name.as_deref().unwrap_or(&recorded.id),
        ))),
    }
}
