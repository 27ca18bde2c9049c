//! Metrics over OpenTelemetry.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use durable_core::error::BoxError;
use durable_core::plugin::{InvocationEnd, Plugins};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{InstrumentKind, ManualReader, Pipeline, SdkMeterProvider, Temporality};

use super::any_metric_exporter::AnyMetricExporter;
use super::invocation_metrics::InvocationMetrics;
use super::metrics_plugin::{MetricsPlugin, MetricsSink};
#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
use crate::error::BuildError;
use crate::resource::resource;

/// Metrics of each invocation through an exporter of OpenTelemetry; cheap to clone.
///
/// | metric | kind, unit | attributes | meaning |
/// |---|---|---|---|
/// | `durable.executions` | counter | `durable.execution.status` | executions that ended with an invocation |
/// | `durable.execution.duration` | histogram, s | `durable.execution.status` | from the start of the execution to its end |
/// | `durable.invocations` | counter | `durable.invocation.status` | invocations that ended |
/// | `durable.invocation.duration` | histogram, s | `durable.invocation.status` | from the start of the handler to its end |
/// | `durable.operations` | counter | `durable.operation.outcome`: `succeeded` or `failed` | operations that ended |
/// | `durable.operation.duration` | histogram, s | | of operations that ended, with the time that they waited |
/// | `durable.operations.replayed` | counter | | operations that had ended before an invocation |
/// | `durable.attempt.duration` | histogram, s | | of attempts of steps and conditions |
/// | `durable.attempts.failed`, `durable.retries` | counter | | attempts that failed, and attempts after the first |
/// | `durable.checkpoint.duration` | histogram, s | | of checkpoints |
/// | `durable.checkpoint.size` | histogram, By | | of checkpoints |
/// | `durable.checkpoints.failed` | counter | | checkpoints that failed for good |
/// | `durable.operation.result.size` | histogram, By | | of results that operations recorded |
///
/// Metrics are exported at the end of each invocation, before its output is returned. The exporter should use delta
/// temporality: each sandbox reports for itself, and may never be used again.
///
/// ```no_run
/// # #[cfg(feature = "otlp-http")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use durable_otel::OtlpMetrics;
///
/// let plugins = OtlpMetrics::from_env()?.plugins();
/// // durable::run(handler).plugins(plugins).await
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "otlp-http"))] fn main() {}
/// ```
#[derive(Clone)]
pub struct OtlpMetrics(Arc<Shared>);

struct Shared {
    exporter: Box<dyn AnyMetricExporter>,
    reader: SharedReader,
    instruments: Instruments,
    /// Owns the pipeline from which the reader collects.
    _provider: SdkMeterProvider,
}

impl OtlpMetrics {
    /// Creates metrics for the OTLP endpoint that the environment variables `OTEL_EXPORTER_OTLP_*` configure.
    ///
    /// # Errors
    /// Returns an error if the exporter cannot be created.
    #[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
    pub fn from_env() -> Result<Self, BuildError> {
        Ok(Self::new(crate::otlp::metric_exporter()?))
    }

    /// Creates metrics for an exporter.
    ///
    /// The attribute `service.name` is that of [`OtelBuilder::service_name`](crate::OtelBuilder::service_name) by default.
    pub fn to(exporter: impl PushMetricExporter) -> Self {
        Self::new(Box::new(exporter))
    }

    fn new(exporter: Box<dyn AnyMetricExporter>) -> Self {
        let reader = ManualReader::builder().with_temporality(exporter.temporality()).build();
        let reader = SharedReader(Arc::new(reader));
        let resource = resource(None, |name| std::env::var(name).ok());
        let provider =
            SdkMeterProvider::builder().with_resource(resource).with_reader(reader.clone()).build();
        let instruments = Instruments::new(&provider.meter(env!("CARGO_PKG_NAME")));
        Self(Arc::new(Shared { exporter, reader, instruments, _provider: provider }))
    }

    /// Returns the plugins to register with an entry point or a test runner.
    pub fn plugins(&self) -> Plugins {
        let metrics = self.clone();
        Plugins::default().with(move |invocation| MetricsPlugin::new(metrics.clone(), invocation))
    }
}

impl fmt::Debug for OtlpMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OtlpMetrics")
    }
}

