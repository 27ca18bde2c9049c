//! A model of the same events without queues or heaps: which operations are in use, and the place of each result.

use std::collections::{BTreeMap, BTreeSet};

use super::run::{Event, Found};
use super::script::{OPERATIONS, Script};
use crate::barrier::{Placement, ResultOrder};

/// The state after a prefix of a trace.
pub(super) struct Model<'s> {
    script: &'s Script,
    pub(super) claimed: BTreeSet<usize>,
    /// Operations that wait to be admitted, in the order of their claims, and whether their futures were polled.
    pub(super) waiting: Vec<(usize, bool)>,
    /// Operations that have started and have no result.
    pub(super) active: BTreeSet<usize>,
    /// Operations that the service can end from some unit of time on; may contain stale entries.
    pub(super) expected: Vec<(usize, i64)>,
    /// The results that wait for their turn, and their places.
    pub(super) deferred: BTreeMap<usize, ResultOrder>,
    /// All deliveries: the operation, and the place of its result.
    pub(super) delivered: Vec<(usize, ResultOrder)>,
    /// The results that were delivered but not consumed, in the order of delivery.
    pub(super) unconsumed: Vec<usize>,
    /// Those of them whose future was polled before an earlier one was consumed, and has not been woken for it since.
    pub(super) early: BTreeSet<usize>,
    /// The number of earlier results of each operation.
    pub(super) results: BTreeMap<usize, u32>,
    /// The number of deliveries before the result of an operation could have been one; `None` if an earlier invocation
    /// recorded it.
    since: BTreeMap<usize, Option<usize>>,
    /// Operations that were dropped before the service ended them, and the latest result delivered by then.
    dropped: BTreeMap<usize, ResultOrder>,
    /// The latest place that is known from records or was delivered.
    highest: Option<ResultOrder>,
    /// The latest unit of time of any record that was read.
    pub(super) newest: i64,
    /// The latest unit of time whose records have all been read.
    complete: i64,
    /// The unit of time from which on results are held.
    held_from: Option<i64>,
}

impl<'s> Model<'s> {
    pub(super) fn new(script: &'s Script) -> Self {
        let times = (0..OPERATIONS).flat_map(|operation| [script.began(operation), script.ended(operation)]);
        Self {
            script,
            claimed: BTreeSet::new(),
            waiting: Vec::new(),
            active: BTreeSet::new(),
            expected: Vec::new(),
            deferred: BTreeMap::new(),
            delivered: Vec::new(),
            unconsumed: Vec::new(),
            early: BTreeSet::new(),
            results: BTreeMap::new(),
            since: BTreeMap::new(),
            dropped: BTreeMap::new(),
            highest: None,
            newest: times.flatten().map(Script::unit).max().unwrap_or(i64::MIN),
            complete: i64::MIN,
            held_from: None,
        }
    }

