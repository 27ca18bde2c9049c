//! Runs a script against a barrier, and traces what the barrier did.

use std::collections::{BTreeMap, BTreeSet};

use durable_types::Timestamp;

use super::script::{Call, OPERATIONS, Script, record};
use crate::barrier::{
    Claim, Delivery, Expectation, GateKey, Journal, Origin, Placement, ReplayBarrier, ResultOrder, Stalled,
};
use crate::operation_key::OperationKey;

/// The effect of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    Claimed(usize, Found),
    ClaimedAgain(usize, Found),
    Admitted(usize),
    Polled(usize),
    Woken(usize),
    /// The service can end the operation from this unit of time on.
    Expected(usize, i64),
    /// The operation has a result; `recorded` is its place if its time or its place is recorded.
    Settled {
        operation: usize,
        recorded: Option<ResultOrder>,
    },
    /// A response reported that the operation ended at this time.
    Reported {
        operation: usize,
        at: i64,
        late: Option<Placement>,
    },
    Reopened(usize),
    Delivered {
        operation: usize,
        late: Option<Placement>,
        is_unsure: bool,
        is_stalled: bool,
    },
    Granted(usize),
    /// The value identifies the operation and which of its results it is.
    Consumed {
        operation: usize,
        value: (usize, u32),
        is_granted: bool,
    },
    Released {
        operation: usize,
        late: Option<Placement>,
    },
    /// Nothing could make progress at this time.
    Stalled {
        now: i64,
        may_wake: bool,
    },
    /// The barrier gives up at this time, unless the handler is woken before.
    Patient {
        until: i64,
    },
    Diverged {
        gate: usize,
    },
    Completed,
    Held(bool),
    Asked {
        since: u64,
        is_context: bool,
        is_tied: bool,
    },
}

/// The outcome of a claim.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Found {
    /// The record with this name.
    Record(String),
    Live,
    Waiting,
}

impl Script {
    /// Makes the calls.
    pub(super) fn run(&self) -> Vec<Event> {
        let mut run = Run::new(self);
        self.calls.iter().for_each(|call| run.call(*call));
        run.trace
    }

    /// Makes the calls, then polls whatever is woken until nothing makes progress any more.
    pub(super) fn run_to_rest(&self) -> Vec<Event> {
        let mut run = Run::new(self);
        self.calls.iter().for_each(|call| run.call(*call));
        let mut polled = 0;
        for _ in 0..4 * OPERATIONS {
            while let Some(event) = run.trace.get(polled).cloned() {
                if let Event::Woken(operation) = event {
                    run.poll(operation);
                    run.take_wakes();
                }
                polled += 1;
            }
            run.call(Call::Stall { may_wake: false });
            run.call(Call::Rest);
        }
        run.trace
    }
}

struct Run<'s> {
    script: &'s Script,
    /// A result identifies its operation and which of its results it is.
    barrier: ReplayBarrier<(usize, u32)>,
    gates: [GateKey; 2],
    /// The keys of all claimed operations, and the operations whose keys are no longer valid.
    keys: BTreeMap<usize, OperationKey>,
    released: BTreeSet<usize>,
    /// How often each operation was reopened.
    results: [u32; OPERATIONS],
    granted: Option<usize>,
    now: i64,
    trace: Vec<Event>,
}

impl<'s> Run<'s> {
    fn new(script: &'s Script) -> Self {
        let mut journal = Journal::new("execution".to_owned());
        journal.extend(script.records());
        let mut barrier = ReplayBarrier::new(journal, Script::resolution());
        if script.is_by_name {
            barrier.replay_by_name();
        }
        let root = barrier.open_gate(None, None, false);
        let child = barrier.open_gate(Some(Script::context()), Some(root), script.is_rebuilding);
        Self {
            script,
            barrier,
            gates: [root, child],
            keys: BTreeMap::new(),
            released: BTreeSet::new(),
            results: [0; OPERATIONS],
            granted: None,
            now: 0,
            trace: Vec::new(),
        }
    }

