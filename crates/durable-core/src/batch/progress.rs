//! How far a batch has got, for a rule of the user's own that says when it is complete.

use std::fmt;

use durable_engine::Tally;

use super::BatchStatus;
use super::record::Started;

/// How far a map or a parallel has got; see [`Map::complete_when`](crate::operation::Map::complete_when).
pub struct BatchProgress<'b> {
    tally: Tally,
    items: &'b dyn Items,
}

/// How far one item has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemProgress<'b> {
    /// Its place among the items; the first is 0.
    pub index: usize,
    /// Its name, if it has one.
    pub name: Option<&'b str>,
    /// How it ended. None while it is under way.
    pub status: Option<BatchStatus>,
}

impl<'b> BatchProgress<'b> {
    pub(super) fn new<T>(tally: Tally, items: &'b Vec<Started<T>>) -> Self {
        Self { tally, items }
    }

    /// How many items there are, started or not.
    pub fn total_count(&self) -> usize {
        self.tally.total
    }

    /// How many succeeded.
    pub fn success_count(&self) -> usize {
        self.tally.succeeded
    }

    /// How many failed.
    pub fn failure_count(&self) -> usize {
        self.tally.failed
    }

    /// How many ended, in one way or the other.
    pub fn completed_count(&self) -> usize {
        self.tally.succeeded + self.tally.failed
    }

    /// The items that were started, in order.
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

/// The items that were started, whatever their results are.
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
