//! What a map or a parallel comes to.

use durable_engine::CompletionReason;
use durable_types::ErrorObject;

use super::BatchStatus;
use crate::error::{Error, OperationKind, Result, Subject};

/// The results of the items of a map, or of the branches of a parallel, that were started.
///
/// Items that were never started, because the batch was complete before, are not among them. It serializes with all
/// that became of them, so that a handler can return it and any serdes can [record](crate::operation::Map::batch_serdes) it.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchResult<T> {
    pub(super) items: Vec<BatchItem<T>>,
    pub(super) reason: CompletionReason,
}

/// What became of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchItem<T> {
    /// Its place among the items; the first is 0.
    pub index: usize,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its result. None if it had not ended when the batch was complete.
    pub result: Option<Result<T>>,
}

impl<T> BatchResult<T> {
    /// The result of a batch with these items, for a serdes that reads one back.
    pub fn new(items: Vec<BatchItem<T>>, reason: CompletionReason) -> Self {
        Self { items, reason }
    }

    /// Why the batch was complete.
    pub fn completion_reason(&self) -> CompletionReason {
        self.reason
    }

    /// How the batch ended: failed if an item did, or if its [rule](crate::operation::Map::complete_when) said so.
    pub fn status(&self) -> BatchStatus {
        BatchStatus::of(!self.has_failure() && self.reason != CompletionReason::CustomCompletionFailed)
    }

    /// The items, in order.
    pub fn iter(&self) -> impl Iterator<Item = &BatchItem<T>> {
        self.items.iter()
    }

    /// How many items were started.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no item was started.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The values of the items that succeeded, in order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().filter_map(|item| item.result.as_ref()?.as_ref().ok())
    }

    /// The errors of the items that failed, in order.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.iter().filter_map(|item| item.result.as_ref()?.as_ref().err())
    }

    /// The items that had not ended when the batch was complete, in order.
    pub fn unfinished(&self) -> impl Iterator<Item = &BatchItem<T>> {
        self.iter().filter(|item| item.result.is_none())
    }

    /// How many items succeeded.
    pub fn success_count(&self) -> usize {
        self.values().count()
    }

    /// How many items failed.
    pub fn failure_count(&self) -> usize {
        self.errors().count()
    }

    /// Whether any item failed.
    pub fn has_failure(&self) -> bool {
        self.errors().next().is_some()
    }

    /// The values of the items that succeeded, in order.
    pub fn into_values(self) -> impl Iterator<Item = T> {
        self.items.into_iter().filter_map(|item| item.result?.ok())
    }

    /// The values of all items, or the error of the first that failed.
    ///
    /// Items that had not ended when the batch was complete are left out.
    ///
    /// # Errors
    /// If any item failed, or if the [rule](crate::operation::Map::complete_when) of the batch said that it has failed.
    pub fn into_result(self) -> Result<Vec<T>> {
        let values = self.items.into_iter().filter_map(|item| item.result).collect::<Result<Vec<T>, _>>()?;
        if self.reason == CompletionReason::CustomCompletionFailed {
            let error =
                ErrorObject::new("BatchCompletionError", "the rule of the batch said that it has failed");
            return Err(Subject::new(OperationKind::ChildContext, None).failed(error));
        }
        Ok(values)
    }
}

impl<T> IntoIterator for BatchResult<T> {
    type Item = BatchItem<T>;
    type IntoIter = std::vec::IntoIter<BatchItem<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}