    fn call(&mut self, call: Call) {
        match call {
            Call::Claim(pick) => self.claim(pick),
            Call::ClaimAgain(pick) => self.claim_again(pick),
            Call::Poll(pick) => self.poll_one(pick),
            Call::Expect(pick, due) => self.expect_one(pick, due),
            Call::Settle(pick, at) => self.report(pick, at),
            Call::Reopen(pick) => self.reopen(pick),
            Call::Release(pick) => self.release(pick),
            Call::Rest => self.rest(),
            Call::Stall { may_wake } => self.stall(may_wake),
            Call::Pass(millis) => self.now += millis,
            Call::Complete => {
                self.barrier.handle_complete();
                self.trace.push(Event::Completed);
            }
            Call::Hold(holds) => {
                self.barrier.hold_newest(holds);
                self.trace.push(Event::Held(holds));
            }
            Call::Ask { pick, is_context } => self.ask(pick, is_context),
        }
        self.take_wakes();
    }

    fn take_wakes(&mut self) {
        while let Some(key) = self.barrier.next_wake() {
            let woken = self.operation(key);
            self.trace.push(Event::Woken(woken));
        }
    }

    fn claim(&mut self, pick: usize) {
        let Some(operation) = self.pick(pick, |operation| !self.keys.contains_key(&operation)) else {
            return;
        };
        let (key, found) = self.claim_id(operation);
        self.keys.insert(operation, key);
        self.trace.push(Event::Claimed(operation, found.clone()));
        while let Some(admitted) = self.barrier.next_admitted() {
            let admitted = self.operation(admitted);
            self.trace.push(Event::Admitted(admitted));
        }
        if let (Found::Record(_), Some(ended)) = (found, self.script.ended(operation)) {
            self.settle(key, operation, Some(ended));
        }
    }

    fn claim_again(&mut self, pick: usize) {
        let Some(operation) = self.pick(pick, |operation| self.keys.contains_key(&operation)) else { return };
        let (key, found) = self.claim_id(operation);
        self.trace.push(Event::ClaimedAgain(operation, found));
        assert_eq!(self.barrier.release(key), None);
    }

    fn claim_id(&mut self, operation: usize) -> (OperationKey, Found) {
        let (gate, id) = (self.gates[Script::gate(operation)], Script::id(operation));
        let (key, claim) = self.barrier.claim(gate, id, id.into(), false);
        let found = match claim {
            Claim::Recorded(record) => Found::Record(record.name.clone().unwrap().into()),
            Claim::Live => Found::Live,
            Claim::Waiting => Found::Waiting,
        };
        (key, found)
    }

    fn expect_one(&mut self, pick: usize, due: Option<i64>) {
        let is_expected = |operation| {
            let is_of_operation =
                |event: &Event| matches!(event, Event::Expected(other, _) if *other == operation);
            self.trace.iter().any(is_of_operation)
        };
        let is_possible = |operation| {
            self.is_active(operation)
                && Script::origin(operation) == Origin::Service
                && !is_expected(operation)
        };
        if let Some(operation) = self.pick(pick, is_possible) {
            self.expect(operation, due);
        }
    }

    fn expect(&mut self, operation: usize, due: Option<i64>) {
        let Some(key) = self.key(operation) else { return };
        self.barrier.expect(key, due.map(Timestamp::from_millis));
        self.trace.push(Event::Expected(operation, due.map_or(i64::MIN, Script::unit)));
    }

    /// Reports that an operation, which may have been dropped, has ended.
    fn report(&mut self, pick: usize, at: Option<i64>) {
        let may_end = |operation| self.is_active(operation) || self.released.contains(&operation);
        let Some(operation) = self.pick(pick, may_end) else { return };
        if let Some(at) = at {
            let late = self.barrier.handle_reported(&record(operation, 0, Some(at)));
            self.trace.push(Event::Reported { operation, at, late });
        }
        match self.key(operation) {
            Some(key) => self.settle(key, operation, at),
            None => {
                self.barrier.handle_settled(self.keys[&operation], (Origin::Service, None), (operation, 9))
            }
        }
    }

    fn settle(&mut self, key: OperationKey, operation: usize, at: Option<i64>) {
        let result = self.results[operation];
        let recorded = self.script.place(operation, result, at);
        self.trace.push(Event::Settled { operation, recorded });
        let at = at.map(Timestamp::from_millis);
        self.barrier.handle_settled(key, (Script::origin(operation), at), (operation, result));
    }

