//! One small machine per kind of operation, and what they have in common.

mod child_context;
mod slots;
mod step;
mod wait;

use durable_types::{ErrorObject, Operation, OperationAction, OperationStatus, OperationUpdate};

pub(crate) use child_context::ChildContext;
pub(crate) use slots::{Slot, Slots};
pub(crate) use step::Step;
pub use step::StepSemantics;
pub(crate) use wait::Wait;

use crate::queue::Urgency;
use crate::{ContextKey, Fatal, NewOperation, OperationId};

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
    /// Run the body, as this attempt; the first is 1.
    Run {
        /// The number of the attempt.
        attempt: u32,
    },
    /// Run the body in this context.
    Enter(ContextKey),
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
    fn send(&self, mut update: OperationUpdate, urgency: Urgency) -> Send {
        update.parent_id = self.parent.map(|parent| parent.to_string());
        update.name = self.name.as_deref().map(str::to_owned);
        update.sub_type = Some(self.sub_type.to_owned());
        Send(update, urgency)
    }
}

/// The machine of one operation.
#[derive(Debug)]
pub(crate) enum Machine {
    Step(Step),
    Wait(Wait),
    ChildContext(ChildContext),
}

impl Machine {
    /// Resumes from what is recorded of the operation.
    pub(crate) fn resume(new: NewOperation, recorded: Option<Operation>) -> Result<Self, Fatal> {
        Ok(match new {
            NewOperation::Step { semantics, retry } => Self::Step(Step::resume(semantics, retry, recorded)?),
            NewOperation::Wait { seconds } => Self::Wait(Wait::resume(seconds, recorded)?),
            NewOperation::ChildContext => Self::ChildContext(ChildContext::resume(recorded)?),
        })
    }

    /// Takes what the operation ended with, if it has ended.
    pub(crate) fn take_settled(&mut self) -> Option<Settled> {
        match self {
            Self::Step(step) => step.take_settled(),
            Self::Wait(wait) => wait.take_settled(),
            Self::ChildContext(context) => context.take_settled(),
        }
    }

    /// The replay barrier let the operation pass: it begins.
    pub(crate) fn handle_admitted(&mut self, head: &Head) -> Option<Send> {
        match self {
            Self::Step(step) => step.begin(head),
            Self::Wait(wait) => wait.begin(head),
            Self::ChildContext(context) => context.begin(head),
        }
    }

    /// The service acknowledged an update with this action.
    pub(crate) fn handle_saved(&mut self, action: &OperationAction) {
        match self {
            Self::Step(step) => step.handle_saved(action),
            Self::Wait(wait) => wait.handle_saved(),
            Self::ChildContext(context) => context.handle_saved(action),
        }
    }

    /// The service reported the state of the operation.
    pub(crate) fn handle_recorded(
        &mut self,
        recorded: Operation,
        head: &Head,
    ) -> Result<Option<Send>, Fatal> {
        match self {
            Self::Step(step) => step.handle_recorded(recorded, head),
            Self::Wait(wait) => wait.handle_recorded(recorded).map(|()| None),
            Self::ChildContext(_) => Ok(None),
        }
    }

    /// Whether only the service can move the operation on.
    pub(crate) fn is_parked(&self) -> bool {
        match self {
            Self::Step(step) => step.is_parked(),
            Self::Wait(wait) => wait.is_parked(),
            Self::ChildContext(_) => false,
        }
    }

    /// Whether the operation runs code of the user that no other operation stands for.
    pub(crate) fn is_running(&self) -> bool {
        match self {
            Self::Step(step) => step.is_running(),
            Self::Wait(_) | Self::ChildContext(_) => false,
        }
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
