//! Merges the executions of several groups into one order.

use durable_host::store::{PagePosition, PositionRange};
use std::collections::{BinaryHeap, VecDeque};

use super::group::{Group, GroupReader};

/// Reads the first `limit` positions of all groups together.
///
/// Groups are read in chunks that double, so what is read in all is proportional to `limit` and the number of groups.
pub(super) fn merge(
    reader: &mut GroupReader<'_>,
    groups: Vec<Group>,
    bounds: PositionRange,
    limit: usize,
) -> rusqlite::Result<Vec<PagePosition>> {
    let chunk = limit.checked_div(groups.len()).unwrap_or(limit).saturating_add(1);
    let mut runs = BinaryHeap::new();
    for group in groups {
        runs.extend(Run::read(reader, group, bounds, chunk)?);
    }
    let mut merged = Vec::new();
    while merged.len() < limit
        && let Some(run) = runs.pop()
    {
        merged.push(run.head);
        runs.extend(run.advance(reader)?);
    }
    Ok(merged)
}

/// A partially read group.
///
/// # Invariants
/// - `head`, and then `rest`, follow each other in the order of the list.
/// - `bounds` begin behind the last position that was read.
struct Run {
    head: PagePosition,
    rest: VecDeque<PagePosition>,
    newest_first: bool,
    group: Group,
    bounds: PositionRange,
    chunk: usize,
}

impl Run {
    /// Reads the first positions of a group within the bounds, if there are any.
    fn read(
        reader: &mut GroupReader<'_>,
        group: Group,
        mut bounds: PositionRange,
        chunk: usize,
    ) -> rusqlite::Result<Option<Self>> {
        let newest_first = reader.newest_first();
        let mut rest = VecDeque::from(reader.read(&group, bounds, chunk)?);
        if let Some(last) = rest.back() {
            bounds.resume(*last, newest_first);
        }
        Ok(rest.pop_front().map(|head| Self { head, rest, newest_first, group, bounds, chunk }))
    }

    /// Advances to the next position, if there is one.
    fn advance(mut self, reader: &mut GroupReader<'_>) -> rusqlite::Result<Option<Self>> {
        match self.rest.pop_front() {
            Some(head) => Ok(Some(Self { head, ..self })),
            None => Self::read(reader, self.group, self.bounds, self.chunk.saturating_mul(2)),
        }
    }
}

impl Ord for Run {
    /// The greatest run is the one whose head comes first in the list, because a heap pops the greatest.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let order = self.head.cmp(&other.head);
        if self.newest_first { order } else { order.reverse() }
    }
}

impl PartialOrd for Run {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Run {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Run {}
