//! The operations of an execution, and the delta that the function has not received yet.

use std::collections::{BTreeSet, HashMap};
use std::mem;

use durable_types::{Operation, OperationType, SmallString, Timestamp};

use crate::event::OperationChanged;
use crate::function_call::FunctionCall;
use crate::operation::{ContextChange, ExecutionEnd, Pending, is_pending};

/// The operations of an execution, in the order in which they started.
///
/// Every change that is reported to the function has a sequence number. The function has received all changes up to the
/// watermark. The others form the delta, which is part of the next response and a reason to invoke the function.
///
/// # Invariants
/// - The first record is the EXECUTION operation. A parent precedes its children.
/// - `delta` contains exactly the records whose sequence number is above the watermark, each once.
/// - `timers` contains each record with a timer once, with the time at which it elapses.
/// - `calls` contains exactly the records with an open call.
/// - A record is hidden if and only if an ancestor context has ended without `replay_children`.
///
/// A change never scans all operations, so its cost does not depend on their number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Records {
    records: Vec<Record>,
    by_id: HashMap<SmallString, usize>,
    sequence: u64,
    watermark: u64,
    delta: Vec<usize>,
    timers: BTreeSet<(Timestamp, usize)>,
    calls: BTreeSet<usize>,
    pending_count: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Record {
    operation: Operation,
    pending: Pending,
    /// The sequence number of its latest change.
    sequence: u64,
    is_hidden: bool,
    children: Vec<usize>,
}

impl Records {
    /// Creates the records of a new execution: the execution itself, which is part of the first invocation.
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
            calls: BTreeSet::new(),
            pending_count: 0,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Operation> {
        self.records.iter().map(|record| &record.operation)
    }

    /// Returns the number of operations, excluding the execution itself.
    pub(crate) fn len(&self) -> usize {
        self.records.len().saturating_sub(1)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Operation> {
        self.by_id.get(id).and_then(|index| self.operation(*index))
    }

    /// Returns the EXECUTION operation.
    pub(crate) fn execution(&self) -> Option<&Operation> {
        self.operation(0)
    }

    /// Applies a change to an operation, which is added if it is new. `event` is the number of the event.
    pub(crate) fn change(&mut self, event: u64, changed: OperationChanged) {
        let at = changed.at;
        let index = match self.by_id.get(&changed.id) {
            Some(index) => *index,
            None => self.insert(&changed),
        };
        let is_in_delta = changed.change.is_in_delta();
        self.update(index, |record| {
            record.pending =
                mem::take(&mut record.pending).after(event, &changed.change, &record.operation, at);
            changed.change.apply(&mut record.operation, at);
        });
        if is_in_delta {
            self.add_to_delta(index);
        }
    }

    /// Ends the EXECUTION operation.
    pub(crate) fn end(&mut self, end: &ExecutionEnd, at: Timestamp) {
        self.update(0, |record| {
            record.operation.status = end.operation_status();
            record.operation.end_timestamp = Some(at);
        });
        self.add_to_delta(0);
    }

    /// Returns the sequence number up to which the function has received all changes.
    pub(crate) fn watermark(&self) -> u64 {
        self.watermark
    }

    pub(crate) fn has_delta(&self) -> bool {
        !self.delta.is_empty()
    }

    /// Returns the operations above the watermark in the order in which they started, each with its position in that
    /// order.
    pub(crate) fn delta(&self) -> impl Iterator<Item = (usize, &Operation)> {
        let mut delta = self.delta.clone();
        delta.sort_unstable();
        delta.into_iter().filter_map(|index| Some((index, self.operation(index)?)))
    }

    /// Returns the ids of the operations in the delta that are not hidden, with which an invocation starts.
    pub(crate) fn updated_ids(&self) -> Vec<SmallString> {
        let is_shown = |index: usize| self.records.get(index).is_some_and(|record| !record.is_hidden);
        let shown = self.delta().filter(|(index, _)| is_shown(*index));
        shown.map(|(_, operation)| operation.id.clone()).collect()
    }

    /// Marks all changes as received by the function.
    pub(crate) fn advance_watermark(&mut self) {
        self.watermark = self.sequence;
        self.delta.clear();
    }

    /// Returns whether an operation waits for something that the function does not provide.
    pub(crate) fn has_pending(&self) -> bool {
        self.pending_count > 0
    }

    /// Returns when the first timer elapses.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.timers.first().map(|(due, _)| *due)
    }

    /// Returns when the timer of this operation elapses.
    pub(crate) fn due(&self, id: &str) -> Option<Timestamp> {
        self.record(id).and_then(Record::due)
    }

    /// Returns the number of the event of the last heartbeat of this operation, if it is a callback that has not ended.
    pub(crate) fn last_heartbeat(&self, id: &str) -> Option<u64> {
        self.record(id).and_then(|record| record.pending.last_heartbeat())
    }

    /// Returns the open call of this operation.
    pub(crate) fn call(&self, id: &str) -> Option<&FunctionCall> {
        self.record(id).and_then(Record::call)
    }

    /// Returns all open calls.
    pub(crate) fn calls(&self) -> impl Iterator<Item = &FunctionCall> {
        self.calls.iter().filter_map(|index| self.records.get(*index)?.call())
    }

    /// Returns the changes of all timers that have elapsed by `now`, earliest first.
    pub(crate) fn elapsed(&self, now: Timestamp) -> Vec<OperationChanged> {
        let due = self.timers.range(..=(now, usize::MAX));
        due.filter_map(|(_, index)| self.records.get(*index)?.elapse(now)).collect()
    }

    /// Returns the operations from a position on that changed after a sequence number, each with its position. Sequence
    /// number 0 selects all operations that are not hidden.
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

    /// Changes a record and updates everything derived from it.
    fn update(&mut self, index: usize, change: impl FnOnce(&mut Record)) {
        let Some(record) = self.records.get_mut(index) else { return };
        // A new record already has the status STARTED but is not counted yet.
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
        if record.call().is_some() {
            self.calls.insert(index);
        } else {
            self.calls.remove(&index);
        }
        let is_context = record.operation.operation_type == OperationType::Context;
        if is_context && ContextChange::hides_children(&record.operation) {
            self.hide_children(index);
        }
    }

    /// Adds the latest change of an operation to the delta.
    fn add_to_delta(&mut self, index: usize) {
        let Some(record) = self.records.get_mut(index) else { return };
        if record.sequence <= self.watermark {
            self.delta.push(index);
        }
        self.sequence += 1;
        record.sequence = self.sequence;
    }

    /// Hides all descendants of a context. Each record is hidden at most once, so the total cost is linear.
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
            Pending::Other | Pending::Callback { .. } => None,
        }
    }
}
