//! The session of a toy handler: operations over the barrier, and the updates that they queue.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use durable_types::{Operation, Timestamp};

use super::chance::Chance;
use super::outbox::{Answer, Outbox};
use super::place::Place;
use super::program::{Kind, Leaf};
use super::service::{Action, Seen, Update, is_large};
use crate::barrier::{
    Claim, Delivery, Expectation, GateKey, Journal, Origin, Placement, ReplayBarrier, Resolution,
};
use crate::identity::OperationId;
use crate::operation_key::OperationKey;

const RESOLUTION: Duration = Duration::from_millis(1);

/// The outcome of polling an operation.
#[derive(Debug, PartialEq)]
pub(super) enum Polled {
    Pending,
    Ended,
    /// The body of a context must run, in the context with this index.
    Enter(usize),
}

/// The operations of one invocation.
pub(super) struct Session {
    pub(super) now: u64,
    pub(super) chance: Chance,
    pub(super) barrier: ReplayBarrier<String>,
    pub(super) outbox: Outbox,
    /// The results that the handler saw.
    pub(super) log: Vec<(String, String)>,
    contexts: Vec<Context>,
    operations: BTreeMap<OperationKey, Driven>,
    /// The unclaimed records by context, for which the barrier must wait.
    unclaimed: HashMap<Option<OperationId>, HashSet<OperationId>>,
}

struct Context {
    id: Option<OperationId>,
    gate: GateKey,
    occurrences: HashMap<(Kind, u8), u32>,
}

/// An operation between its claim and its release.
struct Driven {
    id: OperationId,
    path: String,
    leaf: Leaf,
    parent: Option<OperationId>,
    gate: GateKey,
    state: State,
    /// The gate of the body, if it is a context that was entered.
    body: Option<GateKey>,
    /// The answer of a callback whose id has not been consumed.
    answer: Option<Option<Timestamp>>,
    seen: Seen,
}

enum State {
    /// It waits at the barrier.
    Waiting,
    Begun,
    Running(u64),
    /// Its body has ended, or the service carries it out.
    Recording,
    /// Its body must run although its end is recorded.
    Rebuilding(Option<Timestamp>),
    /// The callback has no id yet.
    Creating,
}

impl Session {
    pub(super) fn new(state: Vec<Operation>, now: u64, seed: u64) -> Self {
        let mut unclaimed: HashMap<Option<OperationId>, HashSet<OperationId>> = HashMap::new();
        for record in state.iter().filter(|record| record.sub_type.as_deref() != Some("ResultOrder")) {
            let parent = record.parent_id.as_deref().and_then(OperationId::parse);
            unclaimed.entry(parent).or_default().insert(OperationId::parse(&record.id).unwrap());
        }
        let mut journal = Journal::new("execution".to_owned());
        journal.extend(state);
        let mut barrier = ReplayBarrier::new(journal, Resolution::new(RESOLUTION));
        let gate = barrier.open_gate(None, None, false);
        let mut chance = Chance::new(seed);
        let batch_size = if chance.percent(50) { 3 } else { 250 };
        Self {
            chance,
            now,
            barrier,
            contexts: vec![Context { id: None, gate, occurrences: HashMap::new() }],
            operations: BTreeMap::new(),
            unclaimed,
            outbox: Outbox::new(now, batch_size),
            log: Vec::new(),
        }
    }

    /// Claims an operation for a part of the program.
    pub(super) fn claim(&mut self, leaf: Leaf, place: &Place) -> Result<OperationKey, String> {
        let context = &mut self.contexts[place.context];
        let (parent, gate) = (context.id, context.gate);
        let occurrence = context.occurrences.entry((leaf.kind, leaf.name)).or_default();
        let id = OperationId::derive(parent, leaf.kind.sub_type(), &leaf.name.to_string(), *occurrence);
        *occurrence += 1;
        let is_replaying = self.is_replaying(parent);
        let (key, claim) = self.barrier.claim(gate, id, id.into(), false);
        let (recorded, waits) = match claim {
            Claim::Recorded(record) => (Some(record.clone()), false),
            Claim::Live => (None, false),
            Claim::Waiting => (None, true),
        };
        let state = match &recorded {
            Some(record) if record.name.as_deref() == Some(&place.path) => {
                self.unclaimed.entry(parent).or_default().remove(&id);
                State::Recording
            }
            None if waits && is_replaying => State::Waiting,
            None if !waits && !is_replaying => State::Begun,
            _ => {
                return Err(format!(
                    "{} is {recorded:?}, waits: {waits}, replaying: {is_replaying}",
                    place.path
                ));
            }
        };
        let (body, answer, path) = (None, None, place.path.clone());
        let seen = self.log.iter().cloned().collect::<Rc<[_]>>();
        let driven = Driven { id, path, leaf, parent, gate, state, body, answer, seen };
        self.operations.insert(key, driven);
        match recorded {
            Some(record) => self.resume(key, &record),
            None if waits => {}
            None => self.begin(key),
        }
        while let Some(admitted) = self.barrier.next_admitted() {
            let parent = self.operations[&admitted].parent;
            if self.is_replaying(parent) {
                return Err(format!("{} was admitted too early", self.operations[&admitted].path));
            }
            self.begin(admitted);
            self.barrier.wake(admitted);
        }
        Ok(key)
    }

