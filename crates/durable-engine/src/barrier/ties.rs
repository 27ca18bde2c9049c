//! Results that may be recorded in the same unit of time as one that was delivered.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::gate::GateKey;
use super::result_order::{Origin, Placement, ResultOrder, Tie};
use crate::identity::{IdMap, OperationId};
use crate::operation_key::OperationKey;

/// When the record of an operation would be a result for the handler, and for whom a tie would not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// The number of results delivered before this one could have been.
    pub(crate) since: u64,
    /// The gate of the body that the operation runs, whose own results precede its end anyway.
    pub(crate) body: Option<GateKey>,
}

/// What was delivered in the latest unit of time, and what the service may still record in it.
#[derive(Debug)]
pub(super) struct Ties {
    /// The numbers and recipients of deliveries, for the latest unit of time in which a delivered result was recorded.
    delivered: Vec<(u64, GateKey)>,
    /// That unit of time.
    latest: i64,
    /// The operations that the service can end, by the earliest unit of time in which it can; may contain stale
    /// entries.
    expected: BinaryHeap<Reverse<(i64, OperationKey)>>,
    /// The operations that were dropped before the service ended them.
    released: IdMap<Released>,
    /// The latest unit of time of any record that has been read.
    newest: i64,
    /// The latest unit of time whose records have all been read.
    complete: i64,
}

/// An operation that was dropped before the service ended it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Released {
    /// The number of the result that it never received.
    pub(super) result: u32,
    pub(super) tie: Tie,
    /// The latest place of any result delivered while it was in use.
    pub(super) latest: ResultOrder,
}

impl Default for Ties {
    fn default() -> Self {
        Self {
            delivered: Vec::new(),
            latest: i64::MIN,
            expected: BinaryHeap::new(),
            released: IdMap::default(),
            newest: i64::MIN,
            complete: i64::MIN,
        }
    }
}

impl Ties {
    /// Notes the delivery of a result recorded in this unit of time to the gate of an operation.
    pub(super) fn handle_delivered(&mut self, number: u64, gate: GateKey, unit: i64) {
        if unit > self.latest {
            self.delivered.clear();
            self.latest = unit;
        }
        self.delivered.push((number, gate));
    }

    /// Notes that a record of this unit of time was read.
    pub(super) fn handle_read(&mut self, unit: i64) {
        self.newest = self.newest.max(unit);
    }

    /// Notes that all records of the units of time read so far have been read.
    pub(super) fn handle_complete(&mut self) {
        self.complete = self.newest;
    }

    /// Expects the service to end the operation in this unit of time or later.
    pub(super) fn expect(&mut self, from: i64, key: OperationKey) {
        self.expected.push(Reverse((from, key)));
    }

    /// Returns the latest unit of time of any record that has been read.
    pub(super) fn newest(&self) -> i64 {
        self.newest
    }

    /// Returns the latest unit of time in which a delivered result was recorded.
    pub(super) fn latest(&self) -> i64 {
        self.latest
    }

    /// Notes that an operation was dropped before the service ended it.
    pub(super) fn handle_released(&mut self, id: OperationId, released: Released) {
        self.released.insert(id, released);
    }

    /// Notes that the service ended an operation in this unit of time. Returns the place to record for the result if
    /// the operation had been dropped and the result would precede one already delivered.
    pub(super) fn handle_ended(&mut self, id: OperationId, unit: i64) -> Option<Placement> {
        let Released { result, tie, latest } = self.released.remove(&id)?;
        let is_late = ResultOrder::recorded(unit, Origin::Service, tie) < latest;
        is_late.then(|| Placement { id, result, order: latest.after(tie) })
    }

    /// Returns whether the service may have ended another operation in this unit of time without having reported it.
    pub(super) fn is_open(&mut self, unit: i64, is_active: impl Fn(OperationKey) -> bool) -> bool {
        if unit < self.newest || unit <= self.complete {
            return false;
        }
        while let Some(Reverse((from, key))) = self.expected.peek().copied() {
            if is_active(key) {
                return from <= unit;
            }
            self.expected.pop();
        }
        false
    }

    /// Returns whether a result that is recorded now could tie with one that was already delivered: the same unit of
    /// time would make it impossible to read their order from the records. Nothing is recorded any more in a unit of time
    /// before `newest`, that of the latest record.
    pub(super) fn is_tied(
        &self,
        queued: Expectation,
        newest: i64,
        is_within: impl Fn(GateKey, GateKey) -> bool,
    ) -> bool {
        if newest > self.latest {
            return false;
        }
        let is_outside = |gate| queued.body.is_none_or(|body| !is_within(gate, body));
        let since = self.delivered.iter().rev().take_while(|(number, _)| *number >= queued.since);
        since.map(|(_, gate)| *gate).any(is_outside)
    }
}
