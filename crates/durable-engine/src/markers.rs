//! Markers: facts that the code records about itself, outside of the replay barrier.

use durable_types::{Operation, OperationType, OperationUpdate, Timestamp, sub_type};

use crate::barrier::{Journal, Placement};
use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::identity::{IdMap, OperationId};
use crate::operation::OperationHeader;

/// How long the service waits before it invokes the function again: the shortest wait that it accepts.
const SUSPENSION_SECONDS: u64 = 1;

/// The markers of this invocation.
#[derive(Debug, Default)]
pub(crate) struct Markers {
    /// Which changes of the code apply to this execution.
    patches: IdMap<bool>,
    /// Whether the use of operations by other tasks of the runtime is recorded or queued to be.
    has_other_tasks: bool,
}

impl Markers {
    /// Returns whether a change applies to the execution, and whether that has to be recorded.
    ///
    /// It applies if that is recorded. Otherwise it applies if the context is not replaying, which means that the
    /// execution is not past this point.
    pub(crate) fn patched(
        &mut self,
        id: OperationId,
        journal: &mut Journal,
        is_replaying: bool,
    ) -> (bool, bool) {
        if let Some(decided) = self.patches.get(&id) {
            return (*decided, false);
        }
        let is_recorded = journal.take(id).is_some();
        let is_patched = is_recorded || !is_replaying;
        self.patches.insert(id, is_patched);
        (is_patched, is_patched && !is_recorded)
    }

    /// Notes that another task of the runtime uses an operation. Returns whether that has to be recorded, once per
    /// execution.
    pub(crate) fn handle_other_task(&mut self, journal: &Journal) -> bool {
        !std::mem::replace(&mut self.has_other_tasks, true) && !journal.has_other_tasks()
    }

    /// Returns the time recorded under an id, or else whether the marker was at least started.
    pub(crate) fn recorded_time(id: OperationId, journal: &mut Journal) -> Result<Timestamp, bool> {
        let Some(recorded) = journal.take(id) else { return Err(false) };
        let result = recorded.take_step_details().result.and_then(|result| result.parse().ok());
        result.map(Timestamp::from_millis).ok_or(true)
    }
}

/// Returns the updates that record a marker.
pub(crate) fn updates(header: &OperationHeader, value: String, is_started: bool) -> Vec<QueuedUpdate> {
    let start = OperationUpdate::start(String::new(), OperationType::Step);
    let succeed = OperationUpdate::succeed(String::new(), OperationType::Step, Some(value));
    let updates = (!is_started).then_some(start).into_iter().chain([succeed]);
    updates.map(|update| header.update(update, Urgency::Relaxed)).collect()
}

/// Returns the updates that record the place of a late result. They belong to no context, so that they are accepted no
/// matter which contexts have ended.
pub(crate) fn result_order(placement: &Placement) -> Vec<QueuedUpdate> {
    let Placement { id, result, order } = *placement;
    let header = OperationHeader {
        id: Placement::marker_id(id, result),
        parent: None,
        name: Some(id.to_string().into()),
        sub_type: sub_type::RESULT_ORDER,
    };
    updates(&header, order.to_text(), false)
}

/// Returns the updates that record that other tasks of the runtime use operations.
pub(crate) fn other_tasks() -> Vec<QueuedUpdate> {
    let header = OperationHeader {
        id: OperationId::derive(None, sub_type::OTHER_TASKS, "", 0),
        parent: None,
        name: None,
        sub_type: sub_type::OTHER_TASKS,
    };
    updates(&header, "true".to_owned(), false)
}

/// Returns the update that records a suspension before the deadline: a wait after which the service invokes the function
/// again, and without which it would reject the output PENDING if nothing else is pending.
pub(crate) fn suspension(number: u32) -> QueuedUpdate {
    let header = OperationHeader {
        id: OperationId::derive(None, sub_type::SUSPENSION, "", number),
        parent: None,
        name: None,
        sub_type: sub_type::SUSPENSION,
    };
    header.update(OperationUpdate::start_wait(String::new(), SUSPENSION_SECONDS), Urgency::Awaited)
}

/// Returns whether a record is a suspension before the deadline.
pub(crate) fn is_suspension(record: &Operation) -> bool {
    record.sub_type.as_ref().is_some_and(|recorded| recorded == sub_type::SUSPENSION)
}
