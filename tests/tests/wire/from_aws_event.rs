//! The events that AWS's client understood, as our types.

use aws_sdk_lambda::types as aws;
use durable_types::history::*;

use crate::from_aws::{error as error_object, timestamp};

/// An event with its details; none if it lacks its moment.
pub(crate) fn event(event: aws::Event) -> Option<Event> {
    Some(Event {
        event_id: event.event_id.try_into().unwrap(),
        event_timestamp: timestamp(event.event_timestamp?),
        id: event.id.clone(),
        name: event.name.clone(),
        sub_type: event.sub_type.clone(),
        parent_id: event.parent_id.clone(),
        details: details(event),
    })
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
                ExecutionStartedDetails {
                    input: details.input.map(input).unwrap_or_default(),
                    execution_timeout: details.execution_timeout.try_into().unwrap(),
                }
            })?)
        }
        "ExecutionSucceeded" => {
            EventDetails::ExecutionSucceeded(event.execution_succeeded_details.map(|details| {
                ExecutionSucceededDetails { result: details.result.map(result).unwrap_or_default() }
            })?)
        }
        "ExecutionFailed" => {
            EventDetails::ExecutionFailed(event.execution_failed_details.map(|details| {
                ExecutionFailedDetails { error: details.error.map(error).unwrap_or_default() }
            })?)
        }
        "ExecutionTimedOut" => EventDetails::ExecutionTimedOut(
            event
                .execution_timed_out_details
                .map(|details| ExecutionTimedOutDetails { error: details.error.map(error) })?,
        ),
        "ExecutionStopped" => {
            EventDetails::ExecutionStopped(event.execution_stopped_details.map(|details| {
                ExecutionStoppedDetails { error: details.error.map(error).unwrap_or_default() }
            })?)
        }
        "InvocationCompleted" => {
            EventDetails::InvocationCompleted(event.invocation_completed_details.map(|details| {
                InvocationCompletedDetails {
                    start_timestamp: timestamp(details.start_timestamp),
                    end_timestamp: timestamp(details.end_timestamp),
                    request_id: details.request_id,
                    error: details.error.map(error),
                }
            })?)
        }
        _ => return None,
    })
}

fn context_or_wait(event: aws::Event) -> Option<EventDetails> {
    Some(match event.event_type?.as_str() {
        "ContextStarted" => {
            EventDetails::ContextStarted(event.context_started_details.map(|_| ContextStartedDetails {})?)
        }
        "ContextSucceeded" => {
            EventDetails::ContextSucceeded(event.context_succeeded_details.map(|details| {
                ContextSucceededDetails { result: details.result.map(result).unwrap_or_default() }
            })?)
        }
        "ContextFailed" => {
            EventDetails::ContextFailed(event.context_failed_details.map(|details| ContextFailedDetails {
                error: details.error.map(error).unwrap_or_default(),
            })?)
        }
        "WaitStarted" => {
            EventDetails::WaitStarted(event.wait_started_details.map(|details| WaitStartedDetails {
                duration: details.duration.try_into().unwrap(),
                scheduled_end_timestamp: timestamp(details.scheduled_end_timestamp),
            })?)
        }
        "WaitSucceeded" => EventDetails::WaitSucceeded(
            event
                .wait_succeeded_details
                .map(|details| WaitSucceededDetails { duration: details.duration.map(number) })?,
        ),
        "WaitCancelled" => EventDetails::WaitCancelled(
            event
                .wait_cancelled_details
                .map(|details| WaitCancelledDetails { error: details.error.map(error) })?,
        ),
        _ => return None,
    })
}

