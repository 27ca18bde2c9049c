//! The journal: the records of the execution, and which of them the handler has claimed.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use durable_types::{Operation, OperationType, SmallString, Timestamp, sub_type};

use super::result_order::{Placement, ResultOrder, Tie};
use crate::identity::{IdHasher, IdMap, OperationId};

/// The recorded operations, each of which can be taken once.
///
/// # Invariants
/// - `contexts` contains the number of untaken records for every context.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    records: Vec<Operation>,
    /// One for each record.
    entries: Vec<Entry>,
    by_id: IdMap<usize>,
    /// The index after the record that was taken last: most records are claimed in their own order, without a look-up.
    next: usize,
    contexts: Vec<ContextRecords>,
    context_by_id: HashMap<Option<OperationId>, usize, BuildHasherDefault<IdHasher>>,
    /// The places of results that were delivered out of the order of their records, by the ids of their markers.
    orders: IdMap<Box<str>>,
    /// The latest recorded time that has been read.
    newest: Option<Timestamp>,
    /// Whether other tasks of the runtime have used operations.
    has_other_tasks: bool,
    /// The number of times that an invocation suspended before its deadline.
    suspensions: u32,
    input: Option<String>,
    has_execution: bool,
    execution_id: String,
}

/// What has become of a record.
#[derive(Debug, Default)]
struct Entry {
    /// None if no engine wrote it.
    id: Option<OperationId>,
    /// Its context; none if it is a mark, which the replay barrier does not wait for.
    context: Option<usize>,
    /// Whether it has been taken, or is none that code can claim.
    is_taken: bool,
}

/// The records of one context.
#[derive(Debug, Default)]
struct ContextRecords {
    unclaimed: usize,
    /// The indices of the records, in the order in which the operations started.
    places: Vec<usize>,
    /// The number of records at the beginning of `places` that have been taken.
    taken: usize,
}

impl Journal {
    /// Creates the empty journal of the execution with this id.
    pub(crate) fn new(execution_id: String) -> Self {
        Self { execution_id, ..Self::default() }
    }

    /// Adds one page of records.
    pub(crate) fn extend(&mut self, operations: Vec<Operation>) {
        let first = self.records.len();
        self.by_id.reserve(operations.len());
        if first == 0 {
            // Taken over, without copying the records.
            self.records = operations;
        } else {
            self.records.extend(operations);
        }
        self.entries.reserve_exact(self.records.len() - first);
        let mut last = None;
        for index in first..self.records.len() {
            let entry = self.index(index, &mut last);
            self.entries.push(entry);
        }
    }

    /// Takes the record of an operation, which marks it as claimed.
    pub(crate) fn take(&mut self, id: OperationId) -> Option<&mut Operation> {
        let index = self.mark_taken(id)?;
        self.record_mut(index)
    }

    /// Marks the record of an operation as claimed, and returns its index.
    pub(super) fn mark_taken(&mut self, id: OperationId) -> Option<usize> {
        let index = self.unclaimed_index(id)?;
        self.next = index.saturating_add(1);
        let entry = self.entries.get_mut(index)?;
        entry.is_taken = true;
        if let Some(context) = entry.context.and_then(|context| self.contexts.get_mut(context)) {
            context.unclaimed = context.unclaimed.saturating_sub(1);
            let is_taken = |place: &usize| self.entries.get(*place).is_none_or(|entry| entry.is_taken);
            while context.places.get(context.taken).is_some_and(is_taken) {
                context.taken += 1;
            }
        }
        Some(index)
    }

    /// Returns the record at an index.
    pub(super) fn record_mut(&mut self, index: usize) -> Option<&mut Operation> {
        self.records.get_mut(index)
    }

    /// Returns the record of an operation that has not been claimed yet.
    pub(crate) fn peek(&self, id: OperationId) -> Option<&Operation> {
        self.records.get(self.unclaimed_index(id)?)
    }

    /// Returns all records, in the order in which they were read. The details of those that were taken may be missing.
    pub(crate) fn records(&self) -> &[Operation] {
        &self.records
    }

    /// Returns whether other tasks of the runtime have used operations, so that they may claim records as well.
    pub(crate) fn has_other_tasks(&self) -> bool {
        self.has_other_tasks
    }

    /// Returns how often an invocation suspended before its deadline.
    pub(crate) fn suspensions(&self) -> u32 {
        self.suspensions
    }

