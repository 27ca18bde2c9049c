//! The place of an execution in a trace.

use durable_types::Timestamp;

use crate::ids;
use crate::remote_parent::{RemoteParent, x_ray_header};
use crate::span_id::SpanId;
use crate::trace_id::TraceId;

/// The place of an execution in a trace: the trace, the span that its spans belong to, and whether it is sampled.
///
/// ```
/// use durable_trace::{RemoteParent, TraceContext, ids};
/// use durable_types::Timestamp;
///
/// let start = Timestamp::from_millis(1_764_000_000_000);
/// let alone = TraceContext::new("arn", start, RemoteParent::default());
/// assert_eq!(alone.parent, ids::root("arn"));
///
/// let called = TraceContext::new("callee", start, RemoteParent::parse(&alone.header_for_call("arn", "op-1")));
/// assert_eq!(called.trace_id, alone.trace_id);
/// assert_eq!(called.parent, ids::operation("arn", "op-1"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TraceContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span that those of the execution and its invocations belong to: the caller's, or a synthetic root.
    pub parent: SpanId,
    /// Whether the parent is the caller's span.
    pub has_caller: bool,
    /// Whether the trace is sampled, if the caller says so.
    pub is_sampled: Option<bool>,
}

impl TraceContext {
    /// Determines the place of an execution. What the caller does not name is derived.
    pub fn new(execution_arn: &str, start: Timestamp, caller: RemoteParent) -> Self {
        let (trace_id, parent) = match caller.complete() {
            Some(complete) => complete,
            None => {
                let derived = || ids::trace_id(execution_arn, start);
                (caller.trace_id.unwrap_or_else(derived), ids::root(execution_arn))
            }
        };
        Self { trace_id, parent, has_caller: caller.complete().is_some(), is_sampled: caller.is_sampled }
    }

    /// Returns the trace header for invocations of the execution, whose spans belong to the same parent.
    pub fn header(&self) -> String {
        self.header_with(self.parent)
    }

    /// Returns the trace header for what an operation calls, whose spans belong to that of the operation.
    pub fn header_for_call(&self, execution_arn: &str, operation_id: &str) -> String {
        self.header_with(ids::operation(execution_arn, operation_id))
    }

    fn header_with(&self, parent: SpanId) -> String {
        x_ray_header(self.trace_id, parent, self.is_sampled.unwrap_or(true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "Root=1-5759e988-bd862e3fe1be46a994272793";

    fn context(header: &str) -> TraceContext {
        TraceContext::new("arn", Timestamp::EPOCH, RemoteParent::parse(header))
    }

    #[test]
    fn a_complete_header_is_passed_on() {
        for sampled in ["0", "1"] {
            let header = format!("{ROOT};Parent=53995c3f42cd8ad8;Sampled={sampled}");

            assert_eq!(context(&header).header(), header);
            assert!(context(&header).has_caller);
        }
    }

    #[test]
    fn a_header_without_a_parent_determines_the_trace_alone() {
        let context = context(&format!("{ROOT};Sampled=0"));

        assert!(!context.has_caller);
        assert_eq!(context.header(), format!("{ROOT};Parent={};Sampled=0", ids::root("arn")));
    }

    #[test]
    fn an_execution_without_a_header_is_sampled() {
        let context = context("");

        assert_eq!(context.trace_id, ids::trace_id("arn", Timestamp::EPOCH));
        assert!(context.header().ends_with(";Sampled=1"));
        assert!(context.header_for_call("arn", "o").ends_with(";Sampled=1"));
    }
}
