//! The rules of replay as one machine: pairing, admission, and the one order of results.

use std::collections::VecDeque;
use std::time::Duration;

use durable_types::{Operation, Timestamp};
use slab::Slab;

use super::gate::{Gate, GateKey, GateState, Gates};
use super::journal::Journal;
use super::resolution::Resolution;
use super::result_order::{Origin, Placement, ResultOrder, Tie};
use super::results::Results;
use crate::identity::{IdMap, OperationId};
use crate::operation::OperationKey;

/// How long a handler that something else may still wake can leave recorded operations unclaimed.
const PATIENCE: Duration = Duration::from_secs(5);

/// How far the clock of the service may be ahead of ours.
const SKEW: Duration = Duration::from_secs(1);

/// Pairs the operations that the handler claims with their records, holds new ones back until everything recorded has
/// been claimed, and delivers results in one order, live as on replay.
///
/// `T` is the result of an operation, which the barrier keeps until the future of the operation consumes it.
///
/// # Invariants
/// - A recorded operation is paired with its record by id, whatever the order of claims, and at most once.
/// - No operation is admitted while a record of its context is unclaimed, unless replay is by name.
/// - Operations of a context are admitted in the order of their claims.
/// - A result is delivered only by [`deliver`](Self::deliver) and [`stalled`](Self::stalled), which a driver calls when
///   the handler has come to rest; so results are delivered one at a time.
/// - Among the results of claimed operations, the one with the lowest [`ResultOrder`] is delivered first. One that
///   arrives after a later one was delivered comes back as [late](Delivery::late), with the place to record for it.
/// - Results are consumed in the order of delivery, except by a [grant](Self::grant) after the handler came to rest.
/// - Each result is consumed at most once, and never after its operation was released.
#[derive(Debug)]
pub(crate) struct ReplayBarrier<T> {
    journal: Journal,
    gates: Gates,
    operations: Slab<Claimed<T>>,
    results: Results,
    admitted: VecDeque<OperationKey>,
    wakes: VecDeque<OperationKey>,
    claims: u64,
    stalled_since: Option<Timestamp>,
    is_by_name: bool,
    resolution: Resolution,
    /// Deliveries of the latest time unit in which any delivered result was recorded: their numbers and recipients.
    ties: Vec<(u64, GateKey)>,
    /// Operations that the service can end by itself; some may have ended.
    expected: Vec<OperationKey>,
    /// Those that were dropped before they ended.
    dropped: IdMap<Dropped>,
}

/// An operation that was dropped before it ended, and will be claimed again on replay.
#[derive(Clone, Copy, Debug)]
struct Dropped {
    /// The number of the result that it never had.
    result: u32,
    tie: Tie,
    eligible_since: u64,
    due: Option<Timestamp>,
}

/// When the record of an operation would be a result for the handler, and for whom it would not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expectation {
    /// How many results had been delivered when this one could first have been.
    pub(crate) since: u64,
    /// The gate of the body that the operation runs, whose own results precede its end anyway.
    pub(crate) body: Option<GateKey>,
}

/// An operation between its claim and its release.
#[derive(Debug)]
struct Claimed<T> {
    claim: u64,
    id: OperationId,
    tie: Tie,
    gate: GateKey,
    /// Whether its future has been polled since it last returned something.
    is_awaited: bool,
    /// How many results had been delivered when this one could first have been.
    eligible_since: u64,
    /// How many results of the operation were consumed and followed by another.
    result: u32,
    /// When the service ends it by itself, if that is known.
    due: Option<Timestamp>,
    stage: Stage<T>,
}

/// How far an operation has come.
#[derive(Debug)]
enum Stage<T> {
    /// It is new and waits until everything recorded in its context has been claimed.
    Waiting,
    /// It has begun and has no result yet.
    Active,
    /// It has a result whose turn has not come.
    Deferred(T),
    /// The turn of its result has come; its future has not consumed it.
    Delivered { number: u64, result: T },
    /// Its result was consumed, or it will never have one.
    Done,
}

