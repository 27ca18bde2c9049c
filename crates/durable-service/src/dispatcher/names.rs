//! Requests by execution name that wait for a lookup.

use std::collections::HashMap;

use durable_types::{DurableExecutionArn, ExecutionStatus, Timestamp};

use super::execution_id::ExecutionId;
use super::start_request::StartRequest;

/// The name of an execution, which is unique among those of its function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExecutionName {
    /// The function.
    pub function: String,
    /// The name of the execution.
    pub execution: String,
}

/// The recorded execution that owns a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedExecution {
    /// Its ARN.
    pub arn: DurableExecutionArn,
    /// Its status.
    pub status: ExecutionStatus,
    /// The [digest](super::input_digest) of its input.
    pub input_digest: String,
    /// When its retention expires, if it has ended.
    pub expires_at: Option<Timestamp>,
}

/// The requests that wait for a lookup by name, or for a start by name to be recorded.
#[derive(Debug)]
pub(super) struct Names<T> {
    /// The requests for each name that is being looked up or belongs to an execution that is starting.
    requests: HashMap<ExecutionName, Vec<NameRequest<T>>>,
    /// The names of executions that are starting.
    starting: HashMap<ExecutionId, ExecutionName>,
}

/// A request that depends on which execution owns a name.
#[derive(Debug)]
pub(super) enum NameRequest<T> {
    /// Start an execution with this name, or find the one that owns it.
    Start(Box<StartRequest>, T),
    /// Find the execution that owns the name.
    Find(T),
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self { requests: HashMap::new(), starting: HashMap::new() }
    }
}

impl<T> Names<T> {
    /// Adds requests for a name. Returns whether a lookup is needed, because none is pending yet.
    pub(super) fn add(&mut self, name: &ExecutionName, requests: Vec<NameRequest<T>>) -> bool {
        let is_new = !self.requests.contains_key(name);
        self.requests.entry(name.clone()).or_default().extend(requests);
        is_new
    }

    /// Queues further requests for a name until the start of this execution is recorded or fails.
    pub(super) fn hold(&mut self, id: ExecutionId, name: ExecutionName) {
        self.requests.entry(name.clone()).or_default();
        self.starting.insert(id, name);
    }

    /// Removes an execution whose start is recorded or has failed. Returns its name if requests wait for it.
    pub(super) fn release(&mut self, id: &ExecutionId) -> Option<ExecutionName> {
        let name = self.starting.remove(id)?;
        if self.requests.get(&name).is_none_or(Vec::is_empty) {
            self.requests.remove(&name);
            return None;
        }
        Some(name)
    }

    /// Takes the requests for a name.
    pub(super) fn take(&mut self, name: &ExecutionName) -> Vec<NameRequest<T>> {
        self.requests.remove(name).unwrap_or_default()
    }
}

impl<T> NameRequest<T> {
    pub(super) fn into_token(self) -> T {
        match self {
            Self::Start(_, token) | Self::Find(token) => token,
        }
    }
}
