//! Metrics as log lines in the embedded metric format of CloudWatch.

use std::io::Write;
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::plugin::{InvocationEnd, InvocationStatus, Plugins};
use serde_json::{Map, Value, json};

use super::invocation_metrics::InvocationMetrics;
use super::metrics_plugin::{MetricsPlugin, MetricsSink};
use crate::lines::Lines;

/// The number of values that a metric may have in one line.
const MAX_VALUES: usize = 100;
const NAMESPACE: &str = "DurableFunctions";

/// Metrics of each invocation as a log line in the [embedded metric format], from which CloudWatch extracts them.
///
/// All metrics have the dimension `FunctionName`. A metric of which an invocation has no value is missing from its line.
///
/// | metric | unit | meaning |
/// |---|---|---|
/// | `ExecutionsSucceeded`, `ExecutionsFailed` | count | 1 if the execution ended that way with this invocation |
/// | `ExecutionDuration` | milliseconds | from the start of the execution to its end |
/// | `InvocationsPending`, `InvocationsRetrying` | count | 1 if the invocation ended that way |
/// | `InvocationDuration` | milliseconds | from the start of the handler to its end |
/// | `OperationsReplayed` | count | operations that had ended before the invocation |
/// | `OperationsEnded`, `OperationsFailed` | count | operations that ended in the invocation, and those of them that failed |
/// | `OperationDuration` | milliseconds | of each operation that ended, with the time that it waited |
/// | `AttemptDuration` | milliseconds | of each attempt of a step or condition |
/// | `AttemptsFailed`, `Retries` | count | attempts that failed, and attempts after the first |
/// | `CheckpointLatency`, `CheckpointSize` | milliseconds, bytes | of each checkpoint |
/// | `CheckpointsFailed` | count | checkpoints that failed for good |
/// | `ResultSize` | bytes | of each result that an operation recorded |
///
/// A line has at most 100 values of a metric, as CloudWatch demands; an invocation with more has several lines.
///
/// ```no_run
/// use durable_otel::EmfMetrics;
///
/// let plugins = EmfMetrics::to(std::io::stdout()).plugins();
/// // durable::run(handler).plugins(plugins).await
/// ```
///
/// [embedded metric format]: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
#[derive(Clone, Debug)]
pub struct EmfMetrics {
    lines: Lines,
    namespace: String,
}

impl EmfMetrics {
    /// Creates metrics that are written to this writer, such as the standard output, from which Lambda collects log lines.
    pub fn to(writer: impl Write + Send + 'static) -> Self {
        Self { lines: Lines::to(writer), namespace: NAMESPACE.to_owned() }
    }

    /// Sets the namespace of the metrics; defaults to `DurableFunctions`.
    #[must_use]
    pub fn namespace(self, namespace: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), ..self }
    }

    /// Returns the plugins to register with an entry point or a test runner.
    pub fn plugins(&self) -> Plugins {
        let metrics = self.clone();
        Plugins::default().with(move |invocation| MetricsPlugin::new(metrics.clone(), invocation))
    }
}

impl MetricsSink for EmfMetrics {
    async fn report(&self, end: &InvocationEnd<'_>, metrics: InvocationMetrics) -> Result<(), BoxError> {
        let context = end.invocation.lambda_context;
        let function_name = context.function_name.as_deref().unwrap_or("unknown");
        let head = json!({
            "FunctionName": function_name,
            "executionArn": end.invocation.execution_arn,
            "requestId": context.request_id,
        });
        let mut values = values(&metrics);
        loop {
            let (now, later) = split(values);
            let line = self.line(&head, now, end.invocation.timestamp.as_millis());
            self.lines.write(&line)?;
            if later.is_empty() {
                return Ok(());
            }
            values = later;
        }
    }
}

impl EmfMetrics {
    fn line(&self, head: &Value, values: Vec<Metric>, at: i64) -> Value {
        let names: Vec<Value> =
            values.iter().map(|metric| json!({ "Name": metric.name, "Unit": metric.unit })).collect();
        let mut line = Map::new();
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": at,
                "CloudWatchMetrics": [{
                    "Namespace": self.namespace,
                    "Dimensions": [["FunctionName"]],
                    "Metrics": names,
                }],
            }),
        );
        line.extend(head.as_object().cloned().unwrap_or_default());
        line.extend(values.into_iter().map(|metric| (metric.name.to_owned(), metric.values.into())));
        Value::Object(line)
    }
}

/// The values of one metric.
struct Metric {
    name: &'static str,
    unit: &'static str,
    values: Vec<Value>,
}

impl Metric {
    fn count(name: &'static str, count: usize) -> Self {
        Self { name, unit: "Count", values: vec![count.into()] }
    }

    fn durations(name: &'static str, durations: impl IntoIterator<Item = Duration>) -> Self {
        let millis = durations.into_iter().map(|duration| (duration.as_secs_f64() * 1_000.0).into());
        Self { name, unit: "Milliseconds", values: millis.collect() }
    }

    fn bytes(name: &'static str, bytes: &[usize]) -> Self {
        Self { name, unit: "Bytes", values: bytes.iter().map(|bytes| Value::from(*bytes)).collect() }
    }
}

fn values(metrics: &InvocationMetrics) -> Vec<Metric> {
    let ended_as = |status| usize::from(metrics.status == Some(status));
    let all = [
        Metric::count("ExecutionsSucceeded", ended_as(InvocationStatus::Succeeded)),
        Metric::count("ExecutionsFailed", ended_as(InvocationStatus::Failed)),
        Metric::durations("ExecutionDuration", metrics.execution_duration),
        Metric::count("InvocationsPending", ended_as(InvocationStatus::Pending)),
        Metric::count("InvocationsRetrying", ended_as(InvocationStatus::Retrying)),
        Metric::durations("InvocationDuration", [metrics.duration]),
        Metric::count("OperationsReplayed", metrics.replayed_operations),
        Metric::count("OperationsEnded", metrics.operations_ended),
        Metric::count("OperationsFailed", metrics.operations_failed),
        Metric::durations("OperationDuration", metrics.operation_durations.iter().copied()),
        Metric::durations("AttemptDuration", metrics.attempt_durations.iter().copied()),
        Metric::count("AttemptsFailed", metrics.attempts_failed),
        Metric::count("Retries", metrics.retries),
        Metric::durations("CheckpointLatency", metrics.checkpoint_latencies.iter().copied()),
        Metric::bytes("CheckpointSize", &metrics.checkpoint_bytes),
        Metric::count("CheckpointsFailed", metrics.checkpoints_failed),
        Metric::bytes("ResultSize", &metrics.payload_bytes),
    ];
    all.into_iter().filter(|metric| !metric.values.is_empty()).collect()
}

/// Splits off the values that do not fit into one line.
fn split(metrics: Vec<Metric>) -> (Vec<Metric>, Vec<Metric>) {
    let (mut now, mut later) = (Vec::with_capacity(metrics.len()), Vec::new());
    for mut metric in metrics {
        if metric.values.len() > MAX_VALUES {
            let rest = metric.values.split_off(MAX_VALUES);
            later.push(Metric { name: metric.name, unit: metric.unit, values: rest });
        }
        now.push(metric);
    }
    (now, later)
}
