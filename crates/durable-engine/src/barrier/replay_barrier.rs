//! The rules of replay as one machine: pairing, admission, and the one order of results.

use std::collections::VecDeque;
use std::time::Duration;

use durable_types::{Operation, Timestamp};

use super::claimed::{Claimed, ClaimedOperations, Stage};
use super::gate::{Gate, GateKey, GateState, Gates};
use super::journal::Journal;
use super::rebuilds::Rebuilds;
use super::resolution::Resolution;
use super::result_order::{Origin, Placement, ResultOrder, Tie};
use super::results::Results;
use super::ties::{Expectation, Released, Ties};
use crate::identity::OperationId;
use crate::operation_key::OperationKey;

/// How long recorded operations may remain unclaimed while something else can still wake the handler.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pairs the operations that the handler claims with their records, holds new operations back until every recorded one
/// has been claimed, and delivers results in one order, live as on replay.
///
/// `T` is the result of an operation, which the barrier stores until the future of the operation consumes it.
///
/// # Invariants
/// - A recorded operation is paired with its record by id, regardless of the order of claims, and at most once.
/// - No operation is admitted while a record of its context is unclaimed, unless replay is by name.
/// - The operations that wait in a context are admitted together, in the order of their claims.
/// - Replay diverges only if a new operation is awaited, no result can be delivered, and either nothing else can wake
///   the handler or patience has run out.
/// - Results are delivered only by [`deliver`](Self::deliver) and [`stalled`](Self::stalled), which a driver calls when
///   the handler is at rest, so they are delivered one at a time.
/// - Among the results of claimed operations, the one with the lowest [`ResultOrder`] is delivered first.
/// - A result waits for the records of its context that started before it ended to be claimed, and for the results that
///   are [rebuilt](Self::handle_rebuilding) and ended before it, unless nothing else can make progress.
/// - A result that arrives after a later one was delivered is returned as [late](Delivery::late), with the place to
///   record for it.
/// - The same applies to a result whose operation was [released](Self::release) before its turn came or before it was
///   [reported](Self::handle_reported).
/// - A result that an unreported one may precede is returned as [unsure](Delivery::is_unsure).
/// - A result is [tied](Self::is_tied) if it would be recorded in the same unit of time as one that was delivered while
///   it could already have been.
/// - While the newest results are [held](Self::hold_newest), none of the unit of time read last or a later one is
///   delivered, unless nothing else can make progress.
/// - Results are consumed in the order of delivery, except for a [grant](Self::grant) after the handler came to rest.
/// - Each result is consumed at most once, never after its operation was released, and is not lost if its future is
///   polled when it is woken.
#[derive(Debug)]
pub(crate) struct ReplayBarrier<T> {
    journal: Journal,
    gates: Gates,
    operations: ClaimedOperations<T>,
    results: Results,
    admitted: VecDeque<OperationKey>,
    wakes: VecDeque<OperationKey>,
    rebuilds: Rebuilds,
    claims: u64,
    stalled_since: Option<Timestamp>,
    is_by_name: bool,
    resolution: Resolution,
    ties: Ties,
    /// The unit of time from which on results are held, because a request is about to be sent that may record more in it.
    held_from: Option<i64>,
}

/// The outcome of a claim.
#[derive(Debug, PartialEq)]
pub(crate) enum Claim<'b> {
    /// The operation is recorded.
    Recorded(&'b mut Operation),
    /// The operation is new and may start.
    Live,
    /// The operation is new and is [admitted](ReplayBarrier::next_admitted) later.
    Waiting,
}

/// A result that is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) key: OperationKey,
    /// The place to record for a result that arrived after a later one was delivered.
    pub(crate) late: Option<Placement>,
    /// Whether an earlier result may have been recorded without having been reported. Consequences of this result must
    /// not be recorded before that is known.
    pub(crate) is_unsure: bool,
}

