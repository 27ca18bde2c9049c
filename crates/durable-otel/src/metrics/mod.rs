//! What an invocation measured, and the formats in which it is reported.

#[cfg(feature = "metrics")]
mod any_metric_exporter;
mod emf;
mod invocation_metrics;
mod metrics_plugin;
#[cfg(feature = "metrics")]
mod otlp_metrics;

#[cfg(all(feature = "metrics", any(feature = "otlp-http", feature = "otlp-grpc")))]
pub(crate) use any_metric_exporter::AnyMetricExporter;
pub use emf::EmfMetrics;
#[cfg(feature = "metrics")]
pub use otlp_metrics::OtlpMetrics;
