//! Chained invokes whose ends are not recorded yet.

use std::collections::HashMap;

use super::execution_id::ExecutionId;
use crate::chained_invoke_end::ChainedInvokeEnd;

/// Identifies a call by the execution that makes it and the operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallId {
    /// The execution that makes the call.
    pub caller: ExecutionId,
    /// The operation that makes it.
    pub operation_id: String,
}

/// The calls whose ends are not recorded yet. They outlive the in-memory state of their callers.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The calls of each execution, by operation.
    by_caller: HashMap<ExecutionId, HashMap<String, Call>>,
    /// The call that waits for each execution.
    by_callee: HashMap<ExecutionId, CallId>,
}

/// A call whose end is not recorded yet.
#[derive(Debug)]
struct Call {
    /// The execution that it started, if any.
    callee: Option<ExecutionId>,
    /// Its end, once it is known.
    end: Option<ChainedInvokeEnd>,
}

impl Calls {
    /// Starts tracking a call. Returns `false` if it is tracked already.
    pub(super) fn begin(&mut self, id: &CallId, callee: Option<&ExecutionId>) -> bool {
        let calls = self.by_caller.entry(id.caller.clone()).or_default();
        if calls.contains_key(&id.operation_id) {
            return false;
        }
        calls.insert(id.operation_id.clone(), Call { callee: callee.cloned(), end: None });
        if let Some(callee) = callee {
            self.by_callee.insert(callee.clone(), id.clone());
        }
        true
    }

    /// Returns the end of a call if it is known but not recorded yet.
    pub(super) fn end_of(&self, id: &CallId) -> Option<&ChainedInvokeEnd> {
        self.by_caller.get(&id.caller)?.get(&id.operation_id)?.end.as_ref()
    }

    /// Returns the call that waits for the end of an execution.
    pub(super) fn waiting_for(&self, callee: &ExecutionId) -> Option<&CallId> {
        self.by_callee.get(callee)
    }

    /// Stores the end of a call. Returns `false` if the call is not tracked or has ended already.
    pub(super) fn end(&mut self, id: &CallId, end: ChainedInvokeEnd) -> bool {
        let call = self.by_caller.get_mut(&id.caller).and_then(|calls| calls.get_mut(&id.operation_id));
        let Some(call) = call.filter(|call| call.end.is_none()) else { return false };
        call.end = Some(end);
        true
    }

    /// Drops the calls of an execution except those of the given operations.
    pub(super) fn retain_of(&mut self, caller: &ExecutionId, open: &[&str]) {
        let Some(calls) = self.by_caller.get(caller) else { return };
        let is_closed = |operation_id: &&String| !open.contains(&operation_id.as_str());
        let closed: Vec<_> = calls.keys().filter(is_closed).cloned().collect();
        for operation_id in closed {
            self.remove(&CallId { caller: caller.clone(), operation_id });
        }
    }

    /// Drops a call whose end is recorded or no longer needed.
    pub(super) fn remove(&mut self, id: &CallId) {
        let Some(calls) = self.by_caller.get_mut(&id.caller) else { return };
        let removed = calls.remove(&id.operation_id);
        if calls.is_empty() {
            self.by_caller.remove(&id.caller);
        }
        if let Some(callee) = removed.and_then(|call| call.callee) {
            self.by_callee.remove(&callee);
        }
    }
}
