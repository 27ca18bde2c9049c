//! What an execution is waiting for.

use durable_types::Timestamp;

use crate::span::{InvocationSpan, OperationSpan, Pause};
use crate::waiting_for::WaitingFor;

/// What an execution is waiting for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waits<'a> {
    /// The open operations that wait for something other than operations inside them, in the order of their starts.
    ///
    /// If there are none and the execution has not ended, it waits for the code of its handler.
    pub operations: Vec<(&'a OperationSpan, WaitingFor<'a>)>,
    /// The pause in effect. Until it ends, the function is not invoked.
    pub pause: Option<&'a Pause>,
    /// The last invocation, if it failed. The service invokes the function again.
    pub failed_invocation: Option<&'a InvocationSpan>,
}

impl Waits<'_> {
    /// Returns the earliest time at which a wait ends, an attempt is due or a callback times out, unless something else
    /// happens before.
    pub fn next_due(&self) -> Option<Timestamp> {
        let due = self.operations.iter().filter_map(|(_, waiting_for)| match *waiting_for {
            WaitingFor::Timer { until } | WaitingFor::Retry { until, .. } => until,
            WaitingFor::Callback { deadline, .. } => deadline,
            WaitingFor::Invoke { .. } | WaitingFor::Children | WaitingFor::RunningCode => None,
        });
        due.min()
    }
}