/// What a claim found.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "it is passed on at once and never kept")]
pub(crate) enum Claim {
    /// The record of the operation.
    Recorded(Operation),
    /// Nothing: the operation is new and may begin.
    Live,
    /// Nothing: the operation is new and is [admitted](ReplayBarrier::next_admitted) later.
    Waiting,
}

/// A result whose turn has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) key: OperationKey,
    /// The place to record for a result that arrived after a later one was delivered.
    pub(crate) late: Option<Placement>,
}

/// What is left to do when the handler is at rest and no result can be delivered in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stalled {
    /// A result was delivered although records that began before it are unclaimed: nothing else can move.
    Delivered(Delivery),
    /// Replay of this gate's context has diverged: a new operation is awaited and nothing can admit it.
    Diverged(GateKey),
    /// Something else may still wake the handler until then.
    Until(Timestamp),
    /// Nothing waits at the barrier.
    No,
}

impl<T> ReplayBarrier<T> {
    pub(crate) fn new(journal: Journal, resolution: Resolution) -> Self {
        Self {
            journal,
            gates: Gates::default(),
            operations: Slab::new(),
            results: Results::default(),
            admitted: VecDeque::new(),
            wakes: VecDeque::new(),
            claims: 0,
            stalled_since: None,
            is_by_name: false,
            resolution,
            ties: Vec::new(),
            expected: Vec::new(),
            dropped: IdMap::default(),
        }
    }

    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    pub(crate) fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Pairs operations by id alone from now on: new ones begin at once, and records may be left over.
    pub(crate) fn replay_by_name(&mut self) {
        self.is_by_name = true;
    }

    pub(crate) fn is_by_name(&self) -> bool {
        self.is_by_name
    }

    /// How many operations have been claimed.
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

    /// The recorded context behind a gate; none at the top level.
    pub(crate) fn context(&self, gate: GateKey) -> Option<OperationId> {
        self.gates.get(gate)?.context
    }

    /// Whether records of the gate's context have not been claimed.
    pub(crate) fn is_replaying(&self, gate: GateKey) -> bool {
        self.gates
            .get(gate)
            .is_some_and(|gate| !gate.is_past_replay && self.journal.unclaimed(gate.context) > 0)
    }

    /// Whether the body behind the gate runs only to rebuild a result.
    pub(crate) fn is_rebuilding(&self, gate: GateKey) -> bool {
        self.gates.get(gate).is_some_and(|gate| gate.state == GateState::Rebuilding)
    }

    /// The results of operations behind the gate are visible outside, so they are delivered in the one order, also if the
    /// end of the context is recorded.
    pub(crate) fn expose_results(&mut self, gate: GateKey) {
        if let Some(gate) = self.gates.get_mut(gate)
            && gate.state == GateState::Rebuilding
        {
            gate.state = GateState::Running;
        }
    }

    /// The body behind the gate has ended: nothing more is claimed there.
    pub(crate) fn close_gate(&mut self, gate: GateKey) {
        if let Some(gate) = self.gates.get_mut(gate) {
            gate.state = GateState::Ended;
        }
    }

    /// Claims an operation, with what orders its result among those of one unit of time. One that is exempt never waits.
    pub(crate) fn claim(
        &mut self,
        gate: GateKey,
        id: OperationId,
        tie: Tie,
        is_exempt: bool,
    ) -> (OperationKey, Claim) {
        self.stalled_since = None;
        self.claims += 1;
        let recorded = self.journal.take(id);
        if recorded.is_none()
            && !is_exempt
            && self.is_by_name
            && let Some(gate) = self.gates.get_mut(gate)
        {
            gate.is_past_replay = true;
        }
        let waits = recorded.is_none() && !is_exempt && self.is_closed(gate);
        let stage = if waits { Stage::Waiting } else { Stage::Active };
        // What ended in an earlier invocation is never late.
        let has_ended = recorded.as_ref().is_some_and(|recorded| recorded.status.is_terminal());
        let eligible_since = if has_ended { u64::MAX } else { self.results.deliveries() };
        let operation = Claimed {
            claim: self.claims,
            id,
            tie,
            gate,
            is_awaited: false,
            eligible_since,
            result: 0,
            due: None,
            stage,
        };
        let key = OperationKey::new(self.claims, self.operations.insert(operation));
        if waits && let Some(gate) = self.gates.get_mut(gate) {
            gate.waiting.insert(key);
        }
        let claim = match recorded {
            Some(recorded) => {
                self.admit(gate);
                Claim::Recorded(recorded)
            }
            None if waits => Claim::Waiting,
            None => Claim::Live,
        };
        (key, claim)
    }

