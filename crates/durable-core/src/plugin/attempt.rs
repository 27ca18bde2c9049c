//! An attempt as plugins see it.

use durable_engine::Operations;
use durable_types::{ErrorObject, SmallString, Timestamp};

use super::hooks::{AttemptEnd, AttemptOutcome, AttemptStart, CodeLocation};

/// An attempt: a run of the body of an operation.
pub(super) struct Attempt {
    pub(super) operation_id: SmallString,
    pub(super) number: Option<u32>,
    pub(super) is_replaying_children: bool,
    pub(super) started: Timestamp,
}

/// How an attempt ended, with its error.
pub(super) type Outcome<'a> = (AttemptOutcome, Option<&'a ErrorObject>);

impl Attempt {
    pub(super) fn start<'a>(&self, operations: &'a Operations) -> Option<AttemptStart<'a>> {
        Some(AttemptStart {
            operation: operations.get(&self.operation_id)?,
            attempt: self.number,
            is_replay: operations.is_from_earlier_invocation(&self.operation_id),
            is_replaying_children: self.is_replaying_children,
            timestamp: self.started,
        })
    }

    pub(super) fn end<'a>(
        &self,
        operations: &'a Operations,
        (outcome, error): Outcome<'a>,
        timestamp: Timestamp,
    ) -> Option<AttemptEnd<'a>> {
        Some(AttemptEnd { start: self.start(operations)?, outcome, error, timestamp })
    }

    pub(super) fn location(&self) -> CodeLocation<'_> {
        CodeLocation { operation_id: Some(&self.operation_id), attempt: self.number }
    }
}
