//! What an invocation measured, and the formats in which it is reported.

mod emf;
mod invocation_metrics;
mod metrics_plugin;
#[cfg(feature = "metrics")]
mod otlp_metrics;

pub use emf::EmfMetrics;
#[cfg(all(feature = "metrics", any(feature = "otlp-http", feature = "otlp-grpc")))]
pub(crate) use otlp_metrics::AnyMetricExporter;
#[cfg(feature = "metrics")]
pub use otlp_metrics::OtlpMetrics;
