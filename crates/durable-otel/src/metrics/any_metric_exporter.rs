//! Exporters of metrics of any type.

use std::pin::Pin;

use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::Temporality;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;

/// A [`PushMetricExporter`] of any type.
pub(crate) trait AnyMetricExporter: Send + Sync {
    fn export<'a>(
        &'a self,
        metrics: &'a ResourceMetrics,
    ) -> Pin<Box<dyn Future<Output = OTelSdkResult> + Send + 'a>>;

    fn temporality(&self) -> Temporality;
}

impl<E: PushMetricExporter> AnyMetricExporter for E {
    fn export<'a>(
        &'a self,
        metrics: &'a ResourceMetrics,
    ) -> Pin<Box<dyn Future<Output = OTelSdkResult> + Send + 'a>> {
        Box::pin(PushMetricExporter::export(self, metrics))
    }

    fn temporality(&self) -> Temporality {
        PushMetricExporter::temporality(self)
    }
}