    /// Takes the next operation that may begin now.
    pub(crate) fn next_admitted(&mut self) -> Option<OperationKey> {
        self.admitted.pop_front()
    }

    /// Takes the next operation whose future is to be woken.
    pub(crate) fn next_wake(&mut self) -> Option<OperationKey> {
        self.wakes.pop_front()
    }

    /// Wakes the future of an operation, if it has been polled.
    pub(crate) fn wake(&mut self, key: OperationKey) {
        if self.is_awaited(key) {
            self.wakes.push_back(key);
        }
    }

    /// The operation has a result, recorded at this time if the service said so.
    pub(crate) fn handle_settled(
        &mut self,
        key: OperationKey,
        (origin, at): (Origin, Option<Timestamp>),
        result: T,
    ) {
        let Some(operation) = self.get(key) else { return };
        let (id, number, tie) = (operation.id, operation.result, operation.tie);
        let decided = self.journal.recorded_order(id, number, tie);
        self.defer(key, decided.or_else(|| self.order(origin, at, tie)), result);
    }

    fn order(&self, origin: Origin, at: Option<Timestamp>, tie: Tie) -> Option<ResultOrder> {
        at.map(|at| ResultOrder::recorded(self.resolution.unit(at), origin, tie))
    }

    /// Keeps a result until its turn; without a time it comes right after those that were delivered.
    fn defer(&mut self, key: OperationKey, order: Option<ResultOrder>, result: T) {
        let latest = self.results.latest_since(0);
        let Some(operation) = self.get(key) else { return };
        let tie = operation.tie;
        let order =
            order.unwrap_or_else(|| latest.map_or(ResultOrder::first(tie), |latest| latest.after(tie)));
        let Some(operation) = self.get_mut(key) else { return };
        if matches!(operation.stage, Stage::Active) {
            operation.stage = Stage::Deferred(result);
            self.results.defer(order, key);
        }
    }

    /// The service can end the operation by itself, but not before `due` if that is known.
    pub(crate) fn expect(&mut self, key: OperationKey, due: Option<Timestamp>) {
        self.expected.push(key);
        self.expect_from(key, due);
    }

    /// The service will end the operation at this time, if it is known.
    pub(crate) fn expect_from(&mut self, key: OperationKey, due: Option<Timestamp>) {
        if let Some(operation) = self.get_mut(key) {
            operation.due = due;
        }
    }

    /// An operation that was dropped has ended at this time. Returns the place to record for its result if a later one was
    /// delivered while it was claimed: on replay it is claimed again, and must not overtake that one.
    pub(crate) fn handle_dropped_settled(&mut self, id: OperationId, at: Timestamp) -> Option<Placement> {
        let dropped = self.dropped.remove(&id)?;
        let order = self.order(Origin::Service, Some(at), dropped.tie)?;
        let overtaken_by =
            self.results.latest_since(dropped.eligible_since).filter(|latest| *latest > order)?;
        Some(Placement { id, result: dropped.result, order: overtaken_by.after(dropped.tie) })
    }

    /// Whether a result that is recorded now could tie with one that was delivered before: a record in the same unit of
    /// time, after which the order of the two could no longer be read from the records.
    ///
    /// `queued` are the results that would be recorded; others may arrive for operations that the service can end by now.
    pub(crate) fn is_tied(&mut self, now: Timestamp, mut queued: impl Iterator<Item = Expectation>) -> bool {
        let Some((last, _)) = self.ties.last().copied() else { return false };
        let mut expected = std::mem::take(&mut self.expected);
        expected
            .retain(|key| self.get(*key).is_some_and(|operation| !matches!(operation.stage, Stage::Done)));
        self.expected = expected;
        let latest = now.saturating_add(SKEW);
        let may_end =
            |since: u64, due: Option<Timestamp>| since <= last && due.is_none_or(|due| due <= latest);
        let is_expected = |key: &OperationKey| {
            self.get(*key).is_some_and(|operation| {
                matches!(operation.stage, Stage::Active) && may_end(operation.eligible_since, operation.due)
            })
        };
        if self.expected.iter().any(is_expected)
            || self.dropped.values().any(|dropped| may_end(dropped.eligible_since, dropped.due))
        {
            return true;
        }
        queued.any(|queued| {
            let is_outside = |gate| queued.body.is_none_or(|body| !self.gates.is_within(gate, body));
            self.ties.iter().any(|(number, gate)| *number >= queued.since && is_outside(*gate))
        })
    }

