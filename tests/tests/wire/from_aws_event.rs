//! The events that AWS's client understood, as our types.

use aws_sdk_lambda::types as aws;
use durable_types::history::*;

use crate::arbitrary::with;
use crate::from_aws::{error as error_object, timestamp};

/// An event with its details; none if it lacks its moment.
pub(crate) fn event(event: aws::Event) -> Option<Event> {
    let (id, moment) = (event.event_id.try_into().unwrap(), timestamp(event.event_timestamp?));
    Some(with(Event::new(id, moment, details(event.clone())), |it| {
        it.id = event.id.map(Into::into);
        it.name = event.name.map(Into::into);
        it.sub_type = event.sub_type.map(Into::into);
        it.parent_id = event.parent_id.map(Into::into);
    }))
}

fn details(event: aws::Event) -> EventDetails {
    execution(event.clone())
        .or_else(|| context_or_wait(event.clone()))
        .or_else(|| step_or_callback(event.clone()))
        .or_else(|| chained_invoke(event.clone()))
        .unwrap_or_else(|| EventDetails::Unknown(event.event_type.unwrap().as_str().into()))
}

fn execution(event: aws::Event) -> Option<EventDetails> {
    Some(match event.event_type?.as_str() {
        "ExecutionStarted" => {
            EventDetails::ExecutionStarted(event.execution_started_details.map(|details| {
                ExecutionStartedDetails::new(
                    details.input.map(input).unwrap_or_default(),
                    details.execution_timeout.try_into().unwrap(),
                )
            })?)
        }
        "ExecutionSucceeded" => {
            EventDetails::ExecutionSucceeded(event.execution_succeeded_details.map(|details| {
                ExecutionSucceededDetails::new(details.result.map(result).unwrap_or_default())
            })?)
        }
        "ExecutionFailed" => EventDetails::ExecutionFailed(
            event
                .execution_failed_details
                .map(|details| ExecutionFailedDetails::new(details.error.map(error).unwrap_or_default()))?,
        ),
        "ExecutionTimedOut" => EventDetails::ExecutionTimedOut(
            event
                .execution_timed_out_details
                .map(|details| ExecutionTimedOutDetails::new(details.error.map(error)))?,
        ),
        "ExecutionStopped" => EventDetails::ExecutionStopped(
            event
                .execution_stopped_details
                .map(|details| ExecutionStoppedDetails::new(details.error.map(error).unwrap_or_default()))?,
        ),
        "InvocationCompleted" => {
            EventDetails::InvocationCompleted(event.invocation_completed_details.map(|details| {
                let (start, end) = (timestamp(details.start_timestamp), timestamp(details.end_timestamp));
                let completed = InvocationCompletedDetails::new(start, end, details.request_id);
                with(completed, |completed| completed.error = details.error.map(error))
            })?)
        }
        _ => return None,
    })
}

fn context_or_wait(event: aws::Event) -> Option<EventDetails> {
    Some(match event.event_type?.as_str() {
        "ContextStarted" => EventDetails::ContextStarted(
            event.context_started_details.map(|_| ContextStartedDetails::default())?,
        ),
        "ContextSucceeded" => {
            EventDetails::ContextSucceeded(event.context_succeeded_details.map(|details| {
                ContextSucceededDetails::new(details.result.map(result).unwrap_or_default())
            })?)
        }
        "ContextFailed" => EventDetails::ContextFailed(
            event
                .context_failed_details
                .map(|details| ContextFailedDetails::new(details.error.map(error).unwrap_or_default()))?,
        ),
        "WaitStarted" => EventDetails::WaitStarted(event.wait_started_details.map(|details| {
            WaitStartedDetails::new(
                details.duration.try_into().unwrap(),
                timestamp(details.scheduled_end_timestamp),
            )
        })?),
        "WaitSucceeded" => EventDetails::WaitSucceeded(
            event
                .wait_succeeded_details
                .map(|details| WaitSucceededDetails::new(details.duration.map(number)))?,
        ),
        "WaitCancelled" => EventDetails::WaitCancelled(
            event
                .wait_cancelled_details
                .map(|details| WaitCancelledDetails::new(details.error.map(error)))?,
        ),
        _ => return None,
    })
}

