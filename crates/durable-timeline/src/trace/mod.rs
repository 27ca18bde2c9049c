//! The trace of an execution: its spans as OpenTelemetry defines them, without its types.
//!
//! An [`ExecutionTrace`] is a view of a timeline that returns each span once it has ended, with the ids and in the shape of
//! the execution view of the plugin `durable-otel`.

mod attributes;
mod execution_trace;
mod invocation;
mod operation;
mod trace_span;

pub use attributes::AttributeValue;
pub use execution_trace::ExecutionTrace;
pub use trace_span::{ParentSpan, SpanOutcome, TraceSpan};
