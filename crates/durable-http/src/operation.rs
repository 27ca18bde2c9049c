//! An operation of the API, and the limits of its request bodies.

use axum::http::HeaderMap;
use durable_http_body::ByteBudget;
use durable_types::api::{INVOCATION_TYPE_HEADER, InvocationType};
use durable_types::limits::{MAX_EXECUTION_PAYLOAD_BYTES, MAX_OPERATION_PAYLOAD_BYTES};

/// The size limit of a body: the largest payload as JSON in JSON, and what surrounds it.
const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// The size limit of an import: all data of an execution as JSON in JSON, and its log.
const MAX_IMPORT_BYTES: usize = 512 * 1024 * 1024;

/// An operation of the API, and the kind of body that its requests have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    name: &'static str,
    body: BodyKind,
}

/// What a body is for, which determines its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyKind {
    Ordinary,
    /// Running executions depend on it, so uploads must not delay it.
    Progress,
    /// The payload of an invocation.
    Payload,
    /// The record of an execution.
    Import,
}

/// The limits of the body of one request.
#[derive(Clone, Debug)]
pub(super) struct BodyLimits {
    /// The operation, as errors name it.
    pub(super) operation: &'static str,
    /// The number of bytes up to which it is read.
    pub(super) max_bytes: usize,
    /// The limit in the error for a larger body.
    pub(super) stated_max_bytes: usize,
    /// The budget that holds its bytes.
    pub(super) budget: ByteBudget,
}

impl Operation {
    /// Invoke, under the name that Lambda uses in its errors.
    pub(super) const INVOKE: Self = Self { name: "InvokeFunction", body: BodyKind::Payload };
    /// Imports the record of an execution.
    pub(super) const IMPORT: Self = Self { name: "ImportDurableExecution", body: BodyKind::Import };

    /// Creates an operation with the limits of most.
    pub(super) const fn new(name: &'static str) -> Self {
        Self { name, body: BodyKind::Ordinary }
    }

    /// Creates an operation that running executions depend on. Its bodies may use the reserve of the budget.
    pub(super) const fn for_progress(name: &'static str) -> Self {
        Self { name, body: BodyKind::Progress }
    }

    /// Returns the name of the operation in errors.
    pub(super) const fn name(self) -> &'static str {
        self.name
    }

    /// Returns the limits of the body of a request with these headers.
    pub(super) fn body_limits(self, headers: &HeaderMap, bodies: &ByteBudget) -> BodyLimits {
        let budget = match self.body {
            BodyKind::Progress => bodies.with_reserve(),
            BodyKind::Ordinary | BodyKind::Payload | BodyKind::Import => bodies.clone(),
        };
        let largest = match self.body {
            BodyKind::Import => MAX_IMPORT_BYTES,
            BodyKind::Ordinary | BodyKind::Progress | BodyKind::Payload => MAX_BODY_BYTES,
        };
        // A body that exceeds the whole budget is too large even if it is the only one.
        let max_bytes = largest.min(budget.limit());
        let stated_max_bytes = match self.body {
            BodyKind::Payload => max_payload_bytes(headers).min(max_bytes),
            BodyKind::Ordinary | BodyKind::Progress | BodyKind::Import => max_bytes,
        };
        BodyLimits { operation: self.name, max_bytes, stated_max_bytes, budget }
    }
}

/// Returns the largest payload of Invoke in bytes: more if the caller waits for the result.
pub(super) fn max_payload_bytes(headers: &HeaderMap) -> usize {
    match headers.get(INVOCATION_TYPE_HEADER) {
        Some(word) if word == InvocationType::Event.as_str() => MAX_OPERATION_PAYLOAD_BYTES,
        Some(_) | None => MAX_EXECUTION_PAYLOAD_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: usize = 1024 * 1024;

    fn limits(operation: Operation, budget: &ByteBudget) -> (usize, usize) {
        let limits = operation.body_limits(&HeaderMap::new(), budget);
        (limits.max_bytes, limits.budget.limit())
    }

    #[test]
    fn operations_that_executions_depend_on_may_use_the_reserve() {
        let budget = ByteBudget::new(100 * MB, 10 * MB);

        assert_eq!(limits(Operation::new("Stop"), &budget), (MAX_BODY_BYTES, 100 * MB));
        assert_eq!(limits(Operation::for_progress("Checkpoint"), &budget), (MAX_BODY_BYTES, 110 * MB));
        assert_eq!(limits(Operation::IMPORT, &budget), (100 * MB, 100 * MB));
    }

    #[test]
    fn the_stated_limit_of_a_payload_depends_on_the_type_of_invocation() {
        let budget = ByteBudget::default();
        let event = [(INVOCATION_TYPE_HEADER.parse().unwrap(), "Event".parse().unwrap())];
        let stated = |headers: &HeaderMap| Operation::INVOKE.body_limits(headers, &budget).stated_max_bytes;

        assert_eq!(stated(&HeaderMap::from_iter(event)), MAX_OPERATION_PAYLOAD_BYTES);
        assert_eq!(stated(&HeaderMap::new()), MAX_EXECUTION_PAYLOAD_BYTES);
    }
}
