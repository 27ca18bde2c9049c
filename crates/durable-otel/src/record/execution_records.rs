//! A JSON line for each execution that ended.

use std::io::Write;

use durable_core::error::BoxError;
use durable_core::plugin::{InvocationEnd, InvocationInfo, Plugin, Plugins};
use durable_trace::ids;
use opentelemetry::trace::SpanKind;
use opentelemetry_sdk::trace::{Sampler, SamplingDecision, ShouldSample};
use serde_json::{Map, Value, json};

use super::operation_tree::operation_tree;
use crate::convert;
use crate::lines::Lines;

/// CloudWatch accepts log lines of up to 1 MiB; a quarter of it leaves room for everything around the record.
const MAX_BYTES: usize = 256 * 1024;

/// A record of each execution that ended, as one JSON line, for users without a tracing back end.
///
/// The line is an object with the member `executionRecord`: `executionArn`, `functionName`, `functionVersion`, `requestId`
/// of the last invocation, `status`, `startTimestamp`, `endTimestamp`, `durationMs`, `error`, and `operations`, a tree of
/// objects with `id`, `name`, `type`, `subType`, `status`, `startTimestamp`, `endTimestamp`, `attempts`, `error` and
/// `operations`. An operation of a step or condition that was retried has the number of its attempts and the error of the
/// last one that failed. Members without a value are missing.
///
/// An execution that is stopped or times out has no record, because no invocation learns of its end.
///
/// ```no_run
/// use durable_otel::ExecutionRecords;
///
/// let plugins = ExecutionRecords::to(std::io::stdout()).payloads(true).sampling_ratio(0.1).plugins();
/// // durable::run(handler).plugins(plugins).await
/// ```
#[derive(Clone, Debug)]
pub struct ExecutionRecords {
    lines: Lines,
    has_payloads: bool,
    sampling_ratio: f64,
    max_bytes: usize,
}

impl ExecutionRecords {
    /// Creates records that are written to this writer.
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        Self { lines: Lines::to(writer), has_payloads: false, sampling_ratio: 1.0, max_bytes: MAX_BYTES }
    }

    /// Sets whether records contain `input` and `result`, as JSON; defaults to false, because they may be confidential.
    #[must_use]
    pub fn payloads(self, has_payloads: bool) -> Self {
        Self { has_payloads, ..self }
    }

    /// Sets which part of the executions is recorded, from 0 to 1; defaults to 1. Values outside of it count as 0 or 1.
    #[must_use]
    pub fn sampling_ratio(self, ratio: f64) -> Self {
        Self { sampling_ratio: ratio, ..self }
    }

    /// Sets the maximum size of a line in bytes, approximately; defaults to 256 KiB.
    ///
    /// The last operations that do not fit are omitted, and `omittedOperations` says how many. A payload that does not fit
    /// into a quarter of it is omitted as well, and `inputBytes` or `resultBytes` says how large it is.
    #[must_use]
    pub fn max_bytes(self, max_bytes: usize) -> Self {
        Self { max_bytes, ..self }
    }

    /// Returns the plugins to register with an entry point or a test runner.
    pub fn plugins(&self) -> Plugins {
        let records = self.clone();
        Plugins::default().with(move |_: &InvocationInfo<'_>| Recorder(records.clone()))
    }

    /// The decision follows from the ARN, so that it is that of a trace of the same execution.
    fn is_sampled(&self, invocation: &InvocationInfo<'_>) -> bool {
        let start = invocation.execution_start_timestamp.unwrap_or(invocation.timestamp);
        let trace_id = convert::trace_id(ids::trace_id(invocation.execution_arn, start));
        let sampler = Sampler::TraceIdRatioBased(self.sampling_ratio);
        let result = sampler.should_sample(None, trace_id, "", &SpanKind::Internal, &[], &[]);
        result.decision == SamplingDecision::RecordAndSample
    }

    fn record(&self, end: &InvocationEnd<'_>) -> Value {
        let invocation = end.invocation;
        let context = invocation.lambda_context;
        let start = invocation.execution_start_timestamp.unwrap_or(invocation.timestamp);
        let duration = invocation.timestamp.saturating_since(start).as_millis();
        let mut record = Map::new();
        let mut set = |key: &str, value: Option<Value>| {
            record.extend(value.map(|value| (key.to_owned(), value)));
        };
        set("executionArn", Some(invocation.execution_arn.into()));
        set("functionName", context.function_name.as_deref().map(Value::from));
        set("functionVersion", context.function_version.as_deref().map(Value::from));
        set("requestId", Some(context.request_id.as_str().into()));
        set("status", Some(end.status.as_str().into()));
        set("startTimestamp", Some(start.to_string().into()));
        set("endTimestamp", Some(invocation.timestamp.to_string().into()));
        set("durationMs", u64::try_from(duration).ok().map(Value::from));
        set("error", end.error.map(|error| json!(error)));
        let mut room = self.max_bytes;
        for (name, size, payload) in
            [("input", "inputBytes", invocation.input), ("result", "resultBytes", end.result)]
        {
            let Some(payload) = payload.filter(|_| self.has_payloads) else { continue };
            if payload.len() > self.max_bytes / 4 {
                set(size, Some(payload.len().into()));
                continue;
            }
            room = room.saturating_sub(payload.len());
            // What is not JSON is recorded as text.
            set(name, Some(serde_json::from_str(payload).unwrap_or_else(|_| payload.into())));
        }
        let (operations, omitted) = operation_tree(invocation.operations, room);
        set("operations", Some(operations.into()));
        set("omittedOperations", (omitted > 0).then(|| omitted.into()));
        json!({ "executionRecord": record })
    }
}

/// The plugin of one invocation.
struct Recorder(ExecutionRecords);

impl Plugin for Recorder {
    async fn invocation_ended(&self, end: &InvocationEnd<'_>) -> Result<(), BoxError> {
        if end.status.is_terminal() && self.0.is_sampled(&end.invocation) {
            self.0.lines.write(&self.0.record(end))?;
        }
        Ok(())
    }
}
