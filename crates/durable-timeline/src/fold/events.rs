//! The fold of the events of a history.

use std::time::Duration;

use durable_types::history::{Event, EventDetails, EventType, InvocationCompletedDetails, RetryDetails};
use durable_types::{ErrorObject, ExecutionStatus, OperationStatus, OperationType, SmallString, Timestamp};

use super::transition::{Transition, later, payload, transition, unknown_detail};
use crate::change::Change;
use crate::span::{AttemptOutcome, Detail, InvocationSpan, OperationSpan};
use crate::timeline::Timeline;

/// How an attempt ended, as its event says.
struct EndedAttempt<'a> {
    outcome: AttemptOutcome,
    error: Option<&'a ErrorObject>,
    retry: RetryDetails,
    value: Option<SmallString>,
}

impl Timeline {
    /// Adds the next event of the history, and returns what it changed, if anything.
    ///
    /// Any sequence of events is accepted. An event of an operation whose start is missing creates the operation; events
    /// of an operation that has ended, and events of unknown types, are ignored.
    ///
    /// ```
    /// use durable_timeline::{Change, Timeline};
    /// use durable_types::Timestamp;
    /// use durable_types::history::{Event, EventDetails, StepStartedDetails};
    ///
    /// let details = EventDetails::StepStarted(StepStartedDetails::default());
    /// let mut event = Event::new(1, Timestamp::EPOCH, details);
    /// event.id = Some("step-1".into());
    /// event.name = Some("charge".into());
    ///
    /// let mut timeline = Timeline::default();
    /// let change = timeline.apply(&event);
    ///
    /// assert_eq!(change, Some(Change::Started("step-1".into())));
    /// assert_eq!(timeline.operation("step-1").unwrap().label().to_string(), "step charge");
    /// ```
    pub fn apply(&mut self, event: &Event) -> Option<Change> {
        self.last = self.last.max(Some(event.event_timestamp));
        match transition(event) {
            Some((operation_type, transition)) => self.apply_transition(event, operation_type, transition),
            None => self.apply_to_execution(event),
        }
    }

    fn apply_to_execution(&mut self, event: &Event) -> Option<Change> {
        let at = event.event_timestamp;
        match &event.details {
            EventDetails::ExecutionStarted(details) => {
                let timeout = Duration::from_secs(details.execution_timeout.into());
                Some(self.handle_execution_started(at, (!timeout.is_zero()).then_some(timeout)))
            }
            EventDetails::ExecutionSucceeded(_) => self.end_execution(at, ExecutionStatus::Succeeded, None),
            EventDetails::ExecutionFailed(details) => {
                self.end_execution(at, ExecutionStatus::Failed, payload(&details.error))
            }
            EventDetails::ExecutionTimedOut(details) => {
                self.end_execution(at, ExecutionStatus::TimedOut, details.error.as_ref().and_then(payload))
            }
            EventDetails::ExecutionStopped(details) => {
                self.end_execution(at, ExecutionStatus::Stopped, payload(&details.error))
            }
            EventDetails::ExecutionPaused(details) => {
                let reason = details.reason.as_ref().and_then(|reason| reason.payload.as_deref());
                self.execution.handle_paused(at, reason.map(Into::into)).then_some(Change::Paused)
            }
            EventDetails::ExecutionResumed(_) => self.execution.handle_resumed(at).then_some(Change::Resumed),
            EventDetails::InvocationCompleted(details) => Some(self.end_invocation(details)),
            EventDetails::Unknown(word) => self.apply_without_details(at, &EventType::from(&**word)),
            EventDetails::ContextStarted(_)
            | EventDetails::ContextSucceeded(_)
            | EventDetails::ContextFailed(_)
            | EventDetails::WaitStarted(_)
            | EventDetails::WaitSucceeded(_)
            | EventDetails::WaitCancelled(_)
            | EventDetails::StepStarted(_)
            | EventDetails::StepSucceeded(_)
            | EventDetails::StepFailed(_)
            | EventDetails::ChainedInvokeStarted(_)
            | EventDetails::ChainedInvokeSucceeded(_)
            | EventDetails::ChainedInvokeFailed(_)
            | EventDetails::ChainedInvokeTimedOut(_)
            | EventDetails::ChainedInvokeStopped(_)
            | EventDetails::CallbackStarted(_)
            | EventDetails::CallbackSucceeded(_)
            | EventDetails::CallbackFailed(_)
            | EventDetails::CallbackTimedOut(_) => None,
        }
    }

