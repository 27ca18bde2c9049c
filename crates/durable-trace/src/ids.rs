//! Ids of traces and spans, derived so that all who contribute to the trace of an execution arrive at the same ones.

use durable_types::Timestamp;
use sha2::{Digest, Sha256};

use crate::span_id::SpanId;
use crate::trace_id::TraceId;

/// Derives the trace id of an execution without a trace header: its start time in seconds, and a hash of its ARN.
///
/// ```
/// use durable_trace::ids::trace_id;
/// use durable_types::Timestamp;
///
/// let id = trace_id("arn", Timestamp::from_millis(1_764_000_000_999));
///
/// assert!(id.to_string().starts_with(&format!("{:08x}", 1_764_000_000)));
/// ```
pub fn trace_id(execution_arn: &str, start: Timestamp) -> TraceId {
    let mut id = [0; 16];
    let seconds = u32::try_from(start.as_millis() / 1_000).unwrap_or_default();
    let (time, hash) = id.split_at_mut(4);
    time.copy_from_slice(&seconds.to_be_bytes());
    hash.iter_mut().zip(digest(execution_arn)).for_each(|(to, from)| *to = from);
    TraceId::from_bytes(id)
}

/// Derives the id of the span of an execution.
pub fn workflow(execution_arn: &str) -> SpanId {
    span_id(&format!("workflow:{execution_arn}"))
}

/// Derives the id of the root of the trace of an execution that has no caller's span.
pub fn root(execution_arn: &str) -> SpanId {
    span_id(&format!("execution-root:{execution_arn}"))
}

/// Derives the id of the span of an invocation.
pub fn invocation(execution_arn: &str, request_id: &str) -> SpanId {
    span_id(&format!("invocation:{execution_arn}:{request_id}"))
}

/// Derives the id of the span of an operation, or of its first one.
pub fn operation(execution_arn: &str, operation_id: &str) -> SpanId {
    span_id(&format!("{execution_arn}:{operation_id}"))
}

/// Derives the id of the span of an operation in an invocation after the one that started it.
pub fn continuation(execution_arn: &str, operation_id: &str, request_id: &str) -> SpanId {
    span_id(&format!("{execution_arn}:{operation_id}:{request_id}"))
}

/// Derives the id of the span of an attempt. An attempt that an invocation did not finish runs again under the same number.
pub fn attempt(execution_arn: &str, operation_id: &str, number: u32, request_id: &str) -> SpanId {
    span_id(&format!("{execution_arn}:{operation_id}:attempt:{number}:{request_id}"))
}

fn span_id(text: &str) -> SpanId {
    let mut id = [0; 8];
    id.iter_mut().zip(digest(text)).for_each(|(to, from)| *to = from);
    SpanId::from_bytes(id)
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/e/1";

    #[test]
    fn a_trace_id_begins_with_the_start_time_in_seconds() {
        let id = trace_id(ARN, Timestamp::from_millis(1_764_000_000_999));

        assert_eq!(&id.to_string()[..8], format!("{:08x}", 1_764_000_000));
        assert_eq!(id, trace_id(ARN, Timestamp::from_millis(1_764_000_000_000)));
        assert_ne!(id, trace_id("another", Timestamp::from_millis(1_764_000_000_000)));
    }

    #[test]
    fn the_spans_of_an_execution_have_different_ids() {
        let ids = [
            workflow(ARN),
            root(ARN),
            invocation(ARN, "r"),
            operation(ARN, "o"),
            continuation(ARN, "o", "r"),
            attempt(ARN, "o", 1, "r"),
            attempt(ARN, "o", 2, "r"),
        ];

        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }
}
