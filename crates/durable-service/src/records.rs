//! The operations of an execution, and what of them nobody has seen yet.

use std::collections::{BTreeSet, HashMap};
use std::mem;

use durable_types::{Operation, OperationType, Timestamp};

use crate::event::OperationChanged;
use crate::function_call::FunctionCall;
use crate::operation::{ContextChange, ExecutionEnd, Pending, is_pending};

/// The operations of an execution, in the order in which they began.
///
/// Every change of an operation has a sequence number. The function has seen all changes up to `seen`; the others
/// are what the next answer to it must tell, and what it must be invoked for.
///
/// # Invariants
/// - The first record is the EXECUTION operation. A parent stands before its children.
/// - `unseen` holds each record whose sequence number is above `seen`, once, and no other.
/// - `timers` holds each record that time alone will change, once, with the time when it does.
/// - A record is hidden if and only if a context above it has ended without keeping its children.
///
/// A change costs the same however many operations there are: nothing here is ever searched from end to end.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Records {
    records: Vec<Record>,
    by_id: HashMap<String, usize>,
    sequence: u64,
    watermark: u64,
    delta: Vec<usize>,
    timers: BTreeSet<(Timestamp, usize)>,
    pending_count: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Record {
    operation: Operation,
    pending: Pending,
    /// The sequence number of its last change.
    sequence: u64,
    is_hidden: bool,
    children: Vec<usize>,
}

impl Records {
    /// Nothing but the execution itself, which the function sees in its first invocation anyway.
    pub(crate) fn new(execution: Operation) -> Self {
        let by_id = HashMap::from([(execution.id.clone(), 0)]);
        let mut record = Record::new(execution, false);
        record.sequence = 1;
        Self {
            records: vec![record],
            by_id,
            sequence: 1,
            watermark: 1,
            delta: Vec::new(),
            timers: BTreeSet::new(),
            pending_count: 0,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.records.iter().map(|record| &record.operation)
    }

    /// How many operations there are beside the execution itself.
    pub(crate) fn len(&self) -> usize {
        self.records.len().saturating_sub(1)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Operation> {
        self.by_id.get(id).and_then(|index| self.operation(*index))
    }

    /// The execution as an operation.
    pub(crate) fn execution(&self) -> Option<&Operation> {
        self.operation(0)
    }

    /// Brings an operation up to date, or adds it.
    pub(crate) fn change(&mut self, changed: OperationChanged) {
        let at = changed.at;
        let index = match self.by_id.get(&changed.id) {
            Some(index) => *index,
            None => self.insert(&changed),
        };
        let is_in_delta = changed.change.is_in_delta();
        self.update(index, |record| {
            record.pending = mem::take(&mut record.pending).after(&changed.change, &record.operation, at);
            changed.change.apply(&mut record.operation, at);
        });
        if is_in_delta {
            self.add_to_delta(index);
        }
    }

    /// Ends the execution itself.
    pub(crate) fn end(&mut self, end: &ExecutionEnd, at: Timestamp) {
        self.update(0, |record| {
            record.operation.status = end.operation_status();
            record.operation.end_timestamp = Some(at);
        });
        self.add_to_delta(0);
    }

    /// The sequence number up to which the function has seen everything.
    pub(crate) fn watermark(&self) -> u64 {
        self.watermark
    }

    pub(crate) fn has_delta(&self) -> bool {
        !self.delta.is_empty()
    }

    /// The operations that changed since the function last looked, in the order in which they began, each with its
    /// place in that order.
    pub(crate) fn delta(&self) -> impl Iterator<Item = (usize, &Operation)> {
        let mut delta = self.delta.clone();
        delta.sort_unstable();
        delta.into_iter().filter_map(|index| Some((index, self.operation(index)?)))
    }

    /// The ids of those of them that an invocation begins with: not of what a context keeps to itself.
    pub(crate) fn updated_ids(&self) -> Vec<String> {
        let is_shown = |index: usize| self.records.get(index).is_some_and(|record| !record.is_hidden);
        let shown = self.delta().filter(|(index, _)| is_shown(*index));
        shown.map(|(_, operation)| operation.id.clone()).collect()
    }

    /// Notes that the function has now seen everything.
    pub(crate) fn advance_watermark(&mut self) {
        self.watermark = self.sequence;
        self.delta.clear();
    }

    /// Whether an operation waits for something that does not come from the function.
    pub(crate) fn has_pending(&self) -> bool {
        self.pending_count > 0
    }

    /// The first time at which time alone will change an operation.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first().map(|(due, _)| *due)
    }

    /// When time alone will change this operation.
    pub(crate) fn due(&self, id: &str) -> Option<Timestamp> {
        self.record(id).and_then(Record::due)
    }

    /// The call of another function that this operation makes, while it lasts.
    pub(crate) fn call(&self, id: &str) -> Option<&FunctionCall> {
        self.record(id).and_then(Record::call)
    }

    /// The calls of other functions that last.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &FunctionCall> {
        self.records.iter().filter_map(Record::call)
    }