    /// Polls an operation.
    pub(super) fn poll(&mut self, key: OperationKey) -> Result<Polled, String> {
        while let Some(value) = self.barrier.poll(key) {
            let driven = self.operations.get_mut(&key).unwrap();
            if value != driven.path {
                return Err(format!("{} received the value of {value}", driven.path));
            }
            if matches!(driven.state, State::Creating) {
                driven.state = State::Recording;
                self.log.push((format!("{value}#id"), value.clone()));
                self.barrier.reopen(key);
                match driven.answer.take() {
                    Some(at) => self.barrier.handle_settled(key, (Origin::Service, at), value),
                    None => self.barrier.expect(key, None),
                }
                continue;
            }
            self.log.push((value.clone(), value));
            self.release(key);
            return Ok(Polled::Ended);
        }
        self.run_body(key)
    }

    /// Drops the future of an operation.
    pub(super) fn release(&mut self, key: OperationKey) {
        if let Some(placement) = self.barrier.release(key) {
            self.record_order(placement);
        }
        if let Some(body) = self.operations.remove(&key).and_then(|driven| driven.body) {
            self.barrier.close_gate(body);
        }
    }

    /// Handles that the body of a context has ended.
    pub(super) fn handle_body_ended(&mut self, key: OperationKey) -> Result<(), String> {
        let driven = &self.operations[&key];
        let body = driven.body.unwrap();
        let left = self.is_replaying(Some(driven.id));
        if left {
            return Err(format!("{} ended with unclaimed records", driven.path));
        }
        self.barrier.close_gate(body);
        match driven.state {
            State::Rebuilding(at) => self.settle(key, at),
            _ => self.succeed(key),
        }
        Ok(())
    }

    fn begin(&mut self, key: OperationKey) {
        let driven = self.operations.get_mut(&key).unwrap();
        driven.state = match driven.leaf.kind {
            Kind::Step | Kind::Context => State::Begun,
            Kind::Wait => State::Recording,
            Kind::Callback => State::Creating,
        };
        let Leaf { kind, micros, .. } = driven.leaf;
        let action = Action::Start { kind, path: driven.path.clone(), micros, seen: Rc::clone(&driven.seen) };
        let (is_awaited, brings_result) = (kind.is_remote(), kind == Kind::Callback);
        self.send(key, action, is_awaited, brings_result);
    }

    fn resume(&mut self, key: OperationKey, recorded: &Operation) {
        let driven = self.operations.get_mut(&key).unwrap();
        let has_ended = recorded.status.is_terminal();
        if driven.leaf.kind == Kind::Callback {
            driven.state = State::Creating;
            driven.answer = has_ended.then_some(recorded.end_timestamp);
            self.settle(key, recorded.start_timestamp);
        } else if has_ended && is_large(recorded) {
            driven.state = State::Rebuilding(recorded.end_timestamp);
        } else if has_ended {
            self.settle(key, recorded.end_timestamp);
        } else if driven.leaf.kind.is_remote() {
            self.barrier.expect(key, due(recorded));
        } else {
            driven.state = State::Begun;
        }
    }

    fn run_body(&mut self, key: OperationKey) -> Result<Polled, String> {
        if !self.barrier.is_active(key) {
            return Ok(Polled::Pending);
        }
        let driven = self.operations.get_mut(&key).unwrap();
        match (driven.leaf.kind, &driven.state) {
            (Kind::Step, State::Begun) => {
                driven.state = State::Running(self.now + driven.leaf.micros);
                Ok(Polled::Pending)
            }
            (Kind::Context, State::Begun | State::Rebuilding(_)) if driven.body.is_none() => {
                let is_rebuilding = matches!(driven.state, State::Rebuilding(_));
                let (id, parent) = (Some(driven.id), Some(driven.gate));
                let gate = self.barrier.open_gate(id, parent, is_rebuilding);
                driven.body = Some(gate);
                self.contexts.push(Context { id, gate, occurrences: HashMap::new() });
                Ok(Polled::Enter(self.contexts.len() - 1))
            }
            _ => Ok(Polled::Pending),
        }
    }

    fn succeed(&mut self, key: OperationKey) {
        let driven = self.operations.get_mut(&key).unwrap();
        driven.state = State::Recording;
        let is_large = driven.leaf.kind == Kind::Context && driven.leaf.micros == 1;
        self.send(key, Action::Succeed { is_large }, true, true);
    }

