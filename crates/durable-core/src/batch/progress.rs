//! The progress of a batch, as seen by a user-defined completion rule.

use std::fmt;

use durable_engine::Tally;

use super::record::Started;
use super::status::BatchStatus;

/// The progress of a map or parallel; see [`Map::complete_when`](crate::operation::Map::complete_when).
pub struct BatchProgress<'b> {
    tally: Tally,
    items: &'b dyn Items,
}

/// The progress of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ItemProgress<'b> {
    /// The index of the item, starting at 0.
    pub index: usize,
    /// The name of the item, if it has one.
    pub name: Option<&'b str>,
    /// The status with which the item ended, or `None` while it is in flight.
    pub status: Option<BatchStatus>,
}

impl<'b> BatchProgress<'b> {
    pub(super) fn new<T>(tally: Tally, items: &'b Vec<Started<T>>) -> Self {
        Self { tally, items }
    }

    /// Returns the number of items, started or not.
    pub fn total_count(&self) -> usize {
        self.tally.total
    }

    /// Returns the number of items that succeeded.
    pub fn success_count(&self) -> usize {
        self.tally.succeeded
    }

    /// Returns the number of items that failed.
    pub fn failure_count(&self) -> usize {
        self.tally.failed
    }

    /// Returns the number of items that succeeded or failed.
    pub fn completed_count(&self) -> usize {
        self.tally.succeeded + self.tally.failed
    }

    /// Returns the items that were started, in order.
    pub fn items(&self) -> impl Iterator<Item = ItemProgress<'b>> {
        let items = self.items;
        (0..).map_while(move |index| items.item(index))
    }
}

impl fmt::Debug for BatchProgress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<_> = self.items().collect();
        f.debug_struct("BatchProgress")
            .field("total_count", &self.total_count())
            .field("items", &items)
            .finish()
    }
}

/// The items that were started, with their result type erased.
trait Items {
    fn item(&self, index: usize) -> Option<ItemProgress<'_>>;
}

impl<T> Items for Vec<Started<T>> {
    fn item(&self, index: usize) -> Option<ItemProgress<'_>> {
        let (name, outcome) = self.get(index)?;
        let status = outcome.as_ref().map(|outcome| BatchStatus::of(outcome.is_succeeded()));
        Some(ItemProgress { index, name: name.as_deref(), status })
    }
}
