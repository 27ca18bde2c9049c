//! Exports executions as traces to an OTLP endpoint.

mod endpoint;
mod execution_fold;
mod followed_executions;
mod span_data;
mod span_exporters;
mod span_queue;
mod trace_export;

pub use endpoint::{InvalidEndpoint, OtlpEndpoint};
pub(crate) use trace_export::TraceExport;