    fn send(&mut self, key: OperationKey, action: Action, is_awaited: bool, brings_result: bool) {
        let driven = &self.operations[&key];
        let since = self.barrier.eligible_since(key).unwrap();
        let result = brings_result.then_some(Expectation { since, body: driven.body });
        let update = Update { id: driven.id, parent: driven.parent, action };
        self.outbox.push(update, is_awaited, result);
    }

    fn settle(&mut self, key: OperationKey, at: Option<Timestamp>) {
        let driven = &self.operations[&key];
        let is_answer = driven.leaf.kind.is_remote() && !matches!(driven.state, State::Creating);
        let origin = if is_answer { Origin::Service } else { Origin::Checkpoint };
        self.barrier.handle_settled(key, (origin, at), driven.path.clone());
    }

    /// Returns whether records of a context are unclaimed.
    pub(super) fn is_replaying(&self, context: Option<OperationId>) -> bool {
        self.unclaimed.get(&context).is_some_and(|unclaimed| !unclaimed.is_empty())
    }

    /// Returns whether an operation is awaited that only the service can end.
    pub(super) fn is_parked(&self) -> bool {
        self.operations.iter().any(|(key, driven)| {
            driven.leaf.kind.is_remote() && self.barrier.is_active(*key) && self.barrier.is_awaited(*key)
        })
    }

    /// Returns when the next body ends.
    pub(super) fn next_end(&self) -> Option<u64> {
        let bodies = self.operations.values().filter_map(|driven| match driven.state {
            State::Running(until) => Some(until),
            _ => None,
        });
        bodies.min()
    }

    /// Ends the bodies that are due by now.
    pub(super) fn end_bodies(&mut self) {
        let now = self.now;
        let ended = self.operations.iter().filter(|(_, driven)| match driven.state {
            State::Running(until) => until <= now,
            _ => false,
        });
        let ended: Vec<_> = ended.map(|(key, _)| *key).collect();
        ended.into_iter().for_each(|key| self.succeed(key));
    }

    /// Handles that a result was delivered to the handler.
    pub(super) fn handle_delivered(&mut self, Delivery { late, is_unsure, .. }: Delivery) {
        if let Some(placement) = late {
            self.record_order(placement);
        }
        if is_unsure {
            self.outbox.fence();
        }
    }

    fn record_order(&mut self, placement: Placement) {
        let id = Placement::marker_id(placement.id, placement.result);
        let action = Action::Order { of: placement.id, text: placement.order.to_text() };
        self.outbox.push_place(Update { id, parent: None, action });
    }

    /// Handles a response.
    pub(super) fn handle_answer(&mut self, Answer { batch, reported: response, is_later }: Answer) {
        if is_later {
            self.barrier.handle_complete();
        }
        self.barrier.handle_progress();
        let keys: HashMap<_, _> = self.operations.iter().map(|(key, driven)| (driven.id, *key)).collect();
        let reported: HashMap<_, _> =
            response.iter().filter_map(|record| Some((OperationId::parse(&record.id)?, record))).collect();
        for update in batch {
            let Some(key) = keys.get(&update.id).copied() else { continue };
            let record = reported.get(&update.id);
            match update.action {
                Action::Succeed { .. } => self.settle(key, record.and_then(|record| record.end_timestamp)),
                Action::Start { kind: Kind::Wait, .. } => {
                    self.barrier.expect(key, record.and_then(|record| due(record)));
                }
                Action::Start { .. } | Action::Order { .. } => {}
            }
        }
        for record in response {
            if let Some(placement) = self.barrier.handle_reported(&record) {
                self.record_order(placement);
            }
            let Some(key) = OperationId::parse(&record.id).and_then(|id| keys.get(&id).copied()) else {
                continue;
            };
            self.handle_reported(key, &record);
        }
        self.barrier.hold_newest(self.outbox.has_full_batch_of_results());
    }

    fn handle_reported(&mut self, key: OperationKey, record: &Operation) {
        let Some(driven) = self.operations.get_mut(&key) else { return };
        let has_ended = record.status.is_terminal();
        match (driven.leaf.kind, &driven.state) {
            (Kind::Callback, State::Creating) => {
                if has_ended {
                    driven.answer = Some(record.end_timestamp);
                }
                self.settle(key, record.start_timestamp);
            }
            (Kind::Wait | Kind::Callback, State::Recording) if has_ended => {
                self.settle(key, record.end_timestamp);
            }
            _ => {}
        }
    }
}

/// Returns when the service ends the operation, if its record contains that.
fn due(record: &Operation) -> Option<Timestamp> {
    record.wait_details()?.scheduled_end_timestamp
}