    /// Returns the recorded place at which this result of an operation was delivered, if there is one.
    pub(super) fn recorded_order(&self, id: OperationId, result: u32, tie: Tie) -> Option<ResultOrder> {
        if self.orders.is_empty() {
            return None;
        }
        Some(ResultOrder::parse(self.orders.get(&Placement::marker_id(id, result))?)?(tie))
    }

    /// Returns the latest recorded time that has been read.
    pub(super) fn newest(&self) -> Option<Timestamp> {
        self.newest
    }

    /// Returns the number of unclaimed records of a context.
    pub(crate) fn unclaimed(&self, context: Option<OperationId>) -> usize {
        self.context(context).map_or(0, |context| context.unclaimed)
    }

    /// Returns when the first unclaimed operation of a context started.
    pub(crate) fn first_unclaimed_start(&self, context: Option<OperationId>) -> Option<Timestamp> {
        let context = self.context(context)?;
        let place = context.places.get(context.taken)?;
        self.records.get(*place)?.start_timestamp
    }

    /// Returns the unclaimed records of a context, in the order in which the operations started.
    pub(crate) fn unclaimed_records(&self, context: Option<OperationId>) -> impl Iterator<Item = &Operation> {
        let of_context =
            move |record: &&Operation| record.parent_id.as_deref().and_then(OperationId::parse) == context;
        let untaken = self.records.iter().zip(&self.entries).filter(|(_, entry)| !entry.is_taken);
        untaken.map(|(record, _)| record).filter(of_context).filter(|record| !is_mark(record))
    }

    /// Returns the input of the execution, unless it was taken or not among the records.
    pub(crate) fn input(&self) -> Option<&str> {
        self.input.as_deref()
    }

    /// Takes the input of the execution, or `None` if it was not among the records.
    pub(crate) fn take_input(&mut self) -> Option<String> {
        self.input.take()
    }

    /// Returns whether the execution itself is among the records.
    pub(crate) fn has_execution(&self) -> bool {
        self.has_execution
    }

    fn context(&self, id: Option<OperationId>) -> Option<&ContextRecords> {
        self.contexts.get(*self.context_by_id.get(&id)?)
    }

    fn unclaimed_index(&self, id: OperationId) -> Option<usize> {
        let unclaimed = |entry: &&Entry| !entry.is_taken;
        let is_next = |entry: &Entry| entry.id == Some(id);
        if self.entries.get(self.next).filter(unclaimed).is_some_and(is_next) {
            return Some(self.next);
        }
        let index = *self.by_id.get(&id)?;
        self.entries.get(index).filter(unclaimed).map(|_| index)
    }

    /// Reads a record, which is at this index.
    fn index(&mut self, index: usize, last: &mut Option<LastParent>) -> Entry {
        let none_to_claim = Entry { is_taken: true, ..Entry::default() };
        let Some(record) = self.records.get_mut(index) else { return none_to_claim };
        self.newest = self.newest.max(record.start_timestamp).max(record.end_timestamp);
        if record.operation_type == OperationType::Execution {
            let input = record.take_execution_details().input_payload;
            if record.id == self.execution_id || self.input.is_none() {
                self.input = input;
            }
            self.has_execution = true;
            return none_to_claim;
        }
        let last = match last {
            Some(last) if last.id == record.parent_id => last,
            last => {
                let id = record.parent_id.clone();
                last.insert(LastParent { context: self.context_index(id.as_ref()), id })
            }
        };
        // The operations of a context that no engine recorded can never be claimed, nor can that context.
        let Some(context) = last.context else { return none_to_claim };
        let Some(record) = self.records.get(index) else { return none_to_claim };
        if has_sub_type(record, sub_type::RESULT_ORDER) {
            if let Some((id, order)) = result_order(record) {
                self.orders.insert(id, order);
            }
            return none_to_claim;
        }
        if has_sub_type(record, sub_type::OTHER_TASKS) {
            self.has_other_tasks = true;
            return none_to_claim;
        }
        if has_sub_type(record, sub_type::SUSPENSION) {
            self.suspensions = self.suspensions.saturating_add(1);
            return none_to_claim;
        }
        let id = OperationId::parse(&record.id);
        // Code that no longer asks for a marker leaves its record unclaimed, which is not a divergence.
        if is_mark(record) {
            if let Some(id) = id {
                self.by_id.insert(id, index);
            }
            return Entry { id, ..Entry::default() };
        }
        let earlier = id.and_then(|id| self.by_id.insert(id, index));
        // An earlier page contained the operation; this is its later state.
        if let Some(earlier) = earlier.and_then(|earlier| self.entries.get_mut(earlier)) {
            earlier.is_taken = true;
        }
        if let Some(context) = self.contexts.get_mut(context) {
            context.places.push(index);
            context.unclaimed += usize::from(earlier.is_none());
        }
        Entry { id, context: Some(context), is_taken: false }
    }

