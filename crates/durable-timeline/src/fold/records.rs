//! The fold of recorded operations, where there is no history.

use durable_types::{
    ErrorObject, ExecutionStatus, Operation, OperationStatus, OperationType, StepDetails, Timestamp,
};

use super::transition::unknown_detail;
use crate::change::Change;
use crate::kind::Kind;
use crate::span::{Attempt, AttemptOutcome, Detail, OperationSpan};
use crate::timeline::Timeline;

impl Timeline {
    /// Adds the recorded state of an operation, and returns what it changed, if anything.
    ///
    /// Records know less than events: of the attempts only the last one, and neither invocations nor functions that are
    /// invoked. The order does not matter; parents may follow their children. A record of an operation that has ended
    /// changes nothing.
    ///
    /// ```
    /// use durable_timeline::{Timeline, WaitingFor};
    /// use durable_types::{Operation, OperationStatus, OperationType};
    ///
    /// let wait = Operation::new("wait-1", OperationType::Wait, OperationStatus::Started);
    ///
    /// let timeline = Timeline::from_operations([&wait]);
    ///
    /// let wait = timeline.operation("wait-1").unwrap();
    /// assert_eq!(wait.waiting_for(), Some(WaitingFor::Timer { until: None }));
    /// ```
    pub fn apply_operation(&mut self, record: &Operation) -> Option<Change> {
        self.last = self.last.max(record.start_timestamp).max(record.end_timestamp);
        if record.operation_type == OperationType::Execution {
            return self.apply_execution(record);
        }
        let (index, is_new) = self.operation_of_record(record);
        let invocation = self.current_invocation();
        let span = self.operations.get_mut(index).filter(|span| !span.has_ended())?;
        let before = (span.status.clone(), span.attempts.len());
        span.last_invocation = invocation;
        start(span, record.start_timestamp);
        apply_details(span, record);
        span.status.clone_from(&record.status);
        let (id, after) = (span.id.clone(), (span.status.clone(), span.attempts.len()));
        if record.status.is_terminal() {
            let end = record.end_timestamp.or(self.last).unwrap_or_default();
            span.end = Some(span.advance(end));
            span.error =
                error(record).filter(|_| record.status != OperationStatus::Succeeded).cloned().map(Box::new);
            self.operations.handle_ended(index);
            return Some(Change::Ended(id));
        }
        match (is_new, before == after, &record.status) {
            (true, _, _) => Some(Change::Started(id)),
            (false, true, _) => None,
            (false, false, OperationStatus::Pending) => Some(Change::AttemptEnded(id)),
            (false, false, OperationStatus::Started) => Some(Change::AttemptStarted(id)),
            (false, false, _) => None,
        }
    }

    fn apply_execution(&mut self, record: &Operation) -> Option<Change> {
        if self.execution.start.is_none() && !record.status.is_terminal() {
            self.execution.start = record.start_timestamp;
            return Some(Change::ExecutionStarted);
        }
        self.execution.start = self.execution.start.or(record.start_timestamp);
        let status = match &record.status {
            OperationStatus::Succeeded => ExecutionStatus::Succeeded,
            OperationStatus::Failed | OperationStatus::Cancelled => ExecutionStatus::Failed,
            OperationStatus::TimedOut => ExecutionStatus::TimedOut,
            OperationStatus::Stopped => ExecutionStatus::Stopped,
            OperationStatus::Started
            | OperationStatus::Pending
            | OperationStatus::Ready
            | OperationStatus::Unknown(_) => return None,
        };
        let end = record.end_timestamp.or(self.last).unwrap_or_default();
        self.execution.handle_ended(end, status, None).then_some(Change::ExecutionEnded)
    }

    fn operation_of_record(&mut self, record: &Operation) -> (usize, bool) {
        if let Some(index) = self.operations.index_of(&record.id) {
            return (index, false);
        }
        let mut span = OperationSpan::new(record.id.clone(), record.operation_type.clone());
        span.parent_id.clone_from(&record.parent_id);
        span.name.clone_from(&record.name);
        span.sub_type.clone_from(&record.sub_type);
        span.detail = unknown_detail(&record.operation_type);
        span.first_invocation = self.current_invocation();
        (self.operations.insert(span), true)
    }
}

