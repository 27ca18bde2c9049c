//! A toy service: records updates, ends operations on its own, and reports changes.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use durable_types::{
    ContextDetails, Operation, OperationStatus, OperationType, StepDetails, Timestamp, WaitDetails, sub_type,
};

use super::chance::Chance;
use super::program::Kind;
use crate::barrier::{Origin, Placement, Resolution, ResultOrder};
use crate::identity::OperationId;

/// The results that the handler saw: operations and their values, in the order of consumption.
pub(super) type Seen = Rc<[(String, String)]>;

/// An update on its way to the service.
#[derive(Clone, Debug)]
pub(super) struct Update {
    pub(super) id: OperationId,
    pub(super) parent: Option<OperationId>,
    pub(super) action: Action,
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    /// Starts an operation that this part of the program claimed after having seen these results.
    Start { kind: Kind, path: String, micros: u64, seen: Seen },
    /// Ends it. The operations inside a large context are kept.
    Succeed { is_large: bool },
    /// Records the place of another operation's result.
    Order { of: OperationId, text: String },
}

/// The behaviour of the service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Behaviour {
    /// The percentage of the operations ended by the service that responses report late.
    pub(super) late_percent: u64,
}

/// The records of one execution.
#[derive(Clone, Debug)]
pub(super) struct Service {
    behaviour: Behaviour,
    chance: Chance,
    records: Vec<Record>,
    places: HashMap<OperationId, usize>,
    /// All changes, and when they were made.
    changes: Vec<(u64, Change)>,
}

#[derive(Clone, Debug)]
enum Change {
    Batch(Vec<Update>),
    Ended(OperationId),
}

#[derive(Clone, Debug)]
struct Record {
    id: OperationId,
    operation: Operation,
    seen: Seen,
    /// When the service ends it.
    due: Option<u64>,
    /// The time from which a response reports its end.
    visible_from: u64,
    is_reported: bool,
}

impl Service {
    pub(super) fn new(behaviour: Behaviour, seed: u64) -> Self {
        let (records, places, changes) = Default::default();
        Self { behaviour, chance: Chance::new(seed), records, places, changes }
    }

    /// Returns whether it reports everything at once.
    pub(super) fn is_prompt(&self) -> bool {
        self.behaviour.late_percent == 0
    }

    /// Returns the number of recorded changes.
    pub(super) fn changes(&self) -> usize {
        self.changes.len()
    }

    /// Returns the service as it was after this many changes, and when that was.
    pub(super) fn after(&self, changes: usize, seed: u64) -> (Self, u64) {
        let mut service = Self::new(self.behaviour, seed);
        let mut now = 0;
        for (at, change) in self.changes.iter().take(changes) {
            now = *at;
            match change {
                Change::Batch(batch) => service.apply(*at, batch.clone()),
                Change::Ended(id) => service.end(*id, *at),
            }
        }
        (service, now)
    }

    /// Returns the journal for an invocation that starts now.
    pub(super) fn state(&mut self, now: u64) -> Vec<Operation> {
        self.advance(now);
        self.records.iter_mut().for_each(|record| record.is_reported = true);
        let hidden = |record: &Record| {
            let mut parent = self.parent(record);
            while let Some(enclosing) = parent {
                if enclosing.operation.status.is_terminal() && !is_large(&enclosing.operation) {
                    return true;
                }
                parent = self.parent(enclosing);
            }
            false
        };
        let visible = self.records.iter().filter(|record| !hidden(record));
        visible.map(|record| record.operation.clone()).collect()
    }

    /// Returns the longest of the lists of results that the handler had seen when it claimed a recorded operation.
    pub(super) fn seen(&self) -> Seen {
        let seen = self.records.iter().map(|record| &record.seen);
        seen.max_by_key(|seen| seen.len()).cloned().unwrap_or_default()
    }

    /// Returns whether an operation was claimed after a result although an earlier result is recorded that had not been
    /// seen by then.
    ///
    /// This is the case between the arrival of a late result and the recording of its place. Until then it is undecided
    /// whether a replay sees the same.
    pub(super) fn is_undecided(&self) -> bool {
        let results: Vec<_> = self.records.iter().flat_map(|record| self.results(record)).collect();
        let orders: HashMap<_, _> = results.iter().map(|(name, order, _)| (name, order)).collect();
        self.records.iter().any(|claimed| {
            claimed.seen.iter().enumerate().any(|(position, (seen, _))| {
                let Some(order) = orders.get(seen) else { return false };
                results.iter().any(|(name, other, claimed_after)| {
                    other < *order
                        && *claimed_after <= position
                        && !claimed.seen.iter().any(|(seen, _)| seen == name)
                })
            })
        })
    }

    /// Returns the results in a record: their names in the handler, their places, and how many it had seen at the
    /// claim.
    fn results(&self, record: &Record) -> Vec<(String, ResultOrder, usize)> {
        let Record { id, operation, seen, .. } = record;
        let resolution = Resolution::new(Duration::from_millis(1));
        let place = |result, origin, at: Timestamp| {
            let marker = self.places.get(&Placement::marker_id(*id, result));
            let marker = marker.and_then(|place| self.records[*place].operation.step_details());
            let order =
                marker.and_then(|marker| Some(ResultOrder::parse(marker.result.as_deref()?)?((*id).into())));
            order.unwrap_or_else(|| ResultOrder::recorded(resolution.unit(at), origin, (*id).into()))
        };
        let is_remote = matches!(operation.operation_type, OperationType::Wait | OperationType::Callback);
        let is_callback = operation.operation_type == OperationType::Callback;
        let origin = if is_remote { Origin::Service } else { Origin::Checkpoint };
        let name: String = operation.name.clone().unwrap_or_default().into();
        let created = operation.start_timestamp.filter(|_| is_callback);
        let created = created.map(|at| (format!("{name}#id"), place(0, Origin::Checkpoint, at), seen.len()));
        let ended =
            operation.end_timestamp.map(|at| (name, place(u32::from(is_callback), origin, at), seen.len()));
        created.into_iter().chain(ended).collect()
    }

