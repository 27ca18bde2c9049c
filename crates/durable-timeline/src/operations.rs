//! The operations of a timeline, as a tree in one table.

use std::collections::{BTreeSet, HashMap};

use durable_types::SmallString;

use crate::kind::Kind;
use crate::span::OperationSpan;

/// The operations of a timeline.
///
/// # Invariants
/// - An operation is a child of the operation with its parent id, or at the top level if there is none.
/// - There are no cycles.
/// - Every access to an operation through `get` or `get_mut` takes constant time, so the cost of a fold is their number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Operations {
    spans: Vec<OperationSpan>,
    by_id: HashMap<SmallString, usize>,
    /// The operations without a parent at their first event, in that order. Some may have been adopted since.
    outermost: Vec<usize>,
    /// Operations whose parent has not been seen, by the id of that parent.
    orphans: HashMap<SmallString, Vec<usize>>,
    open: BTreeSet<usize>,
    /// The number of accesses to operations.
    #[cfg(test)]
    pub(crate) accesses: std::cell::Cell<usize>,
}

impl Operations {
    pub(crate) fn index_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&OperationSpan> {
        self.count_access();
        self.spans.get(index)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut OperationSpan> {
        self.count_access();
        self.spans.get_mut(index)
    }

    /// Returns all operations, in the order of their first events.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, OperationSpan> {
        self.spans.iter()
    }

    /// Returns the top-level operations, in the order of their first events.
    pub(crate) fn outermost(&self) -> impl DoubleEndedIterator<Item = &OperationSpan> {
        self.outermost.iter().filter_map(|index| self.get(*index)).filter(|span| span.parent.is_none())
    }

    pub(crate) fn children(&self, parent: &OperationSpan) -> impl DoubleEndedIterator<Item = &OperationSpan> {
        parent.children.iter().filter_map(|index| self.get(*index))
    }

    /// Returns the operations that have not ended, in the order of their first events.
    pub(crate) fn open(&self) -> impl Iterator<Item = &OperationSpan> {
        self.open.iter().filter_map(|index| self.get(*index))
    }

    /// Returns the operations that contain an operation, from the inside out.
    pub(crate) fn ancestors<'a>(
        &'a self,
        operation: &'a OperationSpan,
    ) -> impl Iterator<Item = &'a OperationSpan> {
        let parent = |span: &OperationSpan| span.parent.and_then(|parent| self.get(parent));
        std::iter::successors(parent(operation), move |span| parent(span))
    }

    /// Adds an operation that is new, below its parent if that is known.
    pub(crate) fn insert(&mut self, mut span: OperationSpan) -> usize {
        let index = self.spans.len();
        let parent = span.parent_id.as_ref().and_then(|parent| self.index_of(parent));
        self.by_id.insert(span.id.clone(), index);
        self.open.insert(index);
        span.parent = parent;
        span.identify(parent.and_then(|parent| self.get(parent)));
        match (parent, &span.parent_id) {
            (Some(_), _) => {}
            (None, Some(parent_id)) => {
                self.orphans.entry(parent_id.clone()).or_default().push(index);
                self.outermost.push(index);
            }
            (None, None) => self.outermost.push(index),
        }
        let id = span.id.clone();
        self.spans.push(span);
        if let Some(parent) = parent {
            self.attach(parent, index);
        }
        self.adopt(&id, index);
        index
    }

    /// Notes that an operation has ended.
    pub(crate) fn handle_ended(&mut self, index: usize) {
        self.open.remove(&index);
        let Some(ended) = self.get_mut(index) else { return };
        let (parent, is_item, is_failed) = (ended.parent, ended.kind.is_item(), ended.is_failed());
        let Some(parent) = parent.and_then(|parent| self.get_mut(parent)) else { return };
        parent.open_children = parent.open_children.saturating_sub(1);
        if is_item {
            let ended = if is_failed { &mut parent.progress.failed } else { &mut parent.progress.succeeded };
            *ended = ended.saturating_add(1);
        }
    }

    #[cfg(test)]
    fn count_access(&self) {
        self.accesses.set(self.accesses.get() + 1);
    }

    #[cfg(not(test))]
    fn count_access(&self) {}

    /// Makes an operation a child of another one.
    fn attach(&mut self, parent: usize, child: usize) {
        let Some(span) = self.get_mut(child) else { return };
        let (kind, has_ended, is_failed) = (span.kind, span.has_ended(), span.is_failed());
        let Some(parent) = self.get_mut(parent) else { return };
        parent.children.push(child);
        parent.open_children = parent.open_children.saturating_add((!has_ended).into());
        if kind == Kind::Backoff {
            parent.backoffs = parent.backoffs.saturating_add(1);
            // The SDKs for Python and JavaScript record a retried block as a child context.
            parent.kind = Kind::Retry;
        }
        if kind.is_item() {
            let progress = &mut parent.progress;
            progress.started = progress.started.saturating_add(1);
            progress.failed = progress.failed.saturating_add(is_failed.into());
            progress.succeeded = progress.succeeded.saturating_add((has_ended && !is_failed).into());
        }
    }

    /// Makes operations that were seen before their parent its children, except those that contain it.
    fn adopt(&mut self, id: &SmallString, parent: usize) {
        // Seldom used, because a history contains parents first: lists of operations may have any order.
        let Some(orphans) = self.orphans.remove(id) else { return };
        let Some(span) = self.get(parent) else { return };
        let outermost = self.ancestors(span).last().map_or_else(|| id.clone(), |last| last.id.clone());
        let outermost = self.index_of(&outermost);
        for orphan in orphans.into_iter().filter(|orphan| Some(*orphan) != outermost) {
            let Some(mut span) = self.get(orphan).cloned() else { continue };
            span.parent = Some(parent);
            span.identify(self.get(parent));
            if let Some(place) = self.get_mut(orphan) {
                *place = span;
            }
            self.attach(parent, orphan);
        }
    }
}

#[cfg(test)]
mod tests {
    use durable_types::OperationType;

    use super::*;

    fn span(id: &str, parent: Option<&str>) -> OperationSpan {
        let mut span = OperationSpan::new(id.into(), OperationType::Context);
        span.parent_id = parent.map(Into::into);
        span
    }

    fn ids<'a>(spans: impl Iterator<Item = &'a OperationSpan>) -> Vec<&'a str> {
        spans.map(|span| span.id.as_str()).collect()
    }

    #[test]
    fn a_parent_that_is_seen_later_adopts_its_children() {
        let mut operations = Operations::default();

        operations.insert(span("inner", Some("outer")));
        operations.insert(span("other", None));
        operations.insert(span("outer", None));

        assert_eq!(ids(operations.outermost()), ["other", "outer"]);
        assert_eq!(ids(operations.children(operations.get(2).unwrap())), ["inner"]);
        assert_eq!(operations.get(2).unwrap().open_children, 1);
    }

    #[test]
    fn operations_that_contain_each_other_are_no_cycle() {
        let mut operations = Operations::default();

        operations.insert(span("a", Some("b")));
        operations.insert(span("c", Some("a")));
        operations.insert(span("b", Some("c")));
        operations.insert(span("self", Some("self")));

        assert_eq!(ids(operations.outermost()), ["a", "self"]);
        assert_eq!(ids(operations.ancestors(operations.get(2).unwrap())), ["c", "a"]);
    }
}
