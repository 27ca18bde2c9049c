//! The state of an operation as observers see it.

use durable_types::{
    ErrorObject, Operation, OperationStatus, OperationType, OperationUpdate, SmallString, Timestamp,
};

/// The state of an operation, without its payloads.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OperationInfo {
    /// The id, as the service knows it.
    pub id: SmallString,
    /// The name that the code gave it.
    pub name: Option<SmallString>,
    /// The type.
    pub operation_type: OperationType,
    /// The subtype, which distinguishes operations of one type; see [`sub_type`](durable_types::sub_type).
    pub sub_type: Option<SmallString>,
    /// The id of the context that contains it, or `None` at the top level.
    pub parent_id: Option<SmallString>,
    /// The status.
    pub status: OperationStatus,
    /// The start time as recorded, or the local time until a response contains it.
    pub start_timestamp: Option<Timestamp>,
    /// The end time as recorded, or the local time until a response contains it.
    pub end_timestamp: Option<Timestamp>,
    /// The error with which it failed, or that of its last attempt if that failed.
    pub error: Option<ErrorObject>,
    /// The number of the current attempt of a step or condition, or of the last one between attempts, starting at 1.
    pub attempt: Option<u32>,
    /// The time at which the next attempt becomes due, if the operation is waiting for it.
    pub next_attempt_timestamp: Option<Timestamp>,
}

impl OperationInfo {
    /// Creates the state of an operation that starts with this update.
    pub(super) fn starting(update: &OperationUpdate, now: Timestamp) -> Self {
        let is_step = update.operation_type == OperationType::Step;
        Self {
            id: update.operation_id.clone(),
            name: update.name.clone(),
            operation_type: update.operation_type.clone(),
            sub_type: update.sub_type.clone(),
            parent_id: update.parent_id.clone(),
            status: OperationStatus::Started,
            start_timestamp: Some(now),
            end_timestamp: None,
            error: None,
            attempt: is_step.then_some(1),
            next_attempt_timestamp: None,
        }
    }
}

impl From<&Operation> for OperationInfo {
    fn from(record: &Operation) -> Self {
        let next_attempt_timestamp = record.step_details().and_then(|step| step.next_attempt_timestamp);
        Self {
            id: record.id.clone(),
            name: record.name.clone(),
            operation_type: record.operation_type.clone(),
            sub_type: record.sub_type.clone(),
            parent_id: record.parent_id.clone(),
            status: record.status.clone(),
            start_timestamp: record.start_timestamp,
            end_timestamp: record.end_timestamp,
            error: record.error().cloned(),
            attempt: attempt(record),
            next_attempt_timestamp,
        }
    }
}

/// Returns the number of the current or last attempt. Records contain the number of attempts that have ended.
fn attempt(record: &Operation) -> Option<u32> {
    if record.operation_type != OperationType::Step {
        return None;
    }
    let ended = record.step_details().and_then(|step| step.attempt).unwrap_or_default();
    let is_running = record.status == OperationStatus::Started;
    Some(if is_running { ended.saturating_add(1) } else { ended.max(1) })
}

#[cfg(test)]
mod tests {
    use durable_types::StepDetails;

    use super::*;

    fn step(status: OperationStatus, ended: Option<u32>) -> OperationInfo {
        let mut record = Operation::new("charge", OperationType::Step, status);
        let mut details = StepDetails::new(None, None);
        details.attempt = ended;
        record.details = Some(details.into());
        OperationInfo::from(&record)
    }

    #[test]
    fn the_attempt_is_the_running_one_or_the_last_that_ended() {
        assert_eq!(step(OperationStatus::Started, None).attempt, Some(1));
        assert_eq!(step(OperationStatus::Started, Some(1)).attempt, Some(2));
        assert_eq!(step(OperationStatus::Pending, Some(1)).attempt, Some(1));
        assert_eq!(step(OperationStatus::Ready, Some(2)).attempt, Some(2));
        assert_eq!(step(OperationStatus::Succeeded, Some(3)).attempt, Some(3));
        assert_eq!(step(OperationStatus::Succeeded, None).attempt, Some(1));
    }

    #[test]
    fn only_steps_have_attempts() {
        let wait = Operation::new("settle", OperationType::Wait, OperationStatus::Started);

        assert_eq!(OperationInfo::from(&wait).attempt, None);
    }
}