    /// Returns the index of the context with this id, or of the handler's own; `None` if no engine wrote the id.
    fn context_index(&mut self, id: Option<&SmallString>) -> Option<usize> {
        let id = match id {
            None => None,
            Some(id) => Some(OperationId::parse(id)?),
        };
        Some(*self.context_by_id.entry(id).or_insert_with(|| {
            self.contexts.push(ContextRecords::default());
            self.contexts.len() - 1
        }))
    }
}

/// The parent of the record that was read last: records of one context mostly follow one another.
struct LastParent {
    id: Option<SmallString>,
    /// The index of the context; `None` if no engine wrote the id.
    context: Option<usize>,
}

/// Reads the id of a marker and the place that it records for a late result.
fn result_order(record: &Operation) -> Option<(OperationId, Box<str>)> {
    let id = OperationId::parse(&record.id)?;
    Some((id, record.step_details()?.result.as_deref()?.into()))
}

/// Returns whether a record is a marker of the code, for which the replay barrier does not wait.
fn is_mark(record: &Operation) -> bool {
    let marks = [
        sub_type::PATCH,
        sub_type::NOW,
        sub_type::RACE,
        sub_type::TRY_JOIN,
        sub_type::RESULT_ORDER,
        sub_type::OTHER_TASKS,
        sub_type::SUSPENSION,
    ];
    marks.into_iter().any(|mark| has_sub_type(record, mark))
}

fn has_sub_type(record: &Operation, sub_type: &str) -> bool {
    record.sub_type.as_ref().is_some_and(|recorded| recorded == sub_type)
}

#[cfg(test)]
mod tests {
    use durable_types::{ExecutionDetails, OperationStatus};

    use super::*;

    fn step(name: &str, parent: Option<OperationId>) -> (OperationId, Operation) {
        let id = OperationId::derive(parent, "Step", name, 0);
        let mut record = Operation::new(id.to_string(), OperationType::Step, OperationStatus::Succeeded);
        record.parent_id = parent.map(Into::into);
        (id, record)
    }

    fn execution(id: &str, input: &str) -> Operation {
        let mut record = Operation::new(id, OperationType::Execution, OperationStatus::Started);
        let input_payload = Some(input.to_owned());
        record.details = Some(ExecutionDetails::new(input_payload).into());
        record
    }

    #[test]
    fn a_record_is_taken_once_and_by_id() {
        let (a, record_a) = step("a", None);
        let (_, record_b) = step("b", None);
        let mut journal = Journal::new("run".into());
        journal.extend(vec![record_b, record_a.clone()]);

        assert_eq!(journal.unclaimed(None), 2);
        assert_eq!(journal.take(a).cloned(), Some(record_a));
        assert_eq!(journal.take(a), None);
        assert_eq!(journal.unclaimed(None), 1);
    }

    #[test]
    fn claims_are_counted_by_context() {
        let (context, mut record) = step("ship", None);
        record.operation_type = OperationType::Context;
        let (inner, inner_record) = step("label", Some(context));
        let mut journal = Journal::new("run".into());
        journal.extend(vec![record]);
        journal.extend(vec![inner_record]);

        assert_eq!((journal.unclaimed(None), journal.unclaimed(Some(context))), (1, 1));
        journal.take(inner);
        assert_eq!((journal.unclaimed(None), journal.unclaimed(Some(context))), (1, 0));
    }

    #[test]
    fn the_input_is_found_on_any_page_and_is_not_an_operation_to_claim() {
        let mut journal = Journal::new("run".into());
        journal.extend(Vec::new());
        journal.extend(vec![execution("run", "42")]);

        assert!(journal.has_execution());
        assert_eq!(journal.unclaimed(None), 0);
        assert_eq!(journal.take_input().as_deref(), Some("42"));
    }

    #[test]
    fn a_record_of_another_sdk_stays_unclaimed() {
        let mut journal = Journal::new("run".into());
        journal.extend(vec![Operation::new("1-2", OperationType::Step, OperationStatus::Succeeded)]);

        assert_eq!(journal.unclaimed(None), 1);
        assert_eq!(journal.unclaimed_records(None).count(), 1);
    }
}
