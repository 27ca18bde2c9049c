//! Results on their way to the handler: deferred until their turn, delivered one at a time, consumed in that order.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

use super::result_order::{ResultOrder, Tie};
use crate::operation_key::OperationKey;

/// The order of results, without the results themselves.
///
/// Entries of operations that have been released are skipped: callers say which keys are still in use.
#[derive(Debug, Default)]
pub(super) struct Results {
    deferred: BinaryHeap<Reverse<(ResultOrder, OperationKey)>>,
    /// Delivered but not consumed, in the order of delivery.
    unconsumed: VecDeque<(u64, OperationKey)>,
    /// Those of them whose future was polled before an earlier result was consumed.
    polled_early: BTreeSet<(u64, OperationKey)>,
    /// The one that may be consumed although an earlier one has not been.
    granted: Option<u64>,
    deliveries: u64,
    /// The latest place of any result that was delivered, or whose time is known.
    highest: Option<ResultOrder>,
    /// For each number of deliveries, the latest place since then: numbers ascend, places descend.
    latest: Vec<(u64, ResultOrder)>,
}

impl Results {
    pub(super) fn defer(&mut self, order: ResultOrder, key: OperationKey) {
        self.highest = self.highest.max(Some(order));
        self.deferred.push(Reverse((order, key)));
    }

    /// Defers a result whose time is unknown. It comes after those that were delivered or whose time is known; several
    /// of them are ordered by their tie breakers. Returns its place.
    pub(super) fn defer_untimed(&mut self, tie: Tie, key: OperationKey) -> ResultOrder {
        let order = self.highest.map_or_else(|| ResultOrder::first(tie), |highest| highest.after(tie));
        self.deferred.push(Reverse((order, key)));
        order
    }

    /// Returns the first deferred result of an operation in use.
    pub(super) fn first_deferred(
        &mut self,
        is_in_use: impl Fn(OperationKey) -> bool,
    ) -> Option<(ResultOrder, OperationKey)> {
        while let Some(Reverse((order, key))) = self.deferred.peek().copied() {
            if is_in_use(key) {
                return Some((order, key));
            }
            self.deferred.pop();
        }
        None
    }

    /// Marks the first deferred result as delivered at this place, and returns the number of the delivery.
    pub(super) fn deliver_first(&mut self, order: ResultOrder, key: OperationKey) -> u64 {
        self.deferred.pop();
        let number = self.deliveries;
        self.deliveries += 1;
        self.highest = self.highest.max(Some(order));
        while self.latest.last().is_some_and(|(_, latest)| *latest < order) {
            self.latest.pop();
        }
        self.latest.push((number, order));
        self.unconsumed.push_back((number, key));
        number
    }

    /// Returns the number of deliveries.
    pub(super) fn deliveries(&self) -> u64 {
        self.deliveries
    }

    /// Returns the latest place among the results delivered since there were this many.
    pub(super) fn latest_since(&self, deliveries: u64) -> Option<ResultOrder> {
        let first = self.latest.partition_point(|(number, _)| *number < deliveries);
        self.latest.get(first).map(|(_, order)| *order)
    }

    /// Returns whether the result of this delivery may be consumed now; if not, its future was polled too early.
    pub(super) fn may_consume(&mut self, number: u64, key: OperationKey) -> bool {
        let is_next = self.unconsumed.front().is_none_or(|(first, _)| *first >= number);
        if !is_next && self.granted != Some(number) {
            self.polled_early.insert((number, key));
            return false;
        }
        true
    }

    /// Notes that a delivered result was consumed or its operation released. Returns the operation to wake, if one
    /// waited for this.
    pub(super) fn handle_consumed(
        &mut self,
        number: u64,
        key: OperationKey,
        is_unconsumed: impl Fn(u64, OperationKey) -> bool,
    ) -> Option<OperationKey> {
        if self.granted == Some(number) {
            self.granted = None;
        }
        self.polled_early.remove(&(number, key));
        while let Some((first, key)) = self.unconsumed.front().copied() {
            if is_unconsumed(first, key) {
                return self.polled_early.remove(&(first, key)).then_some(key);
            }
            self.unconsumed.pop_front();
        }
        None
    }

    /// Grants consumption to the first result that was polled early, because the handler came to rest without consuming
    /// an earlier one.
    pub(super) fn grant(&mut self) -> Option<OperationKey> {
        let (number, key) = self.polled_early.pop_first()?;
        self.granted = Some(number);
        Some(key)
    }

    /// Returns whether a result only waits for the handler to come to rest.
    pub(super) fn has_grantable(&self) -> bool {
        !self.polled_early.is_empty()
    }
}
