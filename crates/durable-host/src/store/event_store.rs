//! The trait of stores of executions.

use std::pin::Pin;

use durable_types::Timestamp;

use super::error::StoreError;
use super::list::{ExecutionFilter, ExecutionPage};
use super::row::{Append, ExecutionRow, Expiry, Unfinished};

/// The answer of a store.
pub type Stored<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Stores executions: their rows, and their events in order. An event is a text to it.
///
/// # Contract
/// - An append is recorded completely or not at all, including the events that it replaces, and survives whatever the store promises to survive once its future
///   has returned `Ok`. After an error the append may have been recorded nevertheless; the host reads the execution again.
/// - Dropping a future does not undo what it requested.
/// - Events of one execution are numbered from 1 without a gap. An append that does not follow what is recorded fails,
///   and so does one that replaces an event that is not recorded. A replaced event keeps its number.
/// - A read sees every append that was acknowledged before it began.
///
/// The host has at most one append of an execution in flight. [`MemoryStore`](super::MemoryStore) is the simplest
/// implementation.
pub trait EventStore: Send + Sync + 'static {
    /// Records events, replaces recorded ones, and writes the row of an execution that begins with them.
    ///
    /// Fails with [`AlreadyRecorded`](super::StoreErrorKind::AlreadyRecorded) if the new execution, its ARN, or its name
    /// within its function exists.
    fn append(&self, append: Append) -> Stored<'_, ()>;

    /// Deletes an execution and its events; its name is free afterwards.
    ///
    /// Fails with [`UnknownExecution`](super::StoreErrorKind::UnknownExecution) if it is not recorded.
    fn delete<'a>(&'a self, execution_id: &'a str) -> Stored<'a, ()>;

    /// Returns the execution with this id.
    fn execution<'a>(&'a self, execution_id: &'a str) -> Stored<'a, Option<ExecutionRow>>;

    /// Returns the execution with this name, of which a function has at most one.
    fn execution_by_name<'a>(
        &'a self,
        function_name: &'a str,
        execution_name: &'a str,
    ) -> Stored<'a, Option<ExecutionRow>>;

    /// Returns at most `limit` events of an execution after the one with the number `after`, in order.
    fn events<'a>(&'a self, execution_id: &'a str, after: u64, limit: u64) -> Stored<'a, Vec<String>>;

    /// Returns at most `limit` events of an execution, the last one first.
    fn last_events<'a>(&'a self, execution_id: &'a str, limit: u64) -> Stored<'a, Vec<String>>;

    /// Returns the executions that have not ended and were not imported.
    fn unfinished(&self) -> Stored<'_, Vec<Unfinished>>;

    /// Returns the positions of at most `limit` executions that have expired by now, in order, after a position.
    ///
    /// It must succeed even if the rows themselves are damaged, so that one does not keep the others from being deleted.
    fn expired(&self, now: Timestamp, after: Option<Expiry>, limit: u32) -> Stored<'_, Vec<Expiry>>;

    /// Returns the execution at a position, unless it was deleted in the meantime.
    fn execution_at(&self, expiry: Expiry) -> Stored<'_, Option<ExecutionRow>>;

    /// Returns at most `limit` executions, of one function or of all, whose names or ids start with a prefix.
    fn beginning_with<'a>(
        &'a self,
        prefix: &'a str,
        function_name: Option<&'a str>,
        limit: usize,
    ) -> Stored<'a, Vec<ExecutionRow>>;

    /// Returns a page of at most `limit` executions that pass a filter, in the order of their
    /// [positions](super::PagePosition).
    fn list(&self, filter: ExecutionFilter, limit: usize) -> Stored<'_, ExecutionPage>;
}