    /// Applies an event of the execution that lacks its details.
    fn apply_without_details(&mut self, at: Timestamp, event_type: &EventType) -> Option<Change> {
        if *event_type == EventType::ExecutionStarted {
            Some(self.handle_execution_started(at, None))
        } else if *event_type == EventType::ExecutionPaused {
            self.execution.handle_paused(at, None).then_some(Change::Paused)
        } else if *event_type == EventType::ExecutionResumed {
            self.execution.handle_resumed(at).then_some(Change::Resumed)
        } else if *event_type == EventType::InvocationCompleted {
            Some(self.end_invocation(&InvocationCompletedDetails::new(at, at, String::new())))
        } else {
            None
        }
    }

    fn handle_execution_started(&mut self, at: Timestamp, timeout: Option<Duration>) -> Change {
        self.execution.handle_started(at, timeout);
        Change::ExecutionStarted
    }

    fn end_execution(
        &mut self,
        at: Timestamp,
        status: ExecutionStatus,
        error: Option<&ErrorObject>,
    ) -> Option<Change> {
        self.execution.handle_ended(at, status, error.cloned()).then_some(Change::ExecutionEnded)
    }

    fn end_invocation(&mut self, details: &InvocationCompletedDetails) -> Change {
        let error = details.error.as_ref();
        self.invocations.push(InvocationSpan {
            number: self.current_invocation(),
            request_id: Some(details.request_id.as_str()).filter(|id| !id.is_empty()).map(Into::into),
            start: details.start_timestamp,
            end: details.end_timestamp.max(details.start_timestamp),
            is_failed: error.is_some(),
            error: error.and_then(payload).cloned().map(Box::new),
        });
        Change::InvocationEnded
    }

    fn apply_transition(
        &mut self,
        event: &Event,
        operation_type: OperationType,
        transition: Transition<'_>,
    ) -> Option<Change> {
        let (index, is_new) = self.operation_of(event, operation_type);
        let invocation = self.current_invocation();
        let span = self.operations.get_mut(index).filter(|span| !span.has_ended())?;
        span.last_invocation = invocation;
        let at = span.advance(event.event_timestamp);
        let id = span.id.clone();
        match transition {
            Transition::Start(detail) => {
                if is_new {
                    span.start = Some(at);
                }
                span.detail = detail;
                is_new.then_some(Change::Started(id))
            }
            Transition::StartAttempt => {
                if is_new {
                    span.start = Some(at);
                }
                span.start_attempt(None, Some(at));
                Some(if is_new { Change::Started(id) } else { Change::AttemptStarted(id) })
            }
            Transition::EndAttempt(outcome, error, retry, value) => {
                let ended = EndedAttempt { outcome, error, retry, value };
                if end_attempt(span, at, ended) {
                    return Some(Change::AttemptEnded(id));
                }
                self.operations.handle_ended(index);
                Some(Change::Ended(id))
            }
            Transition::End(status, error) => {
                end(span, at, status, error);
                self.operations.handle_ended(index);
                Some(Change::Ended(id))
            }
        }
    }

    /// Returns the operation of an event, and whether it is new.
    fn operation_of(&mut self, event: &Event, operation_type: OperationType) -> (usize, bool) {
        let id = event.id.clone().unwrap_or_default();
        if let Some(index) = self.operations.index_of(&id) {
            return (index, false);
        }
        let detail = unknown_detail(&operation_type);
        let mut span = OperationSpan::new(id, operation_type);
        span.parent_id.clone_from(&event.parent_id);
        span.name.clone_from(&event.name);
        span.sub_type.clone_from(&event.sub_type);
        span.detail = detail;
        span.first_invocation = self.current_invocation();
        (self.operations.insert(span), true)
    }
}

/// Ends an attempt. Returns whether another one follows.
fn end_attempt(span: &mut OperationSpan, at: Timestamp, ended: EndedAttempt<'_>) -> bool {
    let EndedAttempt { outcome, error, retry, value } = ended;
    let delay = retry.next_attempt_delay_seconds.map(Duration::from_secs);
    let outcome = match (outcome, delay) {
        (AttemptOutcome::Succeeded, Some(_)) => AttemptOutcome::Unmet,
        (outcome, _) => outcome,
    };
    if let Some(attempt) = span.open_attempt(retry.current_attempt) {
        attempt.close(outcome, Some(at));
        attempt.error = error.cloned().map(Box::new);
        attempt.next_due = delay.map(|delay| later(at, delay));
    }
    if delay.is_some() {
        span.status = OperationStatus::Pending;
        return true;
    }
    if span.kind.is_marker() {
        span.detail = Detail::Marker { value };
    }
    let is_failed = outcome == AttemptOutcome::Failed;
    let status = if is_failed { OperationStatus::Failed } else { OperationStatus::Succeeded };
    end(span, at, status, error);
    false
}

fn end(span: &mut OperationSpan, at: Timestamp, status: OperationStatus, error: Option<&ErrorObject>) {
    span.status = status;
    span.end = Some(at);
    span.error = error.cloned().map(Box::new);
}