/// What to do when the handler is at rest and no result can be delivered in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stalled {
    /// A result was delivered although records that started before it are unclaimed, because nothing else can make
    /// progress.
    Delivered(Delivery),
    /// Replay of this gate's context has diverged: a new operation is awaited and nothing can admit it.
    Diverged(GateKey),
    /// Wait until this time, because something else may still wake the handler.
    Until(Timestamp),
    /// Nothing waits at the barrier.
    No,
}

impl<T> ReplayBarrier<T> {
    pub(crate) fn new(journal: Journal, resolution: Resolution) -> Self {
        Self {
            journal,
            gates: Gates::default(),
            operations: ClaimedOperations::default(),
            results: Results::default(),
            admitted: VecDeque::new(),
            wakes: VecDeque::new(),
            rebuilds: Rebuilds::default(),
            claims: 0,
            stalled_since: None,
            is_by_name: false,
            resolution,
            ties: Ties::default(),
            held_from: None,
        }
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Pairs operations by id alone from now on: new ones start at once, and records may remain unclaimed.
    pub(crate) fn replay_by_name(&mut self) {
        self.is_by_name = true;
    }

    pub(crate) fn is_by_name(&self) -> bool {
        self.is_by_name
    }

    /// Returns the number of claims.
    pub(crate) fn claims(&self) -> u64 {
        self.claims
    }

    /// Opens the gate of a recorded context.
    pub(crate) fn open_gate(
        &mut self,
        context: Option<OperationId>,
        parent: Option<GateKey>,
        is_rebuilding: bool,
    ) -> GateKey {
        self.gates.open(context, parent, is_rebuilding)
    }

    /// Returns the recorded context behind a gate, or `None` at the top level.
    pub(crate) fn context(&self, gate: GateKey) -> Option<OperationId> {
        self.gates.get(gate)?.context
    }

    /// Returns whether records of the gate's context are unclaimed.
    pub(crate) fn is_replaying(&self, gate: GateKey) -> bool {
        self.gates
            .get(gate)
            .is_some_and(|gate| !gate.is_past_replay && self.journal.unclaimed(gate.context) > 0)
    }

    /// Returns whether the body behind the gate is running only to rebuild a result.
    pub(crate) fn is_rebuilding(&self, gate: GateKey) -> bool {
        self.gates.get(gate).is_some_and(|gate| gate.state == GateState::Rebuilding)
    }

    /// Declares that code outside sees the results of operations behind the gate, so they are delivered in the one
    /// order even if the end of the context is recorded.
    pub(crate) fn expose_results(&mut self, gate: GateKey) {
        if let Some(gate) = self.gates.get_mut(gate)
            && gate.state == GateState::Rebuilding
        {
            gate.state = GateState::Running;
        }
    }

    /// Closes a gate because the body behind it has ended; nothing more is claimed there.
    pub(crate) fn close_gate(&mut self, gate: GateKey) {
        if let Some(gate) = self.gates.get_mut(gate) {
            gate.state = GateState::Ended;
        }
    }

    /// Returns the number of operations that were claimed and have not been released.
    pub(crate) fn in_use(&self) -> usize {
        self.operations.len()
    }

    /// Claims an operation, with what orders its result among those of one unit of time. One that is exempt never waits.
    pub(crate) fn claim(
        &mut self,
        gate: GateKey,
        id: OperationId,
        tie: Tie,
        is_exempt: bool,
    ) -> (OperationKey, Claim<'_>) {
        self.stalled_since = None;
        self.claims += 1;
        let recorded = self.journal.mark_taken(id);
        if recorded.is_none()
            && !is_exempt
            && self.is_by_name
            && let Some(gate) = self.gates.get_mut(gate)
        {
            gate.is_past_replay = true;
        }
        let waits = recorded.is_none() && !is_exempt && self.is_closed(gate);
        let stage = if waits { Stage::Waiting } else { Stage::Active };
        // A result of an earlier invocation is never late.
        let record = recorded.and_then(|recorded| self.journal.record_mut(recorded));
        let has_ended = record.is_some_and(|record| record.status.is_terminal());
        let eligible_since = if has_ended { u64::MAX } else { self.results.deliveries() };
        let operation = Claimed {
            claim: self.claims,
            id,
            tie,
            gate,
            is_awaited: false,
            eligible_since,
            result: 0,
            is_expected: false,
            stage,
        };
        let key = self.operations.insert(operation);
        if waits && let Some(gate) = self.gates.get_mut(gate) {
            gate.waiting.insert(key);
        }
        if recorded.is_some() {
            self.admit(gate);
        }
        let claim = match recorded.and_then(|recorded| self.journal.record_mut(recorded)) {
            Some(record) => Claim::Recorded(record),
            None if waits => Claim::Waiting,
            None => Claim::Live,
        };
        (key, claim)
    }

    /// Takes the next operation that may now start.
    pub(crate) fn next_admitted(&mut self) -> Option<OperationKey> {
        self.admitted.pop_front()
    }

    /// Takes the next operation whose future must be woken.
    pub(crate) fn next_wake(&mut self) -> Option<OperationKey> {
        self.wakes.pop_front()
    }

    /// Whether futures of operations are to be woken.
    pub(crate) fn has_wakes(&self) -> bool {
        !self.wakes.is_empty()
    }

    /// Wakes the future of an operation, if it has been polled.
    pub(crate) fn wake(&mut self, key: OperationKey) {
        if self.is_awaited(key) {
            self.wakes.push_back(key);
        }
    }

    /// Accepts that a context ended at this time although its result has yet to be rebuilt.
    pub(crate) fn handle_rebuilding(&mut self, key: OperationKey, at: Timestamp) {
        let Some(operation) = self.operations.get(key) else { return };
        let (id, number, tie, gate) = (operation.id, operation.result, operation.tie, operation.gate);
        let recorded = ResultOrder::recorded(self.resolution.unit(at), Origin::Checkpoint, tie);
        let order = self.journal.recorded_order(id, number, tie).unwrap_or(recorded);
        self.rebuilds.begin(
            key,
            id,
            self.rebuilds.place(order, |context| self.gates.is_inside(gate, context)),
        );
    }

    /// Accepts the result of an operation, recorded at this time. Without a time, it comes after all results that are
    /// known.
    pub(crate) fn handle_settled(
        &mut self,
        key: OperationKey,
        (origin, at): (Origin, Option<Timestamp>),
        result: T,
    ) {
        let Some(operation) = self.operations.get(key) else { return };
        let (id, number, tie, gate) = (operation.id, operation.result, operation.tie, operation.gate);
        let recorded = at.map(|at| ResultOrder::recorded(self.resolution.unit(at), origin, tie));
        let recorded = self.journal.recorded_order(id, number, tie).or(recorded);
        if !matches!(operation.stage, Stage::Active) {
            return;
        }
        self.rebuilds.end(key);
        let order = match recorded {
            Some(order) => {
                let order = self.rebuilds.place(order, |context| self.gates.is_inside(gate, context));
                self.results.defer(order, key);
                order
            }
            None => self.results.defer_untimed(tie, key),
        };
        if let Some(operation) = self.operations.get_mut(key) {
            operation.stage = Stage::Deferred { order, result };
        }
    }

    /// Expects the service to end the operation, at any time but not before it is due, if that is known.
    pub(crate) fn expect(&mut self, key: OperationKey, due: Option<Timestamp>) {
        let from = due.map_or(i64::MIN, |due| self.resolution.unit(due));
        if let Some(operation) = self.operations.get_mut(key) {
            operation.is_expected = true;
            self.ties.expect(from, key);
        }
    }

    /// Accepts a record that the service reported. Returns the place to record if it is the end of a dropped operation
    /// that would precede a result already delivered.
    pub(crate) fn handle_reported(&mut self, record: &Operation) -> Option<Placement> {
        let newest = record.start_timestamp.max(record.end_timestamp)?;
        self.ties.handle_read(self.resolution.unit(newest));
        let at = record.end_timestamp.filter(|_| record.status.is_terminal())?;
        let id = OperationId::parse(&record.id)?;
        self.ties.handle_ended(id, self.resolution.unit(at))
    }

    /// Accepts that a response has arrived whose request was sent in a later unit of time than everything read so far.
    /// The content of the response is reported after this.
    pub(crate) fn handle_complete(&mut self) {
        self.read_journal();
        self.ties.handle_complete();
    }

    /// Returns whether a result that is recorded now could tie with one that was already delivered.
    pub(crate) fn is_tied(&self, queued: Expectation) -> bool {
        self.ties.is_tied(queued, self.newest(), |inner, outer| self.gates.is_within(inner, outer))
    }

    /// Holds the results of the unit of time read last until the next response, or stops holding them.
    ///
    /// A request that is sent in the meantime cannot [tie](Self::is_tied) with anything delivered, so it need not wait for
    /// the next unit of time. If results of that unit have been delivered, it must wait anyway, and nothing is held.
    pub(crate) fn hold_newest(&mut self, holds: bool) {
        let newest = self.newest();
        self.held_from = (holds && newest > self.ties.latest()).then_some(newest);
    }

    /// Returns whether the operation has started and has no result yet.
    pub(crate) fn is_active(&self, key: OperationKey) -> bool {
        self.operations.get(key).is_some_and(|operation| matches!(operation.stage, Stage::Active))
    }

    /// Returns whether the result of the operation was consumed, or it will never have one.
    pub(crate) fn is_done(&self, key: OperationKey) -> bool {
        self.operations.get(key).is_some_and(|operation| matches!(operation.stage, Stage::Done))
    }

    /// Returns the number of results delivered before that of the operation could have been.
    pub(crate) fn eligible_since(&self, key: OperationKey) -> Option<u64> {
        self.operations.get(key).map(|operation| operation.eligible_since)
    }

    /// Returns whether the future of the operation has been polled and has not returned since.
    pub(crate) fn is_awaited(&self, key: OperationKey) -> bool {
        self.operations.get(key).is_some_and(|operation| operation.is_awaited)
    }

    /// Notes that the future of the operation was polled, and returns the result if it may be consumed.
    pub(crate) fn poll(&mut self, key: OperationKey) -> Option<T> {
        let operation = self.operations.get_mut(key)?;
        operation.is_awaited = true;
        let Stage::Delivered { number, .. } = operation.stage else { return None };
        if !self.results.may_consume(number, key) {
            return None;
        }
        operation.is_awaited = false;
        let Stage::Delivered { result, .. } = std::mem::replace(&mut operation.stage, Stage::Done) else {
            return None;
        };
        self.handle_consumed(number, key);
        Some(result)
    }

    /// Expects another result of an operation whose first one was consumed: the answer to a callback.
    pub(crate) fn reopen(&mut self, key: OperationKey) {
        let deliveries = self.results.deliveries();
        if let Some(operation) = self.operations.get_mut(key) {
            operation.stage = Stage::Active;
            operation.eligible_since = deliveries;
            operation.result += 1;
        }
    }

    /// Marks an operation that will never have a result, because its context ended first.
    pub(crate) fn orphan(&mut self, key: OperationKey) {
        if let Some(operation) = self.operations.get_mut(key) {
            operation.stage = Stage::Done;
        }
    }

    /// Releases an operation whose future was dropped. Returns the place to record for a result that it did not
    /// receive, if that result would precede one already delivered.
    pub(crate) fn release(&mut self, key: OperationKey) -> Option<Placement> {
        let operation = self.operations.remove(key)?;
        self.rebuilds.end(key);
        let Claimed { id, result, tie, .. } = operation;
        let latest = || self.results.latest_since(operation.eligible_since);
        match operation.stage {
            Stage::Waiting => {
                if let Some(gate) = self.gates.get_mut(operation.gate) {
                    gate.waiting.remove(&key);
                }
            }
            Stage::Delivered { number, .. } => self.handle_consumed(number, key),
            Stage::Active if operation.is_expected => {
                if let Some(latest) = latest() {
                    self.ties.handle_released(id, Released { result, tie, latest });
                }
            }
            Stage::Deferred { order, .. } => {
                let latest = latest().filter(|latest| *latest > order)?;
                return Some(Placement { id, result, order: latest.after(tie) });
            }
            Stage::Active | Stage::Done => {}
        }
        None
    }

    /// Grants consumption to the next result that was polled before an earlier one was consumed; call it when the
    /// handler is at rest.
    pub(crate) fn grant(&mut self) -> bool {
        let granted = self.results.grant();
        self.wakes.extend(granted);
        granted.is_some()
    }

    /// Delivers the first result if its turn has come; call it when the handler is at rest.
    pub(crate) fn deliver(&mut self) -> Option<Delivery> {
        let (order, key) = self.first_due()?;
        Some(self.deliver_first(order, key))
    }

    /// Returns whether progress is possible without the service. A request sent now would miss the resulting updates.
    pub(crate) fn can_move(&mut self) -> bool {
        self.results.has_grantable() || self.first_due().is_some()
    }

    /// Decides what to do when the handler is at rest and nothing else can make progress.
    ///
    /// `may_wake` is whether anything but the engine can wake the handler, such as a timer or a socket.
    pub(crate) fn stalled(&mut self, now: Timestamp, may_wake: bool) -> Stalled {
        let deferred = self.first_deferred();
        let blocked = self.gates.blocked().find(|(_, gate)| self.is_waited_for(gate)).map(|(key, _)| key);
        if deferred.is_none() && blocked.is_none() {
            return Stalled::No;
        }
        let patience_ends = self.stalled_since.get_or_insert(now).saturating_add(PATIENCE);
        if may_wake && now < patience_ends {
            return Stalled::Until(patience_ends);
        }
        match (deferred, blocked) {
            (Some((order, key)), _) => {
                self.rebuilds.overtake(order);
                Stalled::Delivered(self.deliver_first(order, key))
            }
            (None, Some(gate)) => Stalled::Diverged(gate),
            (None, None) => Stalled::No,
        }
    }

    /// Restarts patience, because something has made progress.
    pub(crate) fn handle_progress(&mut self) {
        self.stalled_since = None;
    }

    /// Returns the operations that wait at a gate, in the order of their claims.
    pub(crate) fn waiting(&self, gate: GateKey) -> impl Iterator<Item = OperationKey> {
        self.gates.get(gate).into_iter().flat_map(|gate| gate.waiting.iter().copied())
    }

    fn is_waited_for(&self, gate: &Gate) -> bool {
        gate.waiting.iter().any(|key| self.is_awaited(*key))
    }

    /// Returns whether new operations wait at the gate.
    fn is_closed(&self, gate: GateKey) -> bool {
        !self.is_by_name && self.is_replaying(gate)
    }

    /// Admits the operations at a gate once every record behind it has been claimed.
    fn admit(&mut self, key: GateKey) {
        if self.gates.get(key).is_none_or(|gate| gate.waiting.is_empty()) || self.is_closed(key) {
            return;
        }
        let waiting =
            self.gates.get_mut(key).map(|gate| std::mem::take(&mut gate.waiting)).unwrap_or_default();
        for key in waiting {
            if let Some(operation) = self.operations.get_mut(key) {
                operation.stage = Stage::Active;
            }
            self.admitted.push_back(key);
        }
    }

    fn first_deferred(&mut self) -> Option<(ResultOrder, OperationKey)> {
        let operations = &self.operations;
        self.results.first_deferred(|key| {
            let operation = operations.get(key);
            operation.is_some_and(|operation| matches!(operation.stage, Stage::Deferred { .. }))
        })
    }

    /// Returns the first deferred result if its turn has come.
    fn first_due(&mut self) -> Option<(ResultOrder, OperationKey)> {
        let (order, key) = self.first_deferred()?;
        let is_held = self.held_from.is_some_and(|held_from| order.at() >= held_from);
        (!is_held && self.is_due(order, key)).then_some((order, key))
    }

    /// Returns whether everything in the context that started before the result was recorded has been claimed, and
    /// everything that ended before it has been rebuilt.
    ///
    /// Live, the handler had claimed and received it before it could receive the result. Operations that started in the
    /// same millisecond may depend on the result, so they are not waited for.
    fn is_due(&self, order: ResultOrder, key: OperationKey) -> bool {
        if self.rebuilds.precede(order) {
            return false;
        }
        let Some(gate) = self.operations.get(key).and_then(|operation| self.gates.get(operation.gate)) else {
            return true;
        };
        if self.is_by_name || gate.state != GateState::Running {
            return true;
        }
        let first = self.journal.first_unclaimed_start(gate.context);
        first.is_none_or(|first| self.resolution.unit(first) >= order.at())
    }

    fn deliver_first(&mut self, order: ResultOrder, key: OperationKey) -> Delivery {
        self.stalled_since = None;
        let is_unsure = order.is_of_service() && self.is_open(order.at());
        let since = self.operations.get(key).map_or(u64::MAX, |operation| operation.eligible_since);
        let overtaken_by = self.results.latest_since(since).filter(|latest| *latest > order);
        let late = overtaken_by.map(|latest| latest.after(order.tie()));
        let order = late.unwrap_or(order);
        let number = self.results.deliver_first(order, key);
        let operation = self.operations.get(key);
        let gate = operation.map_or(GateKey::ROOT, |operation| operation.gate);
        let late = operation.zip(late).map(|(operation, order)| Placement {
            id: operation.id,
            result: operation.result,
            order,
        });
        self.ties.handle_delivered(number, gate, order.at());
        if let Some(operation) = self.operations.get_mut(key) {
            operation.stage = match std::mem::replace(&mut operation.stage, Stage::Done) {
                Stage::Deferred { result, .. } => Stage::Delivered { number, result },
                stage @ (Stage::Waiting | Stage::Active | Stage::Delivered { .. } | Stage::Done) => stage,
            };
        }
        self.wake(key);
        Delivery { key, late, is_unsure }
    }

    /// Returns whether the service may have ended another operation in this unit of time without having reported it.
    fn is_open(&mut self, unit: i64) -> bool {
        if self.resolution.is_exact() {
            return false;
        }
        self.read_journal();
        let operations = &self.operations;
        self.ties.is_open(unit, |key| {
            let operation = operations.get(key);
            operation.is_some_and(|operation| matches!(operation.stage, Stage::Active))
        })
    }

    fn read_journal(&mut self) {
        self.ties.handle_read(self.newest());
    }

    /// Returns the latest unit of time of any record that has been read.
    fn newest(&self) -> i64 {
        let in_journal = self.journal.newest().map_or(i64::MIN, |newest| self.resolution.unit(newest));
        self.ties.newest().max(in_journal)
    }

    fn handle_consumed(&mut self, number: u64, key: OperationKey) {
        let operations = &self.operations;
        let next = self.results.handle_consumed(number, key, |number, key| {
            let operation = operations.get(key);
            operation.is_some_and(|operation| matches!(operation.stage, Stage::Delivered { number: delivered, .. } if delivered == number))
        });
        if let Some(next) = next {
            self.wakes.push_back(next);
        }
    }
}
