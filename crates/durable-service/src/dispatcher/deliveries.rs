//! The delivery state of recorded invocations in this process.

use std::collections::HashMap;

use super::execution_id::ExecutionId;
use crate::command::InvocationEnd;
use crate::outcome::Invocation;

/// The invocations in flight, by request id. They outlive the in-memory state of their executions.
#[derive(Debug, Default)]
pub(super) struct Deliveries(HashMap<String, Delivery>);

/// One invocation in flight.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) execution: ExecutionId,
    pub(super) stage: Stage,
}

/// The delivery state of an invocation.
#[derive(Debug)]
pub(super) enum Stage {
    /// Its function does not currently exist. An invocation of an earlier process has no payload; once the function
    /// exists, it counts as lost.
    Held(Option<Invocation>),
    /// It waits for the function to have capacity.
    Dispatched,
    /// The function has received it.
    Delivered,
    /// It has ended, but the end is not recorded yet.
    Ended(InvocationEnd),
}

impl Deliveries {
    pub(super) fn get(&self, request_id: &str) -> Option<&Delivery> {
        self.0.get(request_id)
    }

    pub(super) fn insert(&mut self, request_id: String, execution: ExecutionId, stage: Stage) {
        self.0.insert(request_id, Delivery { execution, stage });
    }

    pub(super) fn remove(&mut self, request_id: &str) -> Option<Delivery> {
        self.0.remove(request_id)
    }

    /// Marks an invocation as delivered. Returns `false` if it must not be delivered because it was withdrawn.
    pub(super) fn deliver(&mut self, request_id: &str) -> bool {
        match self.0.get_mut(request_id).map(|delivery| &mut delivery.stage) {
            Some(stage @ Stage::Dispatched) => {
                *stage = Stage::Delivered;
                true
            }
            Some(Stage::Held(_) | Stage::Delivered | Stage::Ended(_)) | None => false,
        }
    }

    /// Stores the end of an invocation. Returns its execution, unless the invocation was withdrawn or has already
    /// ended.
    pub(super) fn end(&mut self, request_id: &str, end: InvocationEnd) -> Option<ExecutionId> {
        let delivery = self.0.get_mut(request_id)?;
        match delivery.stage {
            Stage::Dispatched | Stage::Delivered => {
                delivery.stage = Stage::Ended(end);
                Some(delivery.execution.clone())
            }
            Stage::Held(_) | Stage::Ended(_) => None,
        }
    }

    /// Returns whether the function may have received an invocation.
    pub(super) fn may_be_delivered(&self, request_id: &str) -> bool {
        let stage = self.0.get(request_id).map(|delivery| &delivery.stage);
        matches!(stage, Some(Stage::Delivered | Stage::Ended(_)))
    }

    /// Drops the invocations of an execution except the one that is in flight.
    pub(super) fn retain_of(&mut self, id: &ExecutionId, in_flight: Option<&str>) {
        self.0.retain(|request_id, delivery| {
            delivery.execution != *id || Some(request_id.as_str()) == in_flight
        });
    }

    /// Returns the invocations that are held until their function exists.
    pub(super) fn held(&self) -> impl Iterator<Item = (&str, &ExecutionId)> {
        self.at(|stage| matches!(stage, Stage::Held(_)))
    }

    /// Returns the invocations that wait for their function to have capacity.
    pub(super) fn dispatched(&self) -> impl Iterator<Item = (&str, &ExecutionId)> {
        self.at(|stage| matches!(stage, Stage::Dispatched))
    }

    fn at(&self, is_at: fn(&Stage) -> bool) -> impl Iterator<Item = (&str, &ExecutionId)> {
        let deliveries = self.0.iter().filter(move |(_, delivery)| is_at(&delivery.stage));
        deliveries.map(|(request_id, delivery)| (request_id.as_str(), &delivery.execution))
    }
}