fn step_or_callback(event: aws::Event) -> Option<EventDetails> {
    Some(match event.event_type?.as_str() {
        "StepStarted" => {
            EventDetails::StepStarted(event.step_started_details.map(|_| StepStartedDetails::default())?)
        }
        "StepSucceeded" => EventDetails::StepSucceeded(event.step_succeeded_details.map(|details| {
            StepSucceededDetails::new(
                details.result.map(result).unwrap_or_default(),
                details.retry_details.map(retry_details).unwrap_or_default(),
            )
        })?),
        "StepFailed" => EventDetails::StepFailed(event.step_failed_details.map(|details| {
            StepFailedDetails::new(
                details.error.map(error).unwrap_or_default(),
                details.retry_details.map(retry_details).unwrap_or_default(),
            )
        })?),
        "CallbackStarted" => {
            EventDetails::CallbackStarted(event.callback_started_details.map(|details| {
                with(CallbackStartedDetails::new(details.callback_id), |started| {
                    started.heartbeat_timeout = details.heartbeat_timeout.map(number);
                    started.timeout = details.timeout.map(number);
                })
            })?)
        }
        "CallbackSucceeded" => {
            EventDetails::CallbackSucceeded(event.callback_succeeded_details.map(|details| {
                CallbackSucceededDetails::new(details.result.map(result).unwrap_or_default())
            })?)
        }
        "CallbackFailed" => EventDetails::CallbackFailed(
            event
                .callback_failed_details
                .map(|details| CallbackFailedDetails::new(details.error.map(error).unwrap_or_default()))?,
        ),
        "CallbackTimedOut" => EventDetails::CallbackTimedOut(
            event
                .callback_timed_out_details
                .map(|details| CallbackTimedOutDetails::new(details.error.map(error).unwrap_or_default()))?,
        ),
        _ => return None,
    })
}

fn chained_invoke(event: aws::Event) -> Option<EventDetails> {
    Some(match event.event_type?.as_str() {
        "ChainedInvokeStarted" => {
            EventDetails::ChainedInvokeStarted(event.chained_invoke_started_details.map(|details| {
                with(ChainedInvokeStartedDetails::new(details.function_name), |started| {
                    started.tenant_id = details.tenant_id;
                    started.input = details.input.map(input);
                    started.executed_version = details.executed_version;
                    started.durable_execution_arn = details.durable_execution_arn;
                })
            })?)
        }
        "ChainedInvokeSucceeded" => {
            EventDetails::ChainedInvokeSucceeded(event.chained_invoke_succeeded_details.map(|details| {
                ChainedInvokeSucceededDetails::new(details.result.map(result).unwrap_or_default())
            })?)
        }
        "ChainedInvokeFailed" => {
            EventDetails::ChainedInvokeFailed(event.chained_invoke_failed_details.map(|details| {
                ChainedInvokeFailedDetails::new(details.error.map(error).unwrap_or_default())
            })?)
        }
        "ChainedInvokeTimedOut" => {
            EventDetails::ChainedInvokeTimedOut(event.chained_invoke_timed_out_details.map(|details| {
                ChainedInvokeTimedOutDetails::new(details.error.map(error).unwrap_or_default())
            })?)
        }
        "ChainedInvokeStopped" => {
            EventDetails::ChainedInvokeStopped(event.chained_invoke_stopped_details.map(|details| {
                ChainedInvokeStoppedDetails::new(details.error.map(error).unwrap_or_default())
            })?)
        }
        _ => return None,
    })
}

fn input(input: aws::EventInput) -> EventInput {
    with(EventInput::from(input.payload), |it| it.truncated = input.truncated)
}

fn result(result: aws::EventResult) -> EventResult {
    with(EventResult::from(result.payload), |it| it.truncated = result.truncated)
}

fn error(error: aws::EventError) -> EventError {
    with(EventError::from(error.payload.map(error_object)), |it| it.truncated = error.truncated)
}

fn retry_details(details: aws::RetryDetails) -> RetryDetails {
    RetryDetails::new(
        details.current_attempt.try_into().unwrap(),
        details.next_attempt_delay_seconds.map(number),
    )
}

fn number(number: i32) -> u64 {
    number.try_into().unwrap()
}
