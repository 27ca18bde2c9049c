//! Which calls are under way, so that none is made twice at a time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use durable_types::DurableExecutionArn;

/// A call by its caller and its operation there.
type CallId = (DurableExecutionArn, String);

/// The calls that are being made, or whose end is still to be told.
#[derive(Clone, Default)]
pub(super) struct Calls {
    under_way: Arc<Mutex<HashSet<CallId>>>,
}

/// One of them, until it is dropped.
pub(super) struct CallUnderWay {
    id: CallId,
    calls: Calls,
}

impl Calls {
    /// Begins a call. None: it is under way already.
    pub(super) fn begin(&self, caller: &DurableExecutionArn, operation_id: &str) -> Option<CallUnderWay> {
        let id = (caller.clone(), operation_id.to_owned());
        let is_new = self.with_all(|all| all.insert(id.clone()));
        is_new.then(|| CallUnderWay { id, calls: self.clone() })
    }

    fn with_all<T>(&self, change: impl FnOnce(&mut HashSet<CallId>) -> T) -> T {
        change(&mut self.under_way.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl CallUnderWay {
    pub(super) fn caller(&self) -> &DurableExecutionArn {
        &self.id.0
    }

    pub(super) fn operation_id(&self) -> &str {
        &self.id.1
    }
}

impl Drop for CallUnderWay {
    fn drop(&mut self) {
        self.calls.with_all(|all| all.remove(&self.id));
    }
}
