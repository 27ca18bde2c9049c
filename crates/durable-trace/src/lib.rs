//! Ids and headers of the traces of durable executions.
//!
//! An execution is one trace to which its invocations, its service and its callers contribute, without knowing each other's
//! spans. So all ids are [derived](ids) from what each of them knows: the ARN of the execution, the ids of its operations
//! and the ids of requests. A [`TraceContext`] is the place of an execution in a trace, which the trace header of its start
//! may determine.
//!
//! The crate is shared by the OpenTelemetry plugin of the SDK and by the service. It depends on no OpenTelemetry crate.

pub mod attribute;
pub mod ids;
mod remote_parent;
mod span_id;
mod trace_context;
mod trace_id;

pub use remote_parent::{RemoteParent, x_ray_header};
pub use span_id::SpanId;
pub use trace_context::TraceContext;
pub use trace_id::TraceId;
