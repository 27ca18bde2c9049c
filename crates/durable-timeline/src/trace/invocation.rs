//! Invocations, as the spans of operations refer to them.

use durable_types::{ErrorObject, ExecutionStatus, Timestamp};

use crate::span::InvocationSpan;

/// An invocation that has started.
#[derive(Clone, Debug)]
pub(super) struct CurrentInvocation {
    pub(super) request_id: Box<str>,
    /// The start time, before which no attempt of it ran.
    pub(super) start: Timestamp,
}

/// An invocation that has ended, until it is known whether the execution ended with it.
#[derive(Clone, Debug)]
pub(super) struct EndedInvocation {
    pub(super) request_id: Box<str>,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) is_first: bool,
    pub(super) is_failed: bool,
    pub(super) error: Option<Box<ErrorObject>>,
}

/// How an invocation ended, as its span says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvocationStatus {
    Pending,
    Succeeded,
    Failed,
    Retrying,
}

impl EndedInvocation {
    pub(super) fn new(invocation: &InvocationSpan, is_first: bool) -> Self {
        Self {
            request_id: invocation.request_id.clone().unwrap_or_default(),
            start: invocation.start,
            end: invocation.end,
            is_first,
            is_failed: invocation.is_failed,
            error: invocation.error.clone(),
        }
    }

    /// Returns the status, given how the execution ended if it has: by the time the next invocation starts, or before this
    /// one ended.
    pub(super) fn status(&self, execution: Option<&ExecutionStatus>) -> InvocationStatus {
        match (execution, self.is_failed) {
            (None, true) => InvocationStatus::Retrying,
            (None, false) => InvocationStatus::Pending,
            (Some(ExecutionStatus::Succeeded), _) => InvocationStatus::Succeeded,
            (Some(ExecutionStatus::Failed), _) | (Some(_), true) => InvocationStatus::Failed,
            // The service ended the execution, whatever the function responded.
            (Some(_), false) => InvocationStatus::Pending,
        }
    }
}

impl InvocationStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Retrying => "RETRYING",
        }
    }
}