impl MetricsSink for OtlpMetrics {
    async fn report(&self, end: &InvocationEnd<'_>, metrics: InvocationMetrics) -> Result<(), BoxError> {
        let Shared { exporter, reader, instruments, .. } = &*self.0;
        instruments.record(end, &metrics);
        let mut collected = ResourceMetrics::default();
        reader.collect(&mut collected)?;
        Ok(exporter.export(&collected).await?)
    }
}

struct Instruments {
    executions: Counter<u64>,
    execution_duration: Histogram<f64>,
    invocations: Counter<u64>,
    invocation_duration: Histogram<f64>,
    operations: Counter<u64>,
    operation_duration: Histogram<f64>,
    operations_replayed: Counter<u64>,
    attempt_duration: Histogram<f64>,
    attempts_failed: Counter<u64>,
    retries: Counter<u64>,
    checkpoint_duration: Histogram<f64>,
    checkpoint_size: Histogram<u64>,
    checkpoints_failed: Counter<u64>,
    result_size: Histogram<u64>,
}

impl Instruments {
    fn new(meter: &Meter) -> Self {
        let seconds = |name: &'static str| meter.f64_histogram(name).with_unit("s").build();
        let bytes = |name: &'static str| meter.u64_histogram(name).with_unit("By").build();
        let count = |name: &'static str| meter.u64_counter(name).build();
        Self {
            executions: count("durable.executions"),
            execution_duration: seconds("durable.execution.duration"),
            invocations: count("durable.invocations"),
            invocation_duration: seconds("durable.invocation.duration"),
            operations: count("durable.operations"),
            operation_duration: seconds("durable.operation.duration"),
            operations_replayed: count("durable.operations.replayed"),
            attempt_duration: seconds("durable.attempt.duration"),
            attempts_failed: count("durable.attempts.failed"),
            retries: count("durable.retries"),
            checkpoint_duration: seconds("durable.checkpoint.duration"),
            checkpoint_size: bytes("durable.checkpoint.size"),
            checkpoints_failed: count("durable.checkpoints.failed"),
            result_size: bytes("durable.operation.result.size"),
        }
    }

    fn record(&self, end: &InvocationEnd<'_>, metrics: &InvocationMetrics) {
        let status = end.status.as_str();
        let of_invocation = [KeyValue::new("durable.invocation.status", status)];
        self.invocations.add(1, &of_invocation);
        self.invocation_duration.record(metrics.duration.as_secs_f64(), &of_invocation);
        if let Some(duration) = metrics.execution_duration {
            let of_execution = [KeyValue::new("durable.execution.status", status)];
            self.executions.add(1, &of_execution);
            self.execution_duration.record(duration.as_secs_f64(), &of_execution);
        }
        let succeeded = metrics.operations_ended.saturating_sub(metrics.operations_failed);
        for (outcome, number) in [("succeeded", succeeded), ("failed", metrics.operations_failed)] {
            if number > 0 {
                self.operations.add(count(number), &[KeyValue::new("durable.operation.outcome", outcome)]);
            }
        }
        self.operations_replayed.add(count(metrics.replayed_operations), &[]);
        self.attempts_failed.add(count(metrics.attempts_failed), &[]);
        self.retries.add(count(metrics.retries), &[]);
        self.checkpoints_failed.add(count(metrics.checkpoints_failed), &[]);
        record_all(&self.operation_duration, &metrics.operation_durations, Duration::as_secs_f64);
        record_all(&self.attempt_duration, &metrics.attempt_durations, Duration::as_secs_f64);
        record_all(&self.checkpoint_duration, &metrics.checkpoint_latencies, Duration::as_secs_f64);
        record_all(&self.checkpoint_size, &metrics.checkpoint_bytes, |bytes| count(*bytes));
        record_all(&self.result_size, &metrics.payload_bytes, |bytes| count(*bytes));
    }
}

fn record_all<V, T>(histogram: &Histogram<T>, values: &[V], value: impl Fn(&V) -> T) {
    values.iter().for_each(|measured| histogram.record(value(measured), &[]));
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The reader of the provider, from which metrics are collected at the end of each invocation.
#[derive(Clone, Debug)]
struct SharedReader(Arc<ManualReader>);

impl MetricReader for SharedReader {
    fn register_pipeline(&self, pipeline: Weak<Pipeline>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}
