//! Operations that have started and not ended in this invocation.

use durable_core::plugin::OperationInfo;
use durable_trace::SpanId;
use durable_types::Timestamp;

/// An operation that has started and not ended in this invocation.
pub(crate) struct OpenOperation {
    pub(crate) info: OperationInfo,
    pub(crate) span_id: SpanId,
    pub(crate) start: Timestamp,
}
