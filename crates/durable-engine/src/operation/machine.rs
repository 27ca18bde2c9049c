//! The machine of any operation.

use durable_types::{Operation, OperationAction, Timestamp};

use super::callback::{Callback, Timeouts};
use super::context::ContextOperation;
use super::decision::Decision;
use super::header::OperationHeader;
use super::invoke::Invoke;
use super::remote::RemoteOperation;
use super::resumed::Resumed;
use super::step::Step;
use super::transition::Transition;
use super::wait::Wait;
use super::wait_for_condition::WaitForCondition;
use crate::checkpoint::QueuedUpdate;
use crate::claim::NewOperation;
use crate::fatal::Fatal;
use crate::settled::Settled;

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
    /// Resumes from the record of the operation, which may contain its end.
    pub(crate) fn resume(
        new: NewOperation,
        recorded: Option<&mut Operation>,
    ) -> Result<(Self, Resumed), Fatal> {
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
                let (callback, resumed) = Callback::resume(timeouts, recorded)?;
                return Ok((Self::Callback(callback), resumed));
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
        Ok((machine, settled.into()))
    }

    /// Starts the operation, because the replay barrier admitted it.
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

    /// Handles that the service acknowledged an update with this action.
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

    /// Handles the state of the operation as reported by the service.
    pub(crate) fn handle_recorded(&mut self, recorded: &mut Operation) -> Result<Transition, Fatal> {
        match self {
            Self::Step(step) => step.handle_recorded(recorded),
            Self::Wait(wait) => wait.handle_recorded(recorded),
            Self::Invoke(invoke) => invoke.handle_recorded(recorded),
            Self::Callback(callback) => callback.handle_recorded(recorded),
            Self::WaitForCondition(condition) => condition.handle_recorded(recorded),
            Self::Context(_) | Self::Decision(_) => Ok(Transition::None),
        }
    }

    /// Returns whether the service can end it at any time.
    pub(crate) fn is_remote(&self) -> bool {
        match self {
            Self::Wait(_) | Self::Invoke(_) | Self::Callback(_) => true,
            Self::Step(_) | Self::WaitForCondition(_) | Self::Context(_) | Self::Decision(_) => false,
        }
    }

    /// Returns whether it is a callback whose id has not reached its future, while its answer may have arrived.
    pub(crate) fn expects_answer(&self) -> bool {
        matches!(self, Self::Callback(callback) if callback.is_announced())
    }

    /// Returns whether only the service can advance the operation.
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

    /// Returns when the service will advance the operation, if that is known.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Step(step) => step.due(),
            Self::WaitForCondition(condition) => condition.attempts.due(),
            Self::Wait(wait) => wait.due(),
            Self::Invoke(_) | Self::Callback(_) | Self::Context(_) | Self::Decision(_) => None,
        }
    }

    /// Returns whether a response may have made its body due: the next attempt, or the first one now that the start is
    /// recorded.
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

    /// Returns whether its body is due and a later invocation could start it as well.
    pub(crate) fn can_start_later(&self) -> bool {
        match self {
            Self::Step(step) => step.can_start_later(),
            Self::WaitForCondition(condition) => condition.attempts.can_start_later(),
            Self::Context(context) => context.is_new(),
            Self::Wait(_) | Self::Invoke(_) | Self::Callback(_) | Self::Decision(_) => false,
        }
    }

    /// Returns whether the operation is running user code that no other operation represents.
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
