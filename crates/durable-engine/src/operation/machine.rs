//! The machine of any operation.

use durable_types::{Operation, OperationAction, Timestamp};

use super::callback::{Callback, Timeouts};
use super::context::ContextOperation;
use super::decision::Decision;
use super::invoke::Invoke;
use super::remote::RemoteOperation;
use super::step::Step;
use super::wait::Wait;
use super::wait_for_condition::WaitForCondition;
use super::{OperationHeader, Settled, Transition};
use crate::checkpoint::QueuedUpdate;
use crate::claim::NewOperation;
use crate::fatal::Fatal;

/// The machine of one operation.
#[derive(Debug)]
pub(crate) enum Machine {
    Step(Step),
    Wait(RemoteOperation<Wait>),
    Invoke(RemoteOperation<Invoke>),
    Callback(Callback),
    WaitForCondition(WaitForCondition),
    Context(ContextOperation),
    Decision(Decision),
}

impl Machine {
    /// Resumes from what is recorded of the operation, which may be its end.
    pub(crate) fn resume(
        new: NewOperation,
        recorded: Option<Operation>,
    ) -> Result<(Self, Transition), Fatal> {
        let (machine, settled) = match new {
            NewOperation::Step { semantics } => {
                let (step, settled) = Step::resume(semantics, recorded)?;
                (Self::Step(step), settled)
            }
            NewOperation::Wait { seconds } => {
                let (wait, settled) = RemoteOperation::resume(Wait { seconds }, recorded)?;
                (Self::Wait(wait), settled)
            }
            NewOperation::Invoke { options, input } => {
                let (invoke, settled) = RemoteOperation::resume(Invoke { options, input }, recorded)?;
                (Self::Invoke(invoke), settled)
            }
            NewOperation::Callback { timeout_seconds, heartbeat_timeout_seconds } => {
                let timeouts = Timeouts { timeout_seconds, heartbeat_timeout_seconds };
                let (callback, transition) = Callback::resume(timeouts, recorded)?;
                return Ok((Self::Callback(callback), transition));
            }
            NewOperation::WaitForCondition => {
                let (condition, settled) = WaitForCondition::resume(recorded)?;
                (Self::WaitForCondition(condition), settled)
            }
            NewOperation::Context { .. } => {
                let (context, settled) = ContextOperation::resume(recorded)?;
                (Self::Context(context), settled)
            }
            NewOperation::Decision { .. } => {
                let (decision, settled) = Decision::resume(recorded)?;
                (Self::Decision(decision), settled)
            }
        };
        Ok((machine, settled.map_or(Transition::None, Transition::Settled)))
    }

    /// The replay barrier let the operation pass: it begins.
    pub(crate) fn handle_admitted(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        match self {
            Self::Step(step) => step.begin(header),
            Self::Wait(wait) => wait.begin(header),
            Self::Invoke(invoke) => invoke.begin(header),
            Self::Callback(callback) => callback.begin(header),
            Self::WaitForCondition(condition) => condition.begin(header),
            Self::Context(context) => context.begin(header),
            Self::Decision(_) => None,
        }
    }

    /// The service acknowledged an update with this action.
    pub(crate) fn handle_saved(&mut self, action: &OperationAction) -> Option<Settled> {
        match self {
            Self::Step(step) => return step.handle_saved(action),
            Self::WaitForCondition(condition) => return condition.handle_saved(action),
            Self::Context(context) => return context.handle_saved(action),
            Self::Decision(decision) => return decision.handle_saved(action),
            Self::Wait(wait) => wait.handle_saved(),
            Self::Invoke(invoke) => invoke.handle_saved(),
            Self::Callback(callback) => callback.handle_saved(),
        }
        None
    }

    /// The service reported the state of the operation.
    pub(crate) fn handle_recorded(
        &mut self,
        recorded: Operation,
        header: &OperationHeader,
    ) -> Result<Transition, Fatal> {
        match self {
            Self::Step(step) => step.handle_recorded(recorded, header),
            Self::Wait(wait) => wait.handle_recorded(recorded),
            Self::Invoke(invoke) => invoke.handle_recorded(recorded),
            Self::Callback(callback) => callback.handle_recorded(recorded),
            Self::WaitForCondition(condition) => condition.handle_recorded(recorded, header),
            Self::Context(_) | Self::Decision(_) => Ok(Transition::None),
        }
    }

    /// Whether the service can end it at any time.
    pub(crate) fn is_remote(&self) -> bool {
        match self {
            Self::Wait(_) | Self::Invoke(_) | Self::Callback(_) => true,
            Self::Step(_) | Self::WaitForCondition(_) | Self::Context(_) | Self::Decision(_) => false,
        }
    }

    /// Whether it is a callback whose id has not reached its future, while its answer may have arrived.
    pub(crate) fn expects_answer(&self) -> bool {
        matches!(self, Self::Callback(callback) if callback.is_announced())
    }

    /// Whether only the service can move the operation on.
    pub(crate) fn is_parked(&self) -> bool {
        match self {
            Self::Step(step) => step.is_parked(),
            Self::Wait(wait) => wait.is_parked(),
            Self::Invoke(invoke) => invoke.is_parked(),
            Self::Callback(callback) => callback.is_parked(),
            Self::WaitForCondition(condition) => condition.attempts.is_parked(),
            Self::Context(_) | Self::Decision(_) => false,
        }
    }

    /// When the service will move the operation on by itself, if that is known.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Step(step) => step.due(),
            Self::WaitForCondition(condition) => condition.attempts.due(),
            Self::Wait(wait) => wait.due(),
            Self::Invoke(_) | Self::Callback(_) | Self::Context(_) | Self::Decision(_) => None,
        }
    }

    /// Whether a response may have made its body due: its next attempt, or the first one now that its start is recorded.
    pub(crate) fn may_run(&self) -> bool {
        match self {
            Self::Step(step) => !step.is_running() && !step.is_parked(),
            Self::WaitForCondition(condition) => {
                !condition.attempts.is_running() && !condition.attempts.is_parked()
            }
            Self::Wait(_) | Self::Invoke(_) | Self::Callback(_) | Self::Context(_) | Self::Decision(_) => {
                false
            }
        }
    }

    /// Whether the operation runs code of the user that no other operation stands for.
    pub(crate) fn is_running(&self) -> bool {
        match self {
            Self::Step(step) => step.is_running(),
            Self::WaitForCondition(condition) => condition.attempts.is_running(),
            Self::Wait(_) | Self::Invoke(_) | Self::Callback(_) | Self::Context(_) | Self::Decision(_) => {
                false
            }
        }
    }
}
