//! The trait of event stores.

use std::pin::Pin;

use durable_types::Timestamp;

use super::error::StoreError;
use super::list::{ExecutionFilter, ExecutionPage};
use super::row::{Append, ExecutionRow, Expiry, Unfinished};

/// A pending result of a store.
pub type Stored<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A store of executions: their rows and their ordered events. Events are opaque text without line feeds to it.
///
/// # Contract
/// - An append is atomic, including the events that it replaces. Once its future has returned `Ok`, it is as durable as
///   the store promises. An append that returned an error may have been recorded nevertheless; the host reads the
///   execution again.
/// - Dropping a future does not cancel its request.
/// - The events of an execution are numbered from 1 without gaps. An append that does not follow the recorded events
///   fails, and so does one that replaces an event that is not recorded. A replaced event keeps its number.
/// - A read sees every append acknowledged before the read began.
///
/// The host keeps at most one append of an execution in flight. [`MemoryStore`](super::MemoryStore) is the simplest
/// implementation.
pub trait EventStore: Send + Sync + 'static {
    /// Appends events, replaces recorded ones, and inserts the row of a new execution.
    ///
    /// Fails with [`AlreadyRecorded`](super::StoreErrorKind::AlreadyRecorded) if the new execution's id, its ARN, or
    /// its name within its function already exists.
    fn append(&self, append: Append) -> Stored<'_, ()>;

    /// Deletes an execution and its events. Its name can be reused afterwards.
    ///
    /// Fails with [`UnknownExecution`](super::StoreErrorKind::UnknownExecution) if it is not recorded.
    fn delete<'a>(&'a self, execution_id: &'a str) -> Stored<'a, ()>;

    /// Returns the execution with this id, if it exists.
    fn execution<'a>(&'a self, execution_id: &'a str) -> Stored<'a, Option<ExecutionRow>>;

    /// Returns the execution with this name, if it exists. Names are unique within a function.
    fn execution_by_name<'a>(
        &'a self,
        function_name: &'a str,
        execution_name: &'a str,
    ) -> Stored<'a, Option<ExecutionRow>>;

    /// Returns at most `limit` events of an execution that follow event number `after`, in order.
    fn events<'a>(&'a self, execution_id: &'a str, after: u64, limit: u64) -> Stored<'a, Vec<String>>;

    /// Returns at most `limit` events of an execution, the newest first.
    fn last_events<'a>(&'a self, execution_id: &'a str, limit: u64) -> Stored<'a, Vec<String>>;

    /// Returns the executions that have not ended and were not imported.
    fn unfinished(&self) -> Stored<'_, Vec<Unfinished>>;

    /// Returns the positions of at most `limit` executions that have expired by `now`, in order, starting after a
    /// position.
    ///
    /// It must succeed even if rows are damaged, so that a damaged execution does not prevent the deletion of others.
    fn expired(&self, now: Timestamp, after: Option<Expiry>, limit: u32) -> Stored<'_, Vec<Expiry>>;

    /// Returns the execution at a position, unless it has been deleted.
    fn execution_at(&self, expiry: Expiry) -> Stored<'_, Option<ExecutionRow>>;

    /// Returns at most `limit` executions, of one function or of all functions, whose name or id starts with a prefix.
    fn beginning_with<'a>(
        &'a self,
        prefix: &'a str,
        function_name: Option<&'a str>,
        limit: usize,
    ) -> Stored<'a, Vec<ExecutionRow>>;

    /// Returns a page of at most `limit` executions that match a filter, in the order of their
    /// [positions](super::PagePosition).
    fn list(&self, filter: ExecutionFilter, limit: usize) -> Stored<'_, ExecutionPage>;
}
