//! Takes the payload of an invocation past the runtime's own parser.
//!
//! The runtime parses the payload before it calls the handler, in a way that copies it or parses it slower, and
//! answers errors that do not say what a durable function needs. So the payload is set aside and the runtime parses
//! `null` instead.

use std::cell::Cell;
use std::task::{Context, Poll};

use bytes::Bytes;
use durable_types::InvocationInput;
use lambda_runtime::LambdaInvocation;
use lambda_runtime::tower::{Layer, Service};

use crate::diagnostic::InvalidInvocation;
use crate::json;

thread_local! {
    /// The payload between the layer and the handler, which the runtime calls from it without a break.
    static PAYLOAD: Cell<Option<Bytes>> = const { Cell::new(None) };
}

/// Sets the payload of each invocation aside, for [`take_input`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct SetAside;

/// The service under [`SetAside`].
#[derive(Clone, Debug)]
pub(crate) struct WithoutPayload<S> {
    inner: S,
}

/// The input of the invocation that is being handled, parsed straight from its payload.
pub(crate) fn take_input() -> Result<InvocationInput, InvalidInvocation> {
    let payload = PAYLOAD.take().unwrap_or_default();
    parse(&payload)
}

fn parse(payload: &[u8]) -> Result<InvocationInput, InvalidInvocation> {
    json::parse(payload).map_err(|error| InvalidInvocation::of(payload, &error))
}

impl<S> Layer<S> for SetAside {
    type Service = WithoutPayload<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WithoutPayload { inner }
    }
}

impl<S: Service<LambdaInvocation>> Service<LambdaInvocation> for WithoutPayload<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut invocation: LambdaInvocation) -> Self::Future {
        let payload = std::mem::replace(&mut invocation.body, Bytes::from_static(b"null"));
        PAYLOAD.set(Some(payload));
        self.inner.call(invocation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(payload: &str) -> String {
        parse(payload.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn the_envelope_of_a_durable_invocation_is_read() {
        let payload = br#"{"DurableExecutionArn":"arn","CheckpointToken":"token",
            "InitialExecutionState":{"Operations":[],"NextMarker":""}}"#;

        let input = parse(payload).unwrap();

        assert_eq!(input.durable_execution_arn, "arn");
    }

    #[test]
    fn an_ordinary_event_is_answered_with_what_is_missing_and_what_to_do() {
        let error = error(r#"{"id": "order-1"}"#);

        assert!(error.contains("missing field `DurableExecutionArn`"), "{error}");
        assert!(error.contains("DurableConfig"), "{error}");
        assert!(error.contains("qualified"), "{error}");
    }

    #[test]
    fn a_member_deep_inside_is_named_by_its_path() {
        let error = error(
            r#"{"DurableExecutionArn":"arn","CheckpointToken":"token","InitialExecutionState":{"Operations":[
                {"Id":"1","Type":"STEP","Status":"STARTED"},{"Id":"2","Type":"STEP"}]}}"#,
        );

        assert!(error.contains("`InitialExecutionState.Operations[1]`"), "{error}");
        assert!(error.contains("missing field `Status`"), "{error}");
    }

    #[test]
    fn what_is_not_json_at_all_is_said_to_be_so() {
        assert!(error("order-1").contains("expected value"));
        assert!(error("").contains("EOF"));
        assert!(error("\"order-1\"").contains("invalid type"));
    }

    #[test]
    fn the_values_of_a_malformed_envelope_are_not_repeated() {
        let error =
            error(r#"{"DurableExecutionArn":"arn","CheckpointToken":"t","InitialExecutionState":"secret"}"#);

        assert!(!error.contains("secret"), "{error}");
        assert!(error.contains("`InitialExecutionState`"), "{error}");
    }
}
