//! What the spans of operations and attempts say.

use durable_trace::attribute;
use durable_types::{OperationStatus, OperationType, Timestamp};

use super::attributes::{Attributes, of_operation};
use super::trace_span::SpanOutcome;
use crate::kind::Kind;
use crate::span::{Attempt, AttemptOutcome, OperationSpan};

/// An operation or an attempt that has ended, apart from its invocation.
#[derive(Clone, Debug)]
pub(super) struct Ended {
    pub(super) operation_id: Box<str>,
    /// The operation that an operation is inside of, if it is known.
    pub(super) parent_id: Option<Box<str>>,
    /// The number of the attempt, if it is one.
    pub(super) attempt: Option<u32>,
    pub(super) name: String,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) attributes: Attributes,
    pub(super) outcome: SpanOutcome,
}

impl Ended {
    /// Describes an operation. One that has not ended is described as of `now`.
    pub(super) fn operation(
        operation: &OperationSpan,
        parent: Option<&OperationSpan>,
        now: Timestamp,
    ) -> Self {
        let name = name(operation, parent);
        let mut attributes = of_operation(operation, name.as_deref());
        attributes.push((attribute::OPERATION_STATUS, operation.status.to_string().into()));
        let attempt = operation.attempts.last();
        attributes.extend(attempt.map(|attempt| (attribute::ATTEMPT_NUMBER, attempt.number.into())));
        let outcome = match (&operation.status, &operation.error) {
            (OperationStatus::Succeeded, _) => SpanOutcome::Succeeded,
            (_, Some(error)) => SpanOutcome::Failed(Some(error.clone())),
            (_, None) => SpanOutcome::Unset,
        };
        let end = operation.end.unwrap_or(now);
        let start = operation.start.unwrap_or(end);
        let name = name.unwrap_or_else(|| operation.operation_type.to_string());
        Self {
            operation_id: operation.id.as_str().into(),
            parent_id: parent.map(|parent| parent.id.as_str().into()),
            attempt: None,
            name,
            start,
            end,
            attributes,
            outcome,
        }
    }

    /// Describes the last attempt of an operation, if it has any.
    pub(super) fn last_attempt(
        operation: &OperationSpan,
        parent: Option<&OperationSpan>,
        now: Timestamp,
    ) -> Option<Self> {
        let attempt = operation.attempts.last()?;
        has_attempts(operation).then(|| Self::attempt(operation, parent, attempt, now))
    }

    /// Describes the attempt of an operation that has not ended, if there is one, as of `now`.
    pub(super) fn open_attempt(
        operation: &OperationSpan,
        parent: Option<&OperationSpan>,
        now: Timestamp,
    ) -> Option<Self> {
        operation.attempts.last().filter(|attempt| attempt.is_open())?;
        Self::last_attempt(operation, parent, now)
    }

    /// Describes an attempt that another one followed although it had not ended, if there is one.
    pub(super) fn interrupted(
        operation: &OperationSpan,
        parent: Option<&OperationSpan>,
        now: Timestamp,
    ) -> Option<Self> {
        let previous = operation.attempts.iter().rev().nth(1)?;
        let is_interrupted = previous.outcome == Some(AttemptOutcome::Interrupted);
        (is_interrupted && has_attempts(operation)).then(|| Self::attempt(operation, parent, previous, now))
    }

    fn attempt(
        operation: &OperationSpan,
        parent: Option<&OperationSpan>,
        attempt: &Attempt,
        now: Timestamp,
    ) -> Self {
        let name = name(operation, parent);
        let (word, outcome) = match attempt.outcome {
            Some(AttemptOutcome::Succeeded | AttemptOutcome::Unmet) => ("SUCCEEDED", SpanOutcome::Succeeded),
            Some(AttemptOutcome::Failed) => ("FAILED", SpanOutcome::Failed(attempt.error.clone())),
            Some(AttemptOutcome::Interrupted) | None => ("INCOMPLETE", SpanOutcome::Unset),
        };
        let mut attributes = of_operation(operation, name.as_deref());
        attributes.push((attribute::ATTEMPT_NUMBER, attempt.number.into()));
        attributes.push((attribute::ATTEMPT_OUTCOME, word.into()));
        let name = name.unwrap_or_else(|| operation.operation_type.to_string());
        let name = format!("{name} attempt {}", attempt.number);
        let end = attempt.end.or(operation.end).unwrap_or(now);
        Self {
            operation_id: operation.id.as_str().into(),
            parent_id: None,
            attempt: Some(attempt.number),
            name,
            start: attempt.start.unwrap_or(end),
            end,
            attributes,
            outcome,
        }
    }
}

/// Returns whether code of the user runs in attempts. Markers are recorded like steps.
fn has_attempts(operation: &OperationSpan) -> bool {
    operation.operation_type == OperationType::Step && !operation.kind.is_marker()
}

/// Returns the name of an operation. Those that a wait for a callback consists of are named after it.
fn name(operation: &OperationSpan, parent: Option<&OperationSpan>) -> Option<String> {
    if let Some(name) = &operation.name {
        return Some(name.to_string());
    }
    let context = parent.filter(|parent| parent.kind == Kind::WaitForCallback)?.name.as_ref()?;
    match operation.operation_type {
        OperationType::Callback => Some(format!("{context}-callback")),
        OperationType::Step => Some(format!("{context}-submitter")),
        OperationType::Execution
        | OperationType::Context
        | OperationType::Wait
        | OperationType::ChainedInvoke
        | OperationType::Unknown(_) => None,
    }
}