    /// What time has done by now, the earliest first.
    pub(crate) fn elapsed(&self, now: Timestamp) -> Vec<OperationChanged> {
        let due = self.timers.range(..=(now, usize::MAX));
        due.filter_map(|(_, index)| self.records.get(*index)?.elapse(now)).collect()
    }

    /// The operations from a place on that changed after this sequence number, each with its place. Those that a
    /// context keeps to itself are left out where everything is asked for.
    pub(crate) fn since(&self, sequence: u64, position: usize) -> impl Iterator<Item = (usize, &Operation)> {
        let records = self.records.iter().enumerate().skip(position);
        let wanted =
            records.filter(
                move |(_, record)| {
                    if sequence == 0 { !record.is_hidden } else { record.sequence > sequence }
                },
            );
        wanted.map(|(index, record)| (index, &record.operation))
    }

    fn record(&self, id: &str) -> Option<&Record> {
        self.by_id.get(id).and_then(|index| self.records.get(*index))
    }

    fn operation(&self, index: usize) -> Option<&Operation> {
        self.records.get(index).map(|record| &record.operation)
    }

    fn insert(&mut self, changed: &OperationChanged) -> usize {
        let index = self.records.len();
        let parent = changed.parent_id.as_ref().and_then(|id| self.by_id.get(id));
        let parent = parent.and_then(|index| self.records.get_mut(*index));
        let is_hidden = parent.is_some_and(|parent| {
            parent.children.push(index);
            parent.is_hidden || ContextChange::hides_children(&parent.operation)
        });
        self.by_id.insert(changed.id.clone(), index);
        self.records.push(Record::new(changed.introduced(), is_hidden));
        index
    }

    /// Changes an operation and everything that is derived from it.
    fn update(&mut self, index: usize, change: impl FnOnce(&mut Record)) {
        let Some(record) = self.records.get_mut(index) else { return };
        // A new record has the status STARTED already, but is not counted yet.
        let is_new = record.sequence == 0;
        let due = record.due().filter(|_| !is_new);
        let was_pending = is_pending(&record.operation) && !is_new;
        change(record);

        let is_pending = is_pending(&record.operation);
        self.pending_count =
            self.pending_count.saturating_add(is_pending.into()).saturating_sub(was_pending.into());
        let next_due = record.due();
        if let Some(due) = due {
            self.timers.remove(&(due, index));
        }
        if let Some(due) = next_due {
            self.timers.insert((due, index));
        }
        let is_context = record.operation.operation_type == OperationType::Context;
        if is_context && ContextChange::hides_children(&record.operation) {
            self.hide_children(index);
        }
    }

    /// Makes the change of an operation news for the function.
    fn add_to_delta(&mut self, index: usize) {
        let Some(record) = self.records.get_mut(index) else { return };
        if record.sequence <= self.watermark {
            self.delta.push(index);
        }
        self.sequence += 1;
        record.sequence = self.sequence;
    }

    /// Hides what stands below a context. Each record is hidden at most once, so that all of it together is linear.
    fn hide_children(&mut self, index: usize) {
        let mut below: Vec<usize> =
            self.records.get(index).map(|record| record.children.clone()).unwrap_or_default();
        while let Some(index) = below.pop() {
            let Some(record) = self.records.get_mut(index).filter(|record| !record.is_hidden) else {
                continue;
            };
            record.is_hidden = true;
            below.extend(&record.children);
        }
    }
}

impl Record {
    fn new(operation: Operation, is_hidden: bool) -> Self {
        Self { operation, pending: Pending::Other, sequence: 0, is_hidden, children: Vec::new() }
    }

    fn due(&self) -> Option<Timestamp> {
        self.pending.due(&self.operation)
    }

    fn elapse(&self, at: Timestamp) -> Option<OperationChanged> {
        let change = self.pending.elapse(&self.operation)?;
        Some(OperationChanged::of(&self.operation, change, at))
    }

    fn call(&self) -> Option<&FunctionCall> {
        match &self.pending {
            Pending::Call(call) => Some(call),
            Pending::Other | Pending::Callback(_) => None,
        }
    }
}