fn step_or_callback(event: aws::Event) -> Option<EventDetails> {
    Some(match event.event_type?.as_str() {
        "StepStarted" => {
            EventDetails::StepStarted(event.step_started_details.map(|_| StepStartedDetails {})?)
        }
        "StepSucceeded" => {
            EventDetails::StepSucceeded(event.step_succeeded_details.map(|details| StepSucceededDetails {
                result: details.result.map(result).unwrap_or_default(),
                retry_details: details.retry_details.map(retry_details).unwrap_or_default(),
            })?)
        }
        "StepFailed" => {
            EventDetails::StepFailed(event.step_failed_details.map(|details| StepFailedDetails {
                error: details.error.map(error).unwrap_or_default(),
                retry_details: details.retry_details.map(retry_details).unwrap_or_default(),
            })?)
        }
        "CallbackStarted" => {
            EventDetails::CallbackStarted(event.callback_started_details.map(|details| {
                CallbackStartedDetails {
                    callback_id: details.callback_id,
                    heartbeat_timeout: details.heartbeat_timeout.map(number),
                    timeout: details.timeout.map(number),
                }
            })?)
        }
        "CallbackSucceeded" => {
            EventDetails::CallbackSucceeded(event.callback_succeeded_details.map(|details| {
                CallbackSucceededDetails { result: details.result.map(result).unwrap_or_default() }
            })?)
        }
        "CallbackFailed" => {
            EventDetails::CallbackFailed(event.callback_failed_details.map(|details| {
                CallbackFailedDetails { error: details.error.map(error).unwrap_or_default() }
            })?)
        }
        "CallbackTimedOut" => {
            EventDetails::CallbackTimedOut(event.callback_timed_out_details.map(|details| {
                CallbackTimedOutDetails { error: details.error.map(error).unwrap_or_default() }
            })?)
        }
        _ => return None,
    })
}

fn chained_invoke(event: aws::Event) -> Option<EventDetails> {
    Some(match event.event_type?.as_str() {
        "ChainedInvokeStarted" => {
            EventDetails::ChainedInvokeStarted(event.chained_invoke_started_details.map(|details| {
                ChainedInvokeStartedDetails {
                    function_name: details.function_name,
                    tenant_id: details.tenant_id,
                    input: details.input.map(input),
                    executed_version: details.executed_version,
                    durable_execution_arn: details.durable_execution_arn,
                }
            })?)
        }
        "ChainedInvokeSucceeded" => {
            EventDetails::ChainedInvokeSucceeded(event.chained_invoke_succeeded_details.map(|details| {
                ChainedInvokeSucceededDetails { result: details.result.map(result).unwrap_or_default() }
            })?)
        }
        "ChainedInvokeFailed" => {
            EventDetails::ChainedInvokeFailed(event.chained_invoke_failed_details.map(|details| {
                ChainedInvokeFailedDetails { error: details.error.map(error).unwrap_or_default() }
            })?)
        }
        "ChainedInvokeTimedOut" => {
            EventDetails::ChainedInvokeTimedOut(event.chained_invoke_timed_out_details.map(|details| {
                ChainedInvokeTimedOutDetails { error: details.error.map(error).unwrap_or_default() }
            })?)
        }
        "ChainedInvokeStopped" => {
            EventDetails::ChainedInvokeStopped(event.chained_invoke_stopped_details.map(|details| {
                ChainedInvokeStoppedDetails { error: details.error.map(error).unwrap_or_default() }
            })?)
        }
        _ => return None,
    })
}

fn input(input: aws::EventInput) -> EventInput {
    EventInput { payload: input.payload, truncated: input.truncated }
}

fn result(result: aws::EventResult) -> EventResult {
    EventResult { payload: result.payload, truncated: result.truncated }
}

fn error(error: aws::EventError) -> EventError {
    EventError { payload: error.payload.map(error_object), truncated: error.truncated }
}

fn retry_details(details: aws::RetryDetails) -> RetryDetails {
    RetryDetails {
        current_attempt: Some(details.current_attempt.try_into().unwrap()),
        next_attempt_delay_seconds: details.next_attempt_delay_seconds.map(number),
    }
}

fn number(number: i32) -> u64 {
    number.try_into().unwrap()
}
