//! Results that may be recorded in the same unit of time as one that was delivered.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::gate::GateKey;
use super::result_order::{Origin, Placement, ResultOrder, Tie};
use crate::identity::{IdMap, OperationId};
use crate::operation::OperationKey;

/// When the record of an operation would be a result for the handler, and for whom it would not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// How many results had been delivered when this one could first have been.
    pub(crate) since: u64,
    /// The gate of the body that the operation runs, whose own results precede its end anyway.
    pub(crate) body: Option<GateKey>,
}

/// What was delivered of the latest unit of time, and what the service may still record in it.
#[derive(Debug)]
pub(super) struct Ties {
    /// Deliveries of the latest unit of time in which any delivered result was recorded: their numbers and recipients.
    delivered: Vec<(u64, GateKey)>,
    /// Operations that the service can end, by the unit of time from which on it can; others may be among them.
    expected: BinaryHeap<Reverse<(i64, OperationKey)>>,
    /// Operations that were dropped before the service ended them.
    released: IdMap<Released>,
    /// The latest unit of time in which anything was recorded that has been read.
    newest: i64,
    /// The latest unit of time of which everything has been read.
    complete: i64,
}

/// An operation that was dropped before the service ended it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Released {
    /// The number of the result that it never had.
    pub(super) result: u32,
    pub(super) tie: Tie,
    /// The latest place of what was delivered while it was in use.
    pub(super) latest: ResultOrder,
}

impl Default for Ties {
    fn default() -> Self {
        Self {
            delivered: Vec::new(),
            expected: BinaryHeap::new(),
            released: IdMap::default(),
            newest: i64::MIN,
            complete: i64::MIN,
        }
    }
}

impl Ties {
    /// A result was delivered to the gate of its operation; `is_later` if none before was recorded in its unit of time.
    pub(super) fn handle_delivered(&mut self, number: u64, gate: GateKey, is_later: bool) {
        if is_later {
            self.delivered.clear();
        }
        self.delivered.push((number, gate));
    }

    /// Something was read that was recorded in this unit of time.
    pub(super) fn handle_read(&mut self, unit: i64) {
        self.newest = self.newest.max(unit);
    }

    /// Everything has been read that was recorded in the units of time read so far.
    pub(super) fn handle_complete(&mut self) {
        self.complete = self.newest;
    }

    /// The service can end the operation from this unit of time on.
    pub(super) fn expect(&mut self, from: i64, key: OperationKey) {
        self.expected.push(Reverse((from, key)));
    }

    /// The operation was dropped before the service ended it, after results up to this place had been delivered.
    pub(super) fn handle_released(&mut self, id: OperationId, released: Released) {
        self.released.insert(id, released);
    }

    /// The service ended an operation in this unit of time. Returns the place to record for the result if the operation had
    /// been dropped, and the result would come before one that had been delivered by then.
    pub(super) fn handle_ended(&mut self, id: OperationId, unit: i64) -> Option<Placement> {
        let Released { result, tie, latest } = self.released.remove(&id)?;
        let is_late = ResultOrder::recorded(unit, Origin::Service, tie) < latest;
        is_late.then(|| Placement { id, result, order: latest.after(tie) })
    }

    /// Whether the service may have ended another operation in this unit of time without having reported it.
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

    /// Whether a result that is recorded now could tie with one that was delivered before: a record in the same unit of
    /// time, after which the order of the two could no longer be read from the records.
    pub(super) fn is_tied(&self, queued: Expectation, is_within: impl Fn(GateKey, GateKey) -> bool) -> bool {
        let is_outside = |gate| queued.body.is_none_or(|body| !is_within(gate, body));
        let since = self.delivered.iter().rev().take_while(|(number, _)| *number >= queued.since);
        since.map(|(_, gate)| *gate).any(is_outside)
    }
}
