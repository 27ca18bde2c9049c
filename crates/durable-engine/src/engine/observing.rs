//! What the engine reports to observers.

use std::collections::HashSet;

use durable_types::{Operation, OperationAction, OperationType, OperationUpdate, SmallString, Timestamp};

use super::Engine;
use crate::checkpoint::QueuedUpdate;
use crate::context::ContextKey;
use crate::identity::OperationId;
use crate::observation::Observation;
use crate::operation::Machine;
use crate::operation_key::OperationKey;

impl Engine {
    /// Collects observations from now on, starting with the recorded operations. To be called when the invocation
    /// [is loaded](Self::is_loaded), before the handler starts.
    ///
    /// `updated` are the ids of the operations that changed since the previous invocation ended.
    pub fn observe(&mut self, updated: Vec<SmallString>) {
        let records = self.barrier.journal().records();
        let operations = records.iter().filter(|record| record.operation_type != OperationType::Execution);
        let operations = operations.map(Into::into).collect();
        let updated: HashSet<SmallString> = updated.into_iter().collect();
        let changed = records.iter().filter(|record| updated.contains(&record.id));
        let updated = changed.map(|record| (record.id.clone(), record.result().map(str::to_owned))).collect();
        self.observations = Some(vec![Observation::Loaded { operations, updated }]);
    }

    /// Returns the operation whose body owns this context, and whether the body runs over recorded operations: to resume,
    /// or to rebuild a result. Returns `None` for the handler's own context and for virtual ones.
    pub fn recorded_body(&self, context: ContextKey) -> Option<(OperationId, bool)> {
        if self.contexts.recorded_ancestor(context) != context {
            return None;
        }
        let is_replaying =
            self.is_replaying(context) || self.barrier.is_rebuilding(self.contexts.gate(context));
        Some((self.contexts.operation_id(context)?, is_replaying))
    }

    /// Returns the innermost recorded operation whose body contains the code of this context, if there is one.
    pub fn enclosing_operation(&self, context: ContextKey) -> Option<OperationId> {
        self.contexts.recorded_id(context)
    }

    /// Returns the context of a chained invoke and the function that it invokes, unless the code set a trace header.
    pub fn untraced_invoke(&self, key: OperationKey) -> Option<(Option<OperationId>, &str)> {
        let operation = self.operations.get(key)?;
        let Machine::Invoke(invoke) = &operation.machine else { return None };
        if invoke.remote.options.x_amzn_trace_id.is_some() {
            return None;
        }
        Some((operation.header.parent, &invoke.remote.options.function_name))
    }

    /// Returns when the execution started, and its input if it has not been taken.
    pub fn execution(&self) -> (Option<Timestamp>, Option<&str>) {
        let journal = self.barrier.journal();
        let record =
            journal.records().iter().find(|record| record.operation_type == OperationType::Execution);
        (record.and_then(|record| record.start_timestamp), journal.input())
    }

    /// Returns whether observations are collected.
    pub(super) fn is_observed(&self) -> bool {
        self.observations.is_some()
    }

    /// Returns whether there are observations to take.
    pub fn has_observations(&self) -> bool {
        self.observations.as_ref().is_some_and(|observations| !observations.is_empty())
    }

    /// Takes the observations made since the last call.
    pub fn take_observations(&mut self) -> Vec<Observation> {
        self.observations.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Reports that the code reached an operation that has started and not ended.
    pub(super) fn observe_resumed(&mut self, id: OperationId) {
        if let Some(observations) = &mut self.observations {
            observations.push(Observation::Resumed(id.into()));
        }
    }

    /// Reports that an update of an operation was queued.
    #[cold]
    pub(super) fn observe_queued(&mut self, queued: &QueuedUpdate) {
        let Some(observations) = &mut self.observations else { return };
        let Some(id) = queued.id else { return };
        let update = &queued.update;
        let (kind, action) = (update.operation_type.clone(), update.action.clone());
        let mut observed = OperationUpdate::new(id, kind, action);
        observed.parent_id = queued.parent.map(Into::into);
        observed.name.clone_from(&update.name);
        observed.sub_type.clone_from(&update.sub_type);
        observed.error.clone_from(&update.error);
        if update.action == OperationAction::Succeed {
            observed.result.clone_from(&update.result);
        }
        observations.push(Observation::Queued(Box::new(observed)));
    }

    /// Reports that a checkpoint was acknowledged.
    #[cold]
    pub(super) fn observe_recorded(
        &mut self,
        saved: &[(OperationId, OperationAction)],
        records: &[Operation],
    ) {
        let Some(observations) = &mut self.observations else { return };
        let saved = saved.iter().map(|(id, action)| ((*id).into(), action.clone())).collect();
        observations.push(Observation::Recorded { saved, records: records.to_vec() });
    }
}
