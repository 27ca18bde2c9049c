//! One small machine per kind of operation, and what they have in common.

mod callback;
mod context;
mod decision;
mod invoke;
mod machine;
mod remote;
mod slots;
mod step;
mod wait;
mod wait_for_condition;

use durable_types::{ErrorObject, Operation, OperationStatus, OperationUpdate};

pub(crate) use machine::Machine;
pub(crate) use slots::{Slot, Slots};
pub use step::StepSemantics;

use crate::queue::Urgency;
use crate::{ContextKey, Fatal, OperationId};

/// Names an operation that is driven in this invocation, until it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OperationKey(pub(crate) usize);

impl OperationKey {
    /// A small number, unique among the operations that have not been released.
    pub fn index(self) -> usize {
        self.0
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

/// An update on its way to the queue.
#[derive(Debug, PartialEq)]
pub(crate) struct Send(pub(crate) OperationUpdate, pub(crate) Urgency);

/// What an input made of an operation.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it is moved on at once and never kept")]
pub(crate) enum Moved {
    Nothing,
    Send(Send),
    Settled(Settled),
}

/// What every update of an operation says of it.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) id: OperationId,
    pub(crate) parent: Option<OperationId>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) sub_type: &'static str,
}

impl Head {
    pub(crate) fn id_text(&self) -> String {
        self.id.to_string()
    }

    /// Completes an update with parent, name and subtype.
    pub(crate) fn send(&self, mut update: OperationUpdate, urgency: Urgency) -> Send {
        update.parent_id = self.parent.map(|parent| parent.to_string());
        update.name = self.name.as_deref().map(str::to_owned);
        update.sub_type = Some(self.sub_type.to_owned());
        Send(update, urgency)
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