    /// Returns the paths of the contexts that have ended and whose operations are not kept.
    pub(super) fn ended_contexts(&self) -> Vec<String> {
        let ended = self.records.iter().map(|record| &record.operation).filter(|operation| {
            operation.operation_type == OperationType::Context
                && operation.status.is_terminal()
                && !is_large(operation)
        });
        ended.filter_map(|operation| operation.name.clone().map(Into::into)).collect()
    }

    /// Records a batch and reports what has changed since the last report.
    pub(super) fn checkpoint(&mut self, now: u64, batch: Vec<Update>) -> Vec<Operation> {
        self.advance(now);
        self.apply(now, batch);
        let mut changed = Vec::new();
        for record in &mut self.records {
            if record.visible_from <= now && !std::mem::replace(&mut record.is_reported, true) {
                changed.push(record.operation.clone());
            }
        }
        changed
    }

    /// Returns when the next unreported change happens if nothing is sent.
    pub(super) fn next_change(&self) -> Option<u64> {
        let unreported = self.records.iter().filter(|record| !record.is_reported);
        let visible = unreported.map(|record| record.visible_from);
        visible.chain(self.records.iter().filter_map(|record| record.due)).min()
    }

    /// Ends the operations that are due by now, in the order in which they are due.
    fn advance(&mut self, now: u64) {
        loop {
            let due = self.records.iter().filter_map(|record| Some((record.due?, record.id)));
            let Some((at, id)) = due.filter(|(due, _)| *due <= now).min() else { return };
            self.end(id, at);
        }
    }

    fn end(&mut self, id: OperationId, at: u64) {
        let is_late = self.chance.percent(self.behaviour.late_percent);
        let delay = if is_late { self.chance.below(4_000) } else { 0 };
        let Some(place) = self.places.get(&id) else { return };
        let record = &mut self.records[*place];
        (record.due, record.is_reported, record.visible_from) = (None, false, at + delay);
        succeed(&mut record.operation, at);
        self.changes.push((at, Change::Ended(id)));
    }

    fn apply(&mut self, now: u64, batch: Vec<Update>) {
        for update in &batch {
            self.apply_update(now, update.clone());
        }
        if !batch.is_empty() {
            self.changes.push((now, Change::Batch(batch)));
        }
    }

    fn apply_update(&mut self, now: u64, Update { id, parent, action }: Update) {
        match action {
            Action::Start { kind, path, micros, seen } => {
                let due = kind.is_remote().then_some(now + micros);
                let mut operation =
                    Operation::new(id.to_string(), operation_type(kind), OperationStatus::Started);
                operation.parent_id = parent.map(Into::into);
                operation.name = Some(path.into());
                operation.sub_type = Some(kind.sub_type().into());
                operation.start_timestamp = Some(stamp(now));
                if kind == Kind::Wait {
                    let scheduled_end_timestamp = due.map(stamp);
                    operation.details = Some(WaitDetails::new(scheduled_end_timestamp).into());
                }
                self.insert(Record { id, operation, seen, due, visible_from: now, is_reported: false });
            }
            Action::Succeed { is_large } => {
                let Some(place) = self.places.get(&id) else { panic!("{id} was never started") };
                let record = &mut self.records[*place];
                record.is_reported = false;
                succeed(&mut record.operation, now);
                if is_large {
                    let mut details = ContextDetails::default();
                    details.replay_children = Some(true);
                    record.operation.details = Some(details.into());
                }
            }
            Action::Order { of, text } => {
                let mut operation =
                    Operation::new(id.to_string(), OperationType::Step, OperationStatus::Succeeded);
                operation.parent_id = parent.map(Into::into);
                operation.name = Some(of.to_string().into());
                operation.sub_type = Some(sub_type::RESULT_ORDER.into());
                operation.details = Some(StepDetails::new(Some(text), None).into());
                let seen = Seen::default();
                self.insert(Record { id, operation, seen, due: None, visible_from: now, is_reported: true });
            }
        }
    }

    fn insert(&mut self, record: Record) {
        let earlier = self.places.insert(record.id, self.records.len());
        assert_eq!(earlier, None, "{} was started twice", record.id);
        self.records.push(record);
    }

    fn parent(&self, record: &Record) -> Option<&Record> {
        let parent = OperationId::parse(record.operation.parent_id.as_deref()?)?;
        self.records.get(*self.places.get(&parent)?)
    }
}

fn succeed(operation: &mut Operation, at: u64) {
    operation.status = OperationStatus::Succeeded;
    operation.end_timestamp = Some(stamp(at));
}

pub(super) fn is_large(operation: &Operation) -> bool {
    operation.context_details().is_some_and(|details| details.replay_children == Some(true))
}

fn operation_type(kind: Kind) -> OperationType {
    match kind {
        Kind::Step => OperationType::Step,
        Kind::Wait => OperationType::Wait,
        Kind::Callback => OperationType::Callback,
        Kind::Context => OperationType::Context,
    }
}

/// Truncates microseconds, which the service knows, to milliseconds, which it records.
fn stamp(micros: u64) -> Timestamp {
    Timestamp::from_millis(i64::try_from(micros / 1_000).unwrap())
}
