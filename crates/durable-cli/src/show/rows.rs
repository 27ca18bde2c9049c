//! The operations of a timeline that are shown, in order.

use durable_timeline::{OperationSpan, Timeline};

/// The number of operations shown per parent, unless all are.
const MAX_CHILDREN: usize = 20;

/// A row of the chart.
pub(super) enum Row<'a> {
    /// An operation.
    Operation { depth: usize, operation: &'a OperationSpan },
    /// The number of further operations with the same parent, and how many of them failed.
    More { depth: usize, count: usize, failed: usize },
}

/// Returns the rows of a timeline, without operations that the SDK records for itself.
pub(super) fn rows(timeline: &Timeline, is_complete: bool) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    // The next rows, last first: an imported history can be nested too deeply for recursion.
    let mut next = siblings(timeline.top_level(), 0, is_complete);
    while let Some(row) = next.pop() {
        if let Row::Operation { depth, operation } = row {
            next.extend(siblings(timeline.children(operation), depth.saturating_add(1), is_complete));
        }
        rows.push(row);
    }
    rows
}

/// Returns the rows of operations with one parent, last first.
fn siblings<'a>(
    operations: impl Iterator<Item = &'a OperationSpan>,
    depth: usize,
    is_complete: bool,
) -> Vec<Row<'a>> {
    let mut shown: Vec<_> = operations.filter(|operation| !operation.kind.is_internal()).collect();
    let kept = if is_complete { shown.len() } else { MAX_CHILDREN.min(shown.len()) };
    let rest = shown.split_off(kept);
    let failed = rest.iter().filter(|operation| operation.is_failed()).count();
    let more = (!rest.is_empty()).then_some(Row::More { depth, count: rest.len(), failed });
    let shown = shown.into_iter().rev().map(|operation| Row::Operation { depth, operation });
    more.into_iter().chain(shown).collect()
}
