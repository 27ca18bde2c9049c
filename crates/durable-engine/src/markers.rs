//! Markers: what the code recorded about itself, outside the replay barrier.

use durable_types::{OperationType, OperationUpdate, Timestamp, sub_type};

use crate::barrier::{Journal, Placement};
use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::identity::{IdMap, OperationId};
use crate::operation::OperationHeader;

/// The answers that the code got to its questions about itself.
#[derive(Debug, Default)]
pub(crate) struct Markers {
    /// Which changes of the code this execution has taken over.
    patches: IdMap<bool>,
    /// Whether it is recorded, or on its way to the record, that other tasks of the runtime use operations.
    has_other_tasks: bool,
}

impl Markers {
    /// Whether the execution takes over a change, and whether that is to be recorded.
    ///
    /// It does if that is recorded. Otherwise it does where the context is not replaying, so that the execution is not
    /// past this point.
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

    /// Another task of the runtime uses an operation. Returns whether that is to be recorded: once for an execution.
    pub(crate) fn handle_other_task(&mut self, journal: &Journal) -> bool {
        !std::mem::replace(&mut self.has_other_tasks, true) && !journal.has_other_tasks()
    }

    /// The time recorded under an id; if there is none, whether the marker was at least started.
    pub(crate) fn recorded_time(id: OperationId, journal: &mut Journal) -> Result<Timestamp, bool> {
        let Some(mut recorded) = journal.take(id) else { return Err(false) };
        let result = recorded.step_details.take().and_then(|details| details.result?.parse().ok());
        result.map(Timestamp::from_millis).ok_or(true)
    }
}

/// The updates that record a marker.
pub(crate) fn updates(header: &OperationHeader, value: String, is_started: bool) -> Vec<QueuedUpdate> {
    let start = OperationUpdate::start(String::new(), OperationType::Step);
    let succeed = OperationUpdate::succeed(String::new(), OperationType::Step, Some(value));
    let updates = (!is_started).then_some(start).into_iter().chain([succeed]);
    updates.map(|update| header.update(update, Urgency::Relaxed)).collect()
}

/// The updates that record the place of a result that was delivered late. They belong to no context, so that they are
/// accepted whichever contexts have ended.
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

/// The updates that record that other tasks of the runtime use operations.
pub(crate) fn other_tasks() -> Vec<QueuedUpdate> {
    let header = OperationHeader {
        id: OperationId::derive(None, sub_type::OTHER_TASKS, "", 0),
        parent: None,
        name: None,
        sub_type: sub_type::OTHER_TASKS,
    };
    updates(&header, "true".to_owned(), false)
}
