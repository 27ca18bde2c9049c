//! The commands whose events are not part of an append yet.

use std::collections::HashMap;

use durable_service::ExecutionId;
use tracing::Span;

use crate::spans::Cause;

/// The spans of commands whose events the next append of their execution records. It is empty unless spans of commands
/// are enabled.
#[derive(Debug, Default)]
pub(crate) struct PendingCauses(HashMap<ExecutionId, Vec<Span>>);

impl PendingCauses {
    /// Adds a command to an execution.
    pub(crate) fn add(&mut self, Cause { execution, span }: Cause) {
        self.0.entry(execution).or_default().push(span);
    }

    /// Takes the commands of an execution, for its next append.
    pub(crate) fn take(&mut self, execution: &ExecutionId) -> Vec<Span> {
        if self.0.is_empty() { Vec::new() } else { self.0.remove(execution).unwrap_or_default() }
    }

    /// Removes a command that was answered. It may have recorded nothing.
    pub(crate) fn remove(&mut self, Cause { execution, span }: &Cause) {
        if let Some(spans) = self.0.get_mut(execution) {
            spans.retain(|pending| pending != span);
            if spans.is_empty() {
                self.0.remove(execution);
            }
        }
    }
}
