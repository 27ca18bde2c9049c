//! OpenTelemetry for durable functions: each execution is one trace, to which each of its invocations adds spans.
//!
//! [`Otel`] is created once per process and supplies a [plugin](durable_core::plugin::Plugin) for each invocation:
//!
//! ```no_run
//! # #[cfg(feature = "otlp-http")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use durable_otel::Otel;
//!
//! let otel = Otel::builder().build()?;
//! let plugins = otel.plugins();
//! // durable::run(handler).plugins(plugins).await
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "otlp-http"))] fn main() {}
//! ```
//!
//! # Spans
//! | span | name | parent |
//! |---|---|---|
//! | root | `DurableExecutionRoot`, without duration | none |
//! | execution | `Workflow` | the caller's span, or the root |
//! | invocation | `Invocation` | the caller's span, or the root |
//! | operation | its name, or its type if it has none | depends on the [view](View) |
//! | attempt of a step or condition | `<operation> attempt <n>` | its operation |
//!
//! The span of the execution is exported by the invocation with which it ends, so it is missing while the execution is
//! running, and if it is stopped or times out. The root is exported by the first invocation, if no caller's span is known.
//!
//! Ids are derived from the ARN of the execution and the ids of operations, so that the invocations of an execution, which
//! know nothing of each other, contribute to one tree. The trace id is that of the trace header that the function
//! receives, or else derived as well. Whether an execution is traced is decided once per invocation: by the trace header,
//! by the span that is current when the invocation starts, or by the [ratio](OtelBuilder::sampling_ratio).
//!
//! Chained invokes pass on a trace header with the span of the operation as the parent, so that the invoked execution
//! belongs to the same trace.
//!
//! # Export
//! Spans are collected in memory and exported at the end of each invocation, before its output is returned. A failed
//! export is reported as a `tracing` event of level WARN and affects nothing else.
//!
//! # Without a back end
//! [`EmfMetrics`] writes metrics as log lines from which CloudWatch extracts them, and [`ExecutionRecords`] writes one JSON
//! line per execution that ended. Both are plugins of their own.
//!
//! # Features
//! - `otlp-http`: exports over HTTP, without TLS, to `OTEL_EXPORTER_OTLP_ENDPOINT` (default `http://localhost:4318`).
//! - `otlp-grpc`: exports over gRPC.
//! - `metrics`: `OtlpMetrics`, which exports metrics of each invocation through an exporter of OpenTelemetry.
//! - `tracing`: `Otel::layer`, which attaches `tracing` spans of the code and of libraries to the attempts in which they
//!   occur.

mod attributes;
mod buffer;
mod builder;
mod caller;
mod convert;
mod error;
mod exporter;
mod invocation_trace;
#[cfg(feature = "tracing")]
mod layer;
mod lines;
#[cfg(feature = "tracing")]
mod location;
mod metrics;
mod open_operation;
mod otel;
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
mod otlp;
mod plugin;
mod record;
mod resource;
mod shared;
mod span_draft;
mod view;

pub use builder::OtelBuilder;
pub use error::BuildError;
#[cfg(feature = "tracing")]
pub use layer::DurableTracer;
pub use metrics::EmfMetrics;
#[cfg(feature = "metrics")]
pub use metrics::OtlpMetrics;
pub use otel::Otel;
pub use plugin::OtelPlugin;
pub use record::ExecutionRecords;
pub use view::View;