fn apply_details(span: &mut OperationSpan, record: &Operation) {
    match &mut span.detail {
        Detail::Wait { until } => {
            let end = record.wait_details().and_then(|details| details.scheduled_end_timestamp);
            *until = end.or(*until);
        }
        Detail::Callback { callback_id, .. } => {
            let id = record.callback_details().and_then(|details| details.callback_id.as_deref());
            *callback_id = id.map(Into::into).or(callback_id.take());
        }
        Detail::None | Detail::Marker { .. } if record.operation_type == OperationType::Step => {
            apply_step(span, record.step_details().unwrap_or(&StepDetails::default()), record);
        }
        Detail::None | Detail::Marker { .. } | Detail::Invoke { .. } => {}
    }
}

/// Adds the last attempt of a step, which has ended unless the step is running.
fn apply_step(span: &mut OperationSpan, details: &StepDetails, record: &Operation) {
    let ended = details.attempt.unwrap_or(0);
    let failed = span.kind != Kind::Condition || details.error.is_some();
    let outcome = match &record.status {
        OperationStatus::Succeeded => Some(AttemptOutcome::Succeeded),
        OperationStatus::Pending | OperationStatus::Ready if !failed => Some(AttemptOutcome::Unmet),
        OperationStatus::Started | OperationStatus::Unknown(_) => None,
        OperationStatus::Pending
        | OperationStatus::Ready
        | OperationStatus::Failed
        | OperationStatus::Cancelled
        | OperationStatus::TimedOut
        | OperationStatus::Stopped => Some(AttemptOutcome::Failed),
    };
    let number = match outcome {
        Some(_) => ended.max(1),
        None => ended.saturating_add(1),
    };
    let latest = span.latest;
    let Some((attempt, outcome)) = attempt_with(span, number).zip(outcome) else { return };
    if attempt.is_open() {
        // The end of an attempt that another one follows is not recorded.
        let end = record.end_timestamp.filter(|_| record.status.is_terminal());
        attempt.close(outcome, end.map(|end| latest.map_or(end, |latest| end.max(latest))));
    }
    attempt.error = details.error.clone();
    attempt.next_due = details.next_attempt_timestamp.filter(|_| !record.status.is_terminal());
    if span.kind.is_marker() {
        let value = details.result.as_deref().filter(|value| value.len() <= 22).map(Into::into);
        span.detail = Detail::Marker { value };
    }
}

/// Returns the attempt with this number, which is created if it is new, unless a later one is known.
fn attempt_with(span: &mut OperationSpan, number: u32) -> Option<&mut Attempt> {
    if span.attempts.last().is_none_or(|last| last.number < number) {
        let polls = span.kind == Kind::Condition;
        let outcome = if polls { AttemptOutcome::Unmet } else { AttemptOutcome::Failed };
        if let Some(previous) = span.attempts.last_mut().filter(|attempt| attempt.is_open()) {
            previous.close(outcome, None);
        }
        // The starts of later attempts are not recorded.
        let start = span.start.filter(|_| number == 1 && span.attempts.is_empty());
        span.start_attempt(Some(number), start);
    }
    span.attempts.last_mut().filter(|last| last.number == number)
}

/// Sets the start of an operation if it is not known, unless something is known that happened before.
fn start(span: &mut OperationSpan, recorded: Option<Timestamp>) {
    let earliest = span.attempts.first().and_then(|first| first.start.or(first.end)).or(span.latest);
    let is_earlier = |start: &Timestamp| earliest.is_none_or(|earliest| *start <= earliest);
    span.start = span.start.or(recorded.filter(is_earlier));
    span.latest = span.latest.max(span.start);
}

fn error(record: &Operation) -> Option<&ErrorObject> {
    let context = || record.context_details()?.error.as_deref();
    let step = || record.step_details()?.error.as_deref();
    let callback = || record.callback_details()?.error.as_deref();
    let invoke = || record.chained_invoke_details()?.error.as_deref();
    context().or_else(step).or_else(callback).or_else(invoke)
}