    /// Calls `check` for each event of a trace, with the model of the events before it.
    pub(super) fn check<E>(
        script: &Script,
        trace: &[Event],
        mut check: impl FnMut(&Model<'_>, &Event) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut model = Model::new(script);
        for event in trace {
            check(&model, event)?;
            model.handle(event);
        }
        Ok(())
    }

    /// Returns the number of unclaimed records behind a gate.
    pub(super) fn unclaimed(&self, gate: usize) -> usize {
        let is_unclaimed =
            |operation: &usize| self.script.began(*operation).is_some() && !self.claimed.contains(operation);
        (0..OPERATIONS).filter(|operation| Script::gate(*operation) == gate).filter(is_unclaimed).count()
    }

    /// Returns whether a record of this unit of time may not have been read.
    pub(super) fn is_open(&self, unit: i64) -> bool {
        unit >= self.newest && unit > self.complete
    }

    /// Returns whether the result of an operation is held.
    pub(super) fn is_held(&self, operation: usize) -> bool {
        let at = self.deferred.get(&operation).map(|order| order.at());
        at.zip(self.held_from).is_some_and(|(at, held_from)| at >= held_from)
    }

    /// Returns the place to record for a result that was overtaken, if it were delivered or dropped now.
    pub(super) fn late(&self, operation: usize) -> Option<Placement> {
        let order = self.deferred.get(&operation)?;
        let latest = self.latest(operation).filter(|latest| latest > order)?;
        Some(self.after(latest, operation))
    }

    /// Returns the place to record if the service reports that a dropped operation ended at this time.
    pub(super) fn late_if_dropped(&self, operation: usize, at: i64) -> Option<Placement> {
        let recorded = Script::recorded_in(Script::unit(at), operation);
        let latest = self.dropped.get(&operation).filter(|latest| recorded < **latest)?;
        Some(self.after(*latest, operation))
    }

    fn after(&self, latest: ResultOrder, operation: usize) -> Placement {
        let id = Script::id(operation);
        let result = self.results.get(&operation).copied().unwrap_or_default();
        Placement { id, result, order: latest.after(id.into()) }
    }

    /// Returns the latest place delivered while the result of an operation could have been.
    fn latest(&self, operation: usize) -> Option<ResultOrder> {
        let since = self.since.get(&operation).copied().flatten()?;
        self.delivered.iter().skip(since).map(|(_, order)| *order).max()
    }

    fn handle(&mut self, event: &Event) {
        match event {
            Event::Claimed(operation, found) => self.handle_claimed(*operation, found),
            Event::Admitted(operation) => {
                self.waiting.retain(|(other, _)| other != operation);
                self.active.insert(*operation);
            }
            Event::Polled(operation) => {
                let waiting = self.waiting.iter_mut().find(|(other, _)| other == operation);
                waiting.into_iter().for_each(|(_, is_polled)| *is_polled = true);
                self.early.extend(self.unconsumed.iter().filter(|other| *other == operation));
            }
            Event::Expected(operation, from) => self.expected.push((*operation, *from)),
            Event::Settled { operation, recorded } => self.handle_settled(*operation, *recorded),
            Event::Reported { operation, at, .. } => {
                self.dropped.remove(operation);
                self.newest = self.newest.max(Script::unit(*at));
            }
            Event::Completed => self.complete = self.newest,
            Event::Held(holds) => {
                let latest = self.delivered.iter().map(|(_, order)| order.at()).max();
                let is_newer = self.newest > latest.unwrap_or(i64::MIN);
                self.held_from = (*holds && is_newer).then_some(self.newest);
            }
            Event::Reopened(operation) => {
                *self.results.entry(*operation).or_default() += 1;
                self.since.insert(*operation, Some(self.delivered.len()));
                self.active.insert(*operation);
            }
            Event::Delivered { operation, .. } => self.handle_delivered(*operation),
            Event::Granted(operation) => _ = self.early.remove(operation),
            Event::Consumed { operation, .. } => self.handle_consumed(*operation),
            Event::Released { operation, .. } => self.handle_released(*operation),
            Event::ClaimedAgain(..)
            | Event::Woken(_)
            | Event::Stalled { .. }
            | Event::Patient { .. }
            | Event::Diverged { .. }
            | Event::Asked { .. } => {}
        }
    }

    fn handle_claimed(&mut self, operation: usize, found: &Found) {
        self.claimed.insert(operation);
        let has_ended = self.script.ended(operation).is_some();
        self.since.insert(operation, (!has_ended).then_some(self.delivered.len()));
        match found {
            Found::Record(_) | Found::Live => _ = self.active.insert(operation),
            Found::Waiting => self.waiting.push((operation, false)),
        }
    }

    fn handle_settled(&mut self, operation: usize, recorded: Option<ResultOrder>) {
        let tie = Script::id(operation).into();
        let last = || self.highest.map_or_else(|| ResultOrder::first(tie), |highest| highest.after(tie));
        self.deferred.insert(operation, recorded.unwrap_or_else(last));
        self.active.remove(&operation);
        self.highest = self.highest.max(recorded);
    }

    fn handle_delivered(&mut self, operation: usize) {
        let late = self.late(operation).map(|placement| placement.order);
        let Some(order) = self.deferred.remove(&operation) else { return };
        let order = late.unwrap_or(order);
        self.delivered.push((operation, order));
        self.unconsumed.push(operation);
        self.highest = self.highest.max(Some(order));
    }

    fn handle_released(&mut self, operation: usize) {
        let is_expected = self.expected.iter().any(|(other, _)| *other == operation);
        if self.active.remove(&operation) && is_expected {
            self.dropped.extend(self.latest(operation).map(|latest| (operation, latest)));
        }
        self.waiting.retain(|(other, _)| *other != operation);
        self.deferred.remove(&operation);
        self.handle_consumed(operation);
    }

    fn handle_consumed(&mut self, operation: usize) {
        self.unconsumed.retain(|other| *other != operation);
        self.early.remove(&operation);
        if let Some(first) = self.unconsumed.first() {
            self.early.remove(first);
        }
    }
}