    /// Whether the operation has begun and has no result yet.
    pub(crate) fn is_active(&self, key: OperationKey) -> bool {
        self.get(key).is_some_and(|operation| matches!(operation.stage, Stage::Active))
    }

    /// Whether the result of the operation was consumed, or it will never have one.
    pub(crate) fn is_done(&self, key: OperationKey) -> bool {
        self.get(key).is_some_and(|operation| matches!(operation.stage, Stage::Done))
    }

    /// How many results had been delivered when that of the operation could first have been.
    pub(crate) fn eligible_since(&self, key: OperationKey) -> Option<u64> {
        self.get(key).map(|operation| operation.eligible_since)
    }

    /// Whether the future of the operation has been polled and has not returned since.
    pub(crate) fn is_awaited(&self, key: OperationKey) -> bool {
        self.get(key).is_some_and(|operation| operation.is_awaited)
    }

    /// Takes note that the future of the operation was polled, and hands out the result if it may be consumed.
    pub(crate) fn poll(&mut self, key: OperationKey) -> Option<T> {
        let operation =
            self.operations.get_mut(key.index()).filter(|operation| operation.claim == key.claim())?;
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
        if let Some(operation) = self.get_mut(key) {
            operation.stage = Stage::Active;
            operation.eligible_since = deliveries;
            operation.result += 1;
        }
    }

    /// The operation will never have a result: its context ended first.
    pub(crate) fn orphan(&mut self, key: OperationKey) {
        if let Some(operation) = self.get_mut(key) {
            operation.stage = Stage::Done;
        }
    }

    /// The future of an operation that the service can end by itself, at this time if it is known, was dropped.
    pub(crate) fn release_expected(&mut self, key: OperationKey, due: Option<Timestamp>) {
        if let Some(operation) = self.get(key)
            && matches!(operation.stage, Stage::Active)
        {
            let Claimed { id, result, tie, eligible_since, .. } = *operation;
            self.dropped.insert(id, Dropped { result, tie, eligible_since, due });
        }
        self.release(key);
    }

    /// The future of the operation was dropped.
    pub(crate) fn release(&mut self, key: OperationKey) {
        if self.get(key).is_none() {
            return;
        }
        let operation = self.operations.remove(key.index());
        match operation.stage {
            Stage::Waiting => {
                if let Some(gate) = self.gates.get_mut(operation.gate) {
                    gate.waiting.remove(&key);
                }
            }
            Stage::Delivered { number, .. } => self.handle_consumed(number, key),
            Stage::Active | Stage::Deferred(_) | Stage::Done => {}
        }
    }

    /// Lets the next result be consumed that was polled before an earlier one was; call it when the handler is at rest.
    pub(crate) fn grant(&mut self) -> bool {
        let granted = self.results.grant();
        self.wakes.extend(granted);
        granted.is_some()
    }

    /// Delivers the first result if its turn has come; call it when the handler is at rest.
    pub(crate) fn deliver(&mut self) -> Option<Delivery> {
        let (order, key) = self.first_deferred()?;
        self.is_due(order, key).then(|| self.deliver_first(order, key))
    }

    /// Whether something can move without the service: a request that is sent now would miss what follows from it.
    pub(crate) fn can_move(&mut self) -> bool {
        self.results.has_grantable()
            || self.first_deferred().is_some_and(|(order, key)| self.is_due(order, key))
    }

