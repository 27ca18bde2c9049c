//! What an event says about its operation.

use std::time::Duration;

use durable_types::history::{Event, EventDetails, EventError, EventType, RetryDetails};
use durable_types::{ErrorObject, OperationStatus, OperationType, SmallString, Timestamp};

use crate::span::{AttemptOutcome, Detail};

/// A transition of an operation.
#[derive(Debug)]
pub(super) enum Transition<'a> {
    /// It started.
    Start(Detail),
    /// An attempt started.
    StartAttempt,
    /// An attempt ended, and another one may follow.
    EndAttempt(AttemptOutcome, Option<&'a ErrorObject>, RetryDetails, Option<SmallString>),
    /// It ended.
    End(OperationStatus, Option<&'a ErrorObject>),
}

/// Returns the type of an event's operation and its transition, unless the event is not about an operation.
pub(super) fn transition(event: &Event) -> Option<(OperationType, Transition<'_>)> {
    use OperationStatus::{Cancelled, Failed, Stopped, Succeeded, TimedOut};
    let operation_type = operation_type(&event.details.event_type())?;
    let transition = match &event.details {
        EventDetails::ContextStarted(_) => Transition::Start(Detail::None),
        EventDetails::ContextSucceeded(_) => end(Succeeded, None),
        EventDetails::ContextFailed(details) => end(Failed, Some(&details.error)),
        EventDetails::WaitStarted(details) => {
            Transition::Start(Detail::Wait { until: Some(details.scheduled_end_timestamp) })
        }
        EventDetails::WaitSucceeded(_) => end(Succeeded, None),
        EventDetails::WaitCancelled(details) => end(Cancelled, details.error.as_ref()),
        EventDetails::StepStarted(_) => Transition::StartAttempt,
        EventDetails::StepSucceeded(details) => {
            let value = details.result.payload.as_deref().filter(|value| value.len() <= MAX_MARKER_LENGTH);
            let value = value.map(SmallString::from);
            Transition::EndAttempt(AttemptOutcome::Succeeded, None, details.retry_details, value)
        }
        EventDetails::StepFailed(details) => Transition::EndAttempt(
            AttemptOutcome::Failed,
            payload(&details.error),
            details.retry_details,
            None,
        ),
        EventDetails::ChainedInvokeStarted(details) => Transition::Start(Detail::Invoke {
            function: Some(details.function_name.as_str().into()),
            execution_arn: details.durable_execution_arn.as_deref().map(Into::into),
        }),
        EventDetails::ChainedInvokeSucceeded(_) => end(Succeeded, None),
        EventDetails::ChainedInvokeFailed(details) => end(Failed, Some(&details.error)),
        EventDetails::ChainedInvokeTimedOut(details) => end(TimedOut, Some(&details.error)),
        EventDetails::ChainedInvokeStopped(details) => end(Stopped, Some(&details.error)),
        EventDetails::CallbackStarted(details) => Transition::Start(Detail::Callback {
            callback_id: Some(details.callback_id.as_str().into()),
            deadline: seconds(details.timeout).map(|timeout| later(event.event_timestamp, timeout)),
            heartbeat_timeout: seconds(details.heartbeat_timeout),
        }),
        EventDetails::CallbackSucceeded(_) => end(Succeeded, None),
        EventDetails::CallbackFailed(details) => end(Failed, Some(&details.error)),
        EventDetails::CallbackTimedOut(details) => end(TimedOut, Some(&details.error)),
        EventDetails::Unknown(_) => return start_without_details(operation_type),
        EventDetails::ExecutionStarted(_)
        | EventDetails::ExecutionSucceeded(_)
        | EventDetails::ExecutionFailed(_)
        | EventDetails::ExecutionTimedOut(_)
        | EventDetails::ExecutionStopped(_)
        | EventDetails::ExecutionPaused(_)
        | EventDetails::ExecutionResumed(_)
        | EventDetails::InvocationCompleted(_) => return None,
    };
    Some((operation_type, transition))
}

fn end(status: OperationStatus, error: Option<&EventError>) -> Transition<'_> {
    Transition::End(status, error.and_then(payload))
}

/// The maximum length of the value of a marker that is kept. They are numbers.
const MAX_MARKER_LENGTH: usize = 22;

/// Returns the details of operations of a type about which nothing is known.
pub(super) fn unknown_detail(operation_type: &OperationType) -> Detail {
    match operation_type {
        OperationType::Wait => Detail::Wait { until: None },
        OperationType::Callback => {
            Detail::Callback { callback_id: None, deadline: None, heartbeat_timeout: None }
        }
        OperationType::ChainedInvoke => Detail::Invoke { function: None, execution_arn: None },
        OperationType::Execution
        | OperationType::Context
        | OperationType::Step
        | OperationType::Unknown(_) => Detail::None,
    }
}

/// Returns the error of an event, if the event contains it.
pub(super) fn payload(error: &EventError) -> Option<&ErrorObject> {
    error.payload.as_ref()
}

/// Returns the time that is this much later.
pub(super) fn later(at: Timestamp, duration: Duration) -> Timestamp {
    at.saturating_add(duration)
}

/// Events lack their details only if these have required members, which only those of starts have.
fn start_without_details(operation_type: OperationType) -> Option<(OperationType, Transition<'static>)> {
    let detail = unknown_detail(&operation_type);
    Some((operation_type, Transition::Start(detail)))
}

fn seconds(seconds: Option<u64>) -> Option<Duration> {
    seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs)
}

fn operation_type(event_type: &EventType) -> Option<OperationType> {
    match event_type {
        EventType::ContextStarted | EventType::ContextSucceeded | EventType::ContextFailed => {
            Some(OperationType::Context)
        }
        EventType::WaitStarted | EventType::WaitSucceeded | EventType::WaitCancelled => {
            Some(OperationType::Wait)
        }
        EventType::StepStarted | EventType::StepSucceeded | EventType::StepFailed => {
            Some(OperationType::Step)
        }
        EventType::ChainedInvokeStarted
        | EventType::ChainedInvokeSucceeded
        | EventType::ChainedInvokeFailed
        | EventType::ChainedInvokeTimedOut
        | EventType::ChainedInvokeStopped => Some(OperationType::ChainedInvoke),
        EventType::CallbackStarted
        | EventType::CallbackSucceeded
        | EventType::CallbackFailed
        | EventType::CallbackTimedOut => Some(OperationType::Callback),
        EventType::ExecutionStarted
        | EventType::ExecutionSucceeded
        | EventType::ExecutionFailed
        | EventType::ExecutionTimedOut
        | EventType::ExecutionStopped
        | EventType::InvocationCompleted
        | EventType::ExecutionPaused
        | EventType::ExecutionResumed
        | EventType::Unknown(_) => None,
    }
}
