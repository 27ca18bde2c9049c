//! The trace headers that invocations and calls receive if traces are propagated.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use durable_trace::{RemoteParent, TraceContext};
use serde::Deserialize;

use crate::execution::Execution;
use crate::function_call::FunctionCall;
use crate::headers::InvocationHeaders;
use crate::settings::Settings;

impl InvocationHeaders {
    /// Returns the span of the caller: from the trace header, or else from a W3C `traceparent` among the custom values of
    /// the client context.
    pub fn caller_span(&self) -> RemoteParent {
        let traceparent = self.client_context.as_deref().and_then(traceparent);
        RemoteParent::of(self.trace_header.as_deref(), traceparent.as_deref())
    }

    fn has_complete_trace_header(&self) -> bool {
        let header = self.trace_header.as_deref().map(RemoteParent::parse);
        header.is_some_and(|header| header.complete().is_some())
    }
}

impl Execution {
    /// Returns the place of the execution in a trace, which the headers of its start may determine.
    pub fn trace_context(&self) -> TraceContext {
        TraceContext::new(self.arn().as_str(), self.start_timestamp(), self.headers().caller_span())
    }

    /// Returns the headers of its invocations. If traces are propagated, they include a complete trace header.
    ///
    /// It is not recorded: it follows from the ARN, the start time and the headers of the start.
    pub(crate) fn invocation_headers(&self, settings: &Settings) -> InvocationHeaders {
        let mut headers = self.headers().clone();
        if settings.propagate_traces && !headers.has_complete_trace_header() {
            headers.trace_header = Some(self.trace_context().header());
        }
        headers
    }

    /// Adds a trace header to a call that it makes if traces are propagated and the function has not set one. The spans of
    /// what it calls belong to that of the operation.
    pub(crate) fn trace_call(&self, call: &mut FunctionCall, settings: &Settings) {
        if settings.propagate_traces && call.headers.trace_header.is_none() {
            let header = self.trace_context().header_for_call(self.arn().as_str(), &call.operation_id);
            call.headers.trace_header = Some(header);
        }
    }
}

/// The part of a client context that may contain a trace header.
#[derive(Deserialize)]
struct ClientContext {
    #[serde(default)]
    custom: HashMap<String, serde_json::Value>,
}

fn traceparent(client_context: &str) -> Option<String> {
    let json = STANDARD.decode(client_context).ok()?;
    let mut context: ClientContext = serde_json::from_slice(&json).ok()?;
    match context.custom.remove("traceparent")? {
        serde_json::Value::String(header) => Some(header),
        _ => None,
    }
}
