//! Ids as OpenTelemetry's types.

use opentelemetry::trace::{SpanId, TraceId};

pub(crate) fn trace_id(id: durable_trace::TraceId) -> TraceId {
    TraceId::from_bytes(id.to_bytes())
}

pub(crate) fn span_id(id: durable_trace::SpanId) -> SpanId {
    SpanId::from_bytes(id.to_bytes())
}
