//! Calls of other functions: what the caller's execution wants called, and how the call ended.

use std::fmt;

use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableExecutionArn, ErrorObject, ExecutionStatus, OperationStatus, Timestamp};

use crate::event::{Event, OperationChanged};
use crate::execution::Execution;
use crate::headers::InvocationHeaders;
use crate::operation::{ChainedInvokeChange, OperationChange};
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::settings::Settings;
use crate::turn::Turn;

/// What calling a function means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionKind {
    /// The call starts an execution of its own.
    Durable,
    /// The call is one invocation, which gets the input and answers with the result.
    Plain,
}

/// A call of another function, of which the execution wants to know the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionCall {
    /// The operation that makes it.
    pub operation_id: String,
    /// The name of the function alone.
    pub function_name: String,
    /// The version of the function: `$LATEST` or a number.
    pub version: String,
    /// The execution to start, asynchronously; none: the function is not durable, but invoked once. The same call has
    /// the same ARN whenever it is asked for, so that starting it twice can be told.
    pub durable_execution_arn: Option<DurableExecutionArn>,
    /// What is passed on besides the input.
    pub headers: InvocationHeaders,
    /// The input.
    pub input: Option<Payload>,
}

/// How a call of another function ended.
#[derive(Clone, PartialEq, Eq)]
pub enum ChainedInvokeEnd {
    /// The function returned a result.
    Succeeded(Option<String>),
    /// The function failed, or could not be called.
    Failed(ErrorObject),
    /// Its execution took longer than its timeout; see [`timed_out`](Self::timed_out).
    TimedOut(ErrorObject),
    /// Somebody stopped its execution.
    Stopped(ErrorObject),
}

impl ChainedInvokeEnd {
    /// The end of a call whose execution timed out after so many seconds.
    pub fn timed_out(seconds: u32) -> Self {
        let message = format!("CHAINED_INVOKE timed out after {seconds} seconds.");
        Self::TimedOut(ErrorObject::new("ChainedInvoke.Timeout", message))
    }

    /// The end of a call that started this execution; none while it has not ended.
    pub fn of(execution: &Execution) -> Option<Self> {
        let error = || execution.error().cloned().unwrap_or_default();
        match execution.kept_status() {
            ExecutionStatus::Succeeded => Some(Self::Succeeded(execution.result().map(str::to_owned))),
            ExecutionStatus::Failed => Some(Self::Failed(error())),
            ExecutionStatus::TimedOut => Some(Self::timed_out(execution.execution_timeout())),
            ExecutionStatus::Stopped => Some(Self::Stopped(error())),
            ExecutionStatus::Running
            | ExecutionStatus::Pausing
            | ExecutionStatus::Paused
            | ExecutionStatus::Deleting
            | ExecutionStatus::Unknown(_) => None,
        }
    }

    fn into_change(self, settings: &Settings) -> ChainedInvokeChange {
        let max_bytes = settings.max_operation_payload_bytes;
        match self {
            Self::Succeeded(Some(result)) if result.len() > max_bytes => {
                let message = format!(
                    "CHAINED_INVOKE output payload size must be less than or equal to {max_bytes} bytes."
                );
                ChainedInvokeChange::Failed { error: invalid(message) }
            }
            Self::Succeeded(result) => ChainedInvokeChange::Succeeded { result: result.map(Payload::from) },
            Self::Failed(error) | Self::TimedOut(error) | Self::Stopped(error)
                if error.len() > settings.max_error_bytes =>
            {
                let message =
                    format!("Error object size must be less than {} bytes.", settings.max_error_bytes);
                ChainedInvokeChange::Failed { error: invalid(message) }
            }
            Self::Failed(error) => ChainedInvokeChange::Failed { error },
            Self::TimedOut(error) => ChainedInvokeChange::TimedOut { error },
            Self::Stopped(error) => ChainedInvokeChange::Stopped { error },
        }
    }
}

impl fmt::Debug for ChainedInvokeEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded(result) => {
                write!(f, "Succeeded(<{} bytes redacted>)", result.as_ref().map_or(0, String::len))
            }
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
            Self::TimedOut(error) => f.debug_tuple("TimedOut").field(error).finish(),
            Self::Stopped(error) => f.debug_tuple("Stopped").field(error).finish(),
        }
    }
}

impl Execution {
    /// The calls of other functions whose end has not been told yet.
    ///
    /// A process that takes over an execution makes them again, as if they came as
    /// [`Effect::InvokeFunction`](crate::Effect::InvokeFunction) just now.
    pub fn calls(&self) -> impl Iterator<Item = &FunctionCall> {
        let is_open = !self.is_closed();
        self.records.calls().filter(move |_| is_open)
    }

    pub(crate) fn handle_chained_invoke_ended(
        &mut self,
        operation_id: &str,
        end: ChainedInvokeEnd,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let is_awaited =
            !self.is_closed() && self.deadline() > now && self.records.call(operation_id).is_some();
        let recorded = self.records.find(operation_id);
        let recorded = recorded.filter(|it| is_awaited && it.status == OperationStatus::Started);
        let Some(operation) = recorded else {
            let message = format!("Nobody waits for the end of the call {operation_id}.");
            return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
        };
        let change = OperationChange::ChainedInvoke(end.into_change(settings));
        let changed = OperationChanged::of(operation, change, now);
        let mut turn = Turn::new(self, settings, now);
        turn.emit(Event::OperationChanged(changed));
        turn.carry_on();
        Ok(turn.accepted())
    }
}

fn invalid(message: String) -> ErrorObject {
    ErrorObject::new("InvalidParameterValueException", message)
}
