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

/// Names an operation of this invocation, from its claim until it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationKey {
    claim: u64,
    index: usize,
}

impl OperationKey {
    pub(crate) fn new(claim: u64, index: usize) -> Self {
        Self { claim, index }
    }

    /// A small number, unique among the operations that have not been released.
    pub fn index(self) -> usize {
        self.index
    }

    /// The number of the claim, unique within the invocation.
    pub(crate) fn claim(self) -> u64 {
        self.claim
    }
}

/// What an operation asks of its future.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Nothing: a wake follows.
    Pending,
    /// Run the body of a step, or the check of a condition.
    Run {
        /// The number of the attempt; the first is 1.
        attempt: u32,
        /// What the attempt before left: the state of a condition.
        carried: Option<String>,
    },
    /// Decide whether an attempt that an earlier invocation did not finish is followed by another, and report it as
    /// failed. Only steps whose semantics is [`StepSemantics::AtMostOncePerRetry`] ask this.
    Interrupted {
        /// The number of the attempt; the first is 1.
        attempt: u32,
        /// What the attempt failed with.
        error: ErrorObject,
    },
    /// Run the body of a context.
    Enter {
        /// The context it runs in.
        context: ContextKey,
        /// What is recorded in place of a result that was too large, if the body runs to build that again.
        summary: Option<String>,
    },
    /// The callback is there, under this id. Its answer follows.
    Created {
        /// What the other system answers to.
        callback_id: String,
    },
    /// It has ended with this.
    Settled(Settled),
    /// It will never end: the context it belongs to ended first.
    Orphaned,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// With this result. None also where the result came from this invocation, whose future has it already.
    Succeeded(Option<String>),
    /// With this error.
    Failed {
        /// Failed, cancelled, timed out or stopped.
        status: OperationStatus,
        /// What the service recorded.
        error: ErrorObject,
    },
}

impl Settled {
    fn failed(error: ErrorObject) -> Self {
        Self::Failed { status: OperationStatus::Failed, error }
    }
}

/// What an input changed about an operation.
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
    /// The future has the result already: it was recorded by an earlier invocation.
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

/// How a record ended, if its status says that it did; an unknown status is refused, never run again.
pub(crate) fn ended(
    recorded: &Operation,
    result: impl FnOnce() -> Option<String>,
    error: impl FnOnce() -> Option<ErrorObject>,
) -> Result<Option<Settled>, Fatal> {
    let status = recorded.status.clone();
    match &status {
        OperationStatus::Started | OperationStatus::Pending | OperationStatus::Ready => Ok(None),
        OperationStatus::Succeeded => Ok(Some(Settled::Succeeded(result()))),
        OperationStatus::Failed
        | OperationStatus::Cancelled
        | OperationStatus::TimedOut
        | OperationStatus::Stopped => {
            let error = error().unwrap_or_default();
            Ok(Some(Settled::Failed { status, error }))
        }
        OperationStatus::Unknown(word) => Err(Fatal::Unsupported(format!(
            "operation `{}` has the status {word}, which this version does not know; update the SDK",
            recorded.name.as_deref().unwrap_or(&recorded.id),
        ))),
    }
}
