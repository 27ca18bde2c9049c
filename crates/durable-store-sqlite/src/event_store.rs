//! The store as the host uses it.

use durable_host::store::{
    Append, EventStore, ExecutionFilter, ExecutionPage, ExecutionRow, Expiry, StoreErrorKind, Stored,
    Unfinished,
};
use durable_types::Timestamp;

use super::error::StoreError;
use super::handle::Store;

impl EventStore for Store {
    fn append(&self, append: Append) -> Stored<'_, ()> {
        Box::pin(async { Ok(self.append(append).await?) })
    }

    fn delete<'a>(&'a self, execution_id: &'a str) -> Stored<'a, ()> {
        Box::pin(async { Ok(self.delete(execution_id).await?) })
    }

    fn execution<'a>(&'a self, execution_id: &'a str) -> Stored<'a, Option<ExecutionRow>> {
        Box::pin(async { Ok(self.execution(execution_id).await?) })
    }

    fn execution_by_name<'a>(
        &'a self,
        function_name: &'a str,
        execution_name: &'a str,
    ) -> Stored<'a, Option<ExecutionRow>> {
        Box::pin(async { Ok(self.execution_by_name(function_name, execution_name).await?) })
    }

    fn events<'a>(&'a self, execution_id: &'a str, after: u64, limit: u64) -> Stored<'a, Vec<String>> {
        Box::pin(async move { Ok(self.events_page(execution_id, after, limit).await?) })
    }

    fn last_events<'a>(&'a self, execution_id: &'a str, limit: u64) -> Stored<'a, Vec<String>> {
        Box::pin(async move { Ok(self.last_events(execution_id, limit).await?) })
    }

    fn unfinished(&self) -> Stored<'_, Vec<Unfinished>> {
        Box::pin(async { Ok(self.unfinished().await?) })
    }

    fn expired(&self, now: Timestamp, after: Option<Expiry>, limit: u32) -> Stored<'_, Vec<Expiry>> {
        Box::pin(async move { Ok(self.expired_behind(now, after, limit).await?) })
    }

    fn execution_at(&self, expiry: Expiry) -> Stored<'_, Option<ExecutionRow>> {
        Box::pin(async move { Ok(self.execution_at(expiry).await?) })
    }

    fn beginning_with<'a>(
        &'a self,
        prefix: &'a str,
        function_name: Option<&'a str>,
        limit: usize,
    ) -> Stored<'a, Vec<ExecutionRow>> {
        Box::pin(async move { Ok(self.beginning_with(prefix, function_name, limit).await?) })
    }

    fn list(&self, filter: ExecutionFilter, limit: usize) -> Stored<'_, ExecutionPage> {
        Box::pin(async move { Ok(self.list(filter, limit).await?) })
    }
}

impl From<StoreError> for durable_host::store::StoreError {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::AlreadyRecorded { .. } => StoreErrorKind::AlreadyRecorded,
            StoreError::UnknownExecution { .. } => StoreErrorKind::UnknownExecution,
            StoreError::Damaged { .. } | StoreError::NotAStore { .. } => StoreErrorKind::Damaged,
            error if error.may_pass() => StoreErrorKind::Transient,
            _ => StoreErrorKind::Permanent,
        };
        Self::new(kind, error)
    }
}
