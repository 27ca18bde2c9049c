//! The result of a map or parallel.

use durable_engine::CompletionReason;
use durable_types::ErrorObject;

use super::status::BatchStatus;
use crate::error::{Error, OperationKind, Result, Subject};

/// The results of the items of a map, or of the branches of a parallel, that were started.
///
/// Items that were never started, because the batch was already complete, are not included. The result serializes with
/// the outcomes of all its items, so a handler can return it and any serdes can
/// [record](crate::operation::Map::batch_serdes) it.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchResult<T> {
    pub(super) items: Vec<BatchItem<T>>,
    pub(super) reason: CompletionReason,
}

/// The outcome of one item.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BatchItem<T> {
    /// The index of the item, starting at 0.
    pub index: usize,
    /// The name of the item, if it has one.
    pub name: Option<String>,
    /// The result of the item, or `None` if it had not ended when the batch was complete.
    pub result: Option<Result<T>>,
}

impl<T> BatchItem<T> {
    /// Creates an item with this result; none if the item had not ended when the batch was complete.
    pub fn new(index: usize, name: Option<String>, result: Option<Result<T>>) -> Self {
        Self { index, name, result }
    }
}

impl<T> BatchResult<T> {
    /// Creates the result of a batch from its items, for a serdes that deserializes one.
    pub fn new(items: Vec<BatchItem<T>>, reason: CompletionReason) -> Self {
        Self { items, reason }
    }

    /// Returns why the batch was complete.
    pub fn completion_reason(&self) -> CompletionReason {
        self.reason
    }

    /// Returns the status of the batch: failed if any item failed or its [rule](crate::operation::Map::complete_when)
    /// returned [`Verdict::Fail`](crate::batch::Verdict::Fail).
    pub fn status(&self) -> BatchStatus {
        BatchStatus::of(!self.has_failure() && self.reason != CompletionReason::CustomCompletionFailed)
    }

    /// Returns the items, in order.
    pub fn iter(&self) -> impl Iterator<Item = &BatchItem<T>> {
        self.items.iter()
    }

    /// Returns the number of items that were started.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns whether no item was started.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the values of the items that succeeded, in order.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.iter().filter_map(|item| item.result.as_ref()?.as_ref().ok())
    }

    /// Returns the errors of the items that failed, in order.
    pub fn errors(&self) -> impl Iterator<Item = &Error> {
        self.iter().filter_map(|item| item.result.as_ref()?.as_ref().err())
    }

    /// Returns the items that had not ended when the batch was complete, in order.
    pub fn unfinished(&self) -> impl Iterator<Item = &BatchItem<T>> {
        self.iter().filter(|item| item.result.is_none())
    }

    /// Returns the number of items that succeeded.
    pub fn success_count(&self) -> usize {
        self.values().count()
    }

    /// Returns the number of items that failed.
    pub fn failure_count(&self) -> usize {
        self.errors().count()
    }

    /// Returns whether any item failed.
    pub fn has_failure(&self) -> bool {
        self.errors().next().is_some()
    }

    /// Returns the values of the items that succeeded by value, in order.
    pub fn into_values(self) -> impl Iterator<Item = T> {
        self.items.into_iter().filter_map(|item| item.result?.ok())
    }

    /// Returns the values of all items, or the error of the first item that failed, in the order of the items.
    ///
    /// Items that had not ended when the batch was complete are left out.
    ///
    /// # Errors
    /// Returns an error if any item failed, or if the [rule](crate::operation::Map::complete_when) of the batch
    /// returned [`Verdict::Fail`](crate::batch::Verdict::Fail).
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
