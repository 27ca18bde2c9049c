//! Metrics through an exporter of OpenTelemetry.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_otel::OtlpMetrics;
use durable_testing::TestRunner;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData, ResourceMetrics};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

/// What each export contained: the sum of a counter, or the number of values and the sum of a histogram.
type Export = BTreeMap<String, (u64, f64)>;

/// An exporter that keeps the values of metrics, without their attributes.
#[derive(Clone, Default)]
struct Exports(Arc<Mutex<Vec<Export>>>);

impl PushMetricExporter for Exports {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        tokio::task::yield_now().await;
        let mut export = Export::new();
        for metric in metrics.scope_metrics().flat_map(|scope| scope.metrics()) {
            export.insert(metric.name().to_owned(), total(metric.data()));
        }
        self.0.lock().unwrap().push(export);
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Delta
    }
}

fn total(data: &AggregatedMetrics) -> (u64, f64) {
    match data {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => {
            (sum.data_points().map(|point| point.value()).sum(), 0.0)
        }
        AggregatedMetrics::U64(MetricData::Histogram(values)) => {
            let points = || values.data_points();
            let sum: u64 = points().map(|point| point.sum()).sum();
            (points().map(|point| point.count()).sum(), f64::from(u32::try_from(sum).unwrap()))
        }
        AggregatedMetrics::F64(MetricData::Histogram(values)) => {
            let points = || values.data_points();
            (points().map(|point| point.count()).sum(), points().map(|point| point.sum()).sum())
        }
        other => panic!("no metric has data like {other:?}"),
    }
}

async fn handler(_: (), ctx: DurableContext) -> Result<u32> {
    ctx.step("reserve", async |_| Ok("x".repeat(10))).await?;
    ctx.wait("settle", Duration::from_secs(60)).await?;
    let charge = ctx.step("charge", async |step| match step.attempt() {
        1 => Err(Error::msg("busy")),
        _ => Ok(7),
    });
    charge.retry(RetryStrategy::fixed(Duration::from_secs(2))).await
}

#[tokio::test(start_paused = true)]
async fn each_invocation_exports_what_it_measured() {
    let exports = Exports::default();

    let plugins = OtlpMetrics::to(exports.clone()).plugins();
    TestRunner::new(handler).plugins(plugins).run(&()).await.unwrap();

    let exports = exports.0.lock().unwrap();
    assert_eq!(exports.len(), 3);
    let of =
        |name: &str| exports.iter().map(|export| export.get(name).map(|value| value.0)).collect::<Vec<_>>();
    assert_eq!(of("durable.invocations"), [Some(1), Some(1), Some(1)]);
    assert_eq!(of("durable.executions"), [None, None, Some(1)]);
    assert_eq!(of("durable.operations"), [Some(1), Some(1), Some(1)]);
    assert_eq!(of("durable.operations.replayed"), [Some(0), Some(2), Some(2)]);
    assert_eq!(of("durable.attempts.failed"), [Some(0), Some(1), Some(0)]);
    assert_eq!(of("durable.retries"), [Some(0), Some(0), Some(1)]);
    assert_eq!(of("durable.operation.result.size"), [Some(1), None, Some(1)]);
    assert_eq!(exports[0]["durable.operation.result.size"].1, 12.0);
    assert_eq!(exports[2]["durable.execution.duration"].1.round(), 62.0);
    assert!(exports[0]["durable.checkpoint.size"].1 > 12.0);
}
