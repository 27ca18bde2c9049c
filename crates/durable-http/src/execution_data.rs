//! Removes inputs, results and errors from events, for callers that did not request them.

use std::mem::take;

use durable_types::history::{Event, EventDetails, EventError, EventReason, EventResult};

/// Returns the event without the data of its execution, which is marked as truncated.
pub(super) fn without_data(mut event: Event) -> Event {
    match &mut event.details {
        EventDetails::ExecutionStarted(details) => details.input = take(&mut details.input).truncate(),
        EventDetails::ExecutionSucceeded(details) => truncate_result(&mut details.result),
        EventDetails::ExecutionFailed(details) => truncate_error(&mut details.error),
        EventDetails::ExecutionTimedOut(details) => details.error.iter_mut().for_each(truncate_error),
        EventDetails::ExecutionStopped(details) => truncate_error(&mut details.error),
        EventDetails::ContextSucceeded(details) => truncate_result(&mut details.result),
        EventDetails::ContextFailed(details) => truncate_error(&mut details.error),
        EventDetails::WaitCancelled(details) => details.error.iter_mut().for_each(truncate_error),
        EventDetails::StepSucceeded(details) => truncate_result(&mut details.result),
        EventDetails::StepFailed(details) => truncate_error(&mut details.error),
        EventDetails::ChainedInvokeStarted(details) => {
            details.input = details.input.take().map(|input| input.truncate());
        }
        EventDetails::ChainedInvokeSucceeded(details) => truncate_result(&mut details.result),
        EventDetails::ChainedInvokeFailed(details) => truncate_error(&mut details.error),
        EventDetails::ChainedInvokeTimedOut(details) => truncate_error(&mut details.error),
        EventDetails::ChainedInvokeStopped(details) => truncate_error(&mut details.error),
        EventDetails::CallbackSucceeded(details) => truncate_result(&mut details.result),
        EventDetails::CallbackFailed(details) => truncate_error(&mut details.error),
        EventDetails::CallbackTimedOut(details) => truncate_error(&mut details.error),
        EventDetails::InvocationCompleted(details) => details.error.iter_mut().for_each(truncate_error),
        EventDetails::ExecutionPaused(details) => details.reason.iter_mut().for_each(truncate_reason),
        EventDetails::ExecutionResumed(details) => details.reason.iter_mut().for_each(truncate_reason),
        EventDetails::ContextStarted(_)
        | EventDetails::WaitStarted(_)
        | EventDetails::WaitSucceeded(_)
        | EventDetails::StepStarted(_)
        | EventDetails::CallbackStarted(_)
        | EventDetails::Unknown(_) => {}
    }
    event
}

fn truncate_result(result: &mut EventResult) {
    *result = take(result).truncate();
}

fn truncate_error(error: &mut EventError) {
    *error = take(error).truncate();
}

fn truncate_reason(reason: &mut EventReason) {
    *reason = take(reason).truncate();
}
