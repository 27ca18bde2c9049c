//! The caller's span, as an invocation names it.

use durable_core::lambda::LambdaContext;
use durable_trace::RemoteParent;

/// Reads the trace header of an invocation: that of X-Ray, or a W3C `traceparent` in its place or among the custom values
/// of the client context.
pub(crate) fn caller(context: &LambdaContext) -> RemoteParent {
    let client = context.client_context.as_ref();
    let traceparent = client.and_then(|client| client.custom.get("traceparent"));
    RemoteParent::of(context.trace_header.as_deref(), traceparent.map(String::as_str))
}