    fn poll_one(&mut self, pick: usize) {
        if let Some(operation) = self.pick(pick, |operation| self.keys.contains_key(&operation)) {
            self.poll(operation);
        }
    }

    fn poll(&mut self, operation: usize) {
        if !self.released.contains(&operation) {
            self.trace.push(Event::Polled(operation));
        }
        if let Some(value) = self.barrier.poll(self.keys[&operation]) {
            let is_granted = self.granted.take_if(|granted| *granted == operation).is_some();
            self.trace.push(Event::Consumed { operation, value, is_granted });
        }
    }

    fn reopen(&mut self, pick: usize) {
        let is_done = |operation| self.key(operation).is_some_and(|key| self.barrier.is_done(key));
        let Some(operation) = self.pick(pick, is_done) else { return };
        self.key(operation).into_iter().for_each(|key| self.barrier.reopen(key));
        self.results[operation] += 1;
        self.trace.push(Event::Reopened(operation));
        if Script::origin(operation) == Origin::Service {
            self.expect(operation, None);
        }
    }

    fn release(&mut self, pick: usize) {
        let Some(operation) = self.pick(pick, |operation| self.key(operation).is_some()) else { return };
        self.released.insert(operation);
        let late = self.barrier.release(self.keys[&operation]);
        self.trace.push(Event::Released { operation, late });
    }

    fn rest(&mut self) {
        if self.barrier.grant() {
            let granted = self.barrier.next_wake().unwrap();
            let operation = self.operation(granted);
            self.granted = Some(operation);
            self.trace.extend([Event::Granted(operation), Event::Woken(operation)]);
        } else if let Some(delivery) = self.barrier.deliver() {
            self.handle_delivered(delivery, false);
        }
    }

    fn stall(&mut self, may_wake: bool) {
        if self.barrier.can_move() {
            return;
        }
        self.trace.push(Event::Stalled { now: self.now, may_wake });
        match self.barrier.stalled(Timestamp::from_millis(self.now), may_wake) {
            Stalled::Delivered(delivery) => self.handle_delivered(delivery, true),
            Stalled::Diverged(gate) => {
                let gate = self.gates.iter().position(|own| *own == gate).unwrap();
                self.trace.push(Event::Diverged { gate });
            }
            Stalled::Until(until) => self.trace.push(Event::Patient { until: until.as_millis() }),
            Stalled::No => {}
        }
    }

    fn ask(&mut self, pick: usize, is_context: bool) {
        let operation = self.pick(pick, |operation| self.key(operation).is_some());
        let Some(key) = operation.and_then(|operation| self.key(operation)) else { return };
        let Some(since) = self.barrier.eligible_since(key) else { return };
        let body = is_context.then_some(self.gates[1]);
        let is_tied = self.barrier.is_tied(Expectation { since, body });
        self.trace.push(Event::Asked { since, is_context, is_tied });
    }

    fn handle_delivered(&mut self, delivery: Delivery, is_stalled: bool) {
        let Delivery { key, late, is_unsure } = delivery;
        let operation = self.operation(key);
        self.trace.push(Event::Delivered { operation, late, is_unsure, is_stalled });
    }

    /// Picks one of the operations for which a call is possible.
    fn pick(&self, pick: usize, is_possible: impl Fn(usize) -> bool) -> Option<usize> {
        let possible: Vec<_> = (0..OPERATIONS).filter(|operation| is_possible(*operation)).collect();
        possible.get(pick.checked_rem(possible.len())?).copied()
    }

    /// Returns the key of an operation that was claimed and not released.
    fn key(&self, operation: usize) -> Option<OperationKey> {
        self.keys.get(&operation).copied().filter(|_| !self.released.contains(&operation))
    }

    fn is_active(&self, operation: usize) -> bool {
        self.key(operation).is_some_and(|key| self.barrier.is_active(key))
    }

    fn operation(&self, key: OperationKey) -> usize {
        self.keys.iter().find(|(_, own)| **own == key).map(|(operation, _)| *operation).unwrap()
    }
}
