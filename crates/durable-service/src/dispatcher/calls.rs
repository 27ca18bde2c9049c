//! Calls of other functions that executions make.

use std::collections::HashMap;

use super::execution_id::ExecutionId;
use crate::chained_invoke::ChainedInvokeEnd;

/// Identifies a call: the execution that makes it, and the operation there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallId {
    /// The execution that makes the call.
    pub caller: ExecutionId,
    /// The operation that makes it.
    pub operation_id: String,
}

/// The calls whose ends are not recorded yet. They outlive the state of their callers in memory.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The end of each, once it is known.
    ends: HashMap<CallId, Option<ChainedInvokeEnd>>,
    /// The call that waits for each execution.
    by_callee: HashMap<ExecutionId, CallId>,
}

impl Calls {
    /// Begins a call. Returns `false` if it has begun already.
    pub(super) fn begin(&mut self, call: &CallId, callee: Option<&ExecutionId>) -> bool {
        if self.ends.contains_key(call) {
            return false;
        }
        self.ends.insert(call.clone(), None);
        if let Some(callee) = callee {
            self.by_callee.insert(callee.clone(), call.clone());
        }
        true
    }

    /// Returns the end of a call that is not recorded yet, if it is known.
    pub(super) fn end_of(&self, call: &CallId) -> Option<&ChainedInvokeEnd> {
        self.ends.get(call)?.as_ref()
    }

    /// Returns the call that waits for the end of an execution.
    pub(super) fn waiting_for(&self, callee: &ExecutionId) -> Option<&CallId> {
        self.by_callee.get(callee)
    }

    /// Notes the end of a call. Returns `false` if nobody waits for it, or it has ended already.
    pub(super) fn end(&mut self, call: &CallId, end: ChainedInvokeEnd) -> bool {
        match self.ends.get_mut(call) {
            Some(known @ None) => {
                *known = Some(end);
                true
            }
            Some(Some(_)) | None => false,
        }
    }

    /// Forgets a call whose end is recorded, or not wanted any more.
    pub(super) fn remove(&mut self, call: &CallId) {
        self.ends.remove(call);
        self.by_callee.retain(|_, waiting| waiting != call);
    }
}