    /// Says what to do when the handler is at rest and nothing else can move.
    ///
    /// `may_wake` tells whether anything but the engine can wake the handler, such as a timer or a socket.
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
            (Some((order, key)), _) => Stalled::Delivered(self.deliver_first(order, key)),
            (None, Some(gate)) => Stalled::Diverged(gate),
            (None, None) => Stalled::No,
        }
    }

    /// Something moved: patience starts over.
    pub(crate) fn handle_progress(&mut self) {
        self.stalled_since = None;
    }

    /// The operations that wait at a gate, in the order of their claims.
    pub(crate) fn waiting(&self, gate: GateKey) -> impl Iterator<Item = OperationKey> {
        self.gates.get(gate).into_iter().flat_map(|gate| gate.waiting.iter().copied())
    }

    fn is_waited_for(&self, gate: &Gate) -> bool {
        gate.waiting.iter().any(|key| self.is_awaited(*key))
    }

    /// Whether new operations wait at the gate.
    fn is_closed(&self, gate: GateKey) -> bool {
        !self.is_by_name && self.is_replaying(gate)
    }

    /// Lets the operations at a gate begin, once everything recorded behind it has been claimed.
    fn admit(&mut self, key: GateKey) {
        if self.gates.get(key).is_none_or(|gate| gate.waiting.is_empty()) || self.is_closed(key) {
            return;
        }
        let waiting =
            self.gates.get_mut(key).map(|gate| std::mem::take(&mut gate.waiting)).unwrap_or_default();
        for key in waiting {
            if let Some(operation) = self.get_mut(key) {
                operation.stage = Stage::Active;
            }
            self.admitted.push_back(key);
        }
    }

    fn first_deferred(&mut self) -> Option<(ResultOrder, OperationKey)> {
        let operations = &self.operations;
        self.results.first_deferred(|key| {
            let operation = operations.get(key.index()).filter(|operation| operation.claim == key.claim());
            operation.is_some_and(|operation| matches!(operation.stage, Stage::Deferred(_)))
        })
    }

    /// Whether everything in the context has been claimed that began before the result was recorded.
    ///
    /// Live, the handler had claimed it before it could receive the result. What began in the same millisecond may also
    /// depend on the result, so it is not waited for.
    fn is_due(&self, order: ResultOrder, key: OperationKey) -> bool {
        let Some(gate) = self.get(key).and_then(|operation| self.gates.get(operation.gate)) else {
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
        let since = self.get(key).map_or(u64::MAX, |operation| operation.eligible_since);
        let overtaken_by = self.results.latest_since(since).filter(|latest| *latest > order);
        let late = overtaken_by.map(|latest| latest.after(order.tie()));
        let order = late.unwrap_or(order);
        if self.results.latest_since(0).is_some_and(|latest| latest.at() < order.at()) {
            self.ties.clear();
        }
        let number = self.results.deliver_first(order, key);
        let operation = self.get(key);
        let gate = operation.map(|operation| operation.gate);
        let late = operation.zip(late).map(|(operation, order)| Placement {
            id: operation.id,
            result: operation.result,
            order,
        });
        self.ties.extend(gate.map(|gate| (number, gate)));
        if let Some(operation) = self.get_mut(key) {
            operation.stage = match std::mem::replace(&mut operation.stage, Stage::Done) {
                Stage::Deferred(result) => Stage::Delivered { number, result },
                stage @ (Stage::Waiting | Stage::Active | Stage::Delivered { .. } | Stage::Done) => stage,
            };
        }
        self.wake(key);
        Delivery { key, late }
    }

    fn handle_consumed(&mut self, number: u64, key: OperationKey) {
        let operations = &self.operations;
        let next = self.results.handle_consumed(number, key, |number, key| {
            let operation = operations.get(key.index()).filter(|operation| operation.claim == key.claim());
            operation.is_some_and(|operation| matches!(operation.stage, Stage::Delivered { number: delivered, .. } if delivered == number))
        });
        self.wakes.extend(next);
    }

    fn get(&self, key: OperationKey) -> Option<&Claimed<T>> {
        self.operations.get(key.index()).filter(|operation| operation.claim == key.claim())
    }

    fn get_mut(&mut self, key: OperationKey) -> Option<&mut Claimed<T>> {
        self.operations.get_mut(key.index()).filter(|operation| operation.claim == key.claim())
    }
}
