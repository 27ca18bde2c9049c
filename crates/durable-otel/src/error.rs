//! Errors of setting up OpenTelemetry.

use durable_core::error::BoxError;

/// An error of setting up OpenTelemetry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no exporter, and no feature that provides one is enabled.
    #[error(
        "there is nothing to export spans to; set an exporter, or enable the feature `otlp-http` or `otlp-grpc` of durable-otel"
    )]
    NoExporter,
    /// The sampling ratio is not between 0 and 1.
    #[error("the sampling ratio is {0}, but must be a number from 0 to 1")]
    SamplingRatio(String),
    /// The exporter cannot be created from the environment variables.
    #[error("the OTLP exporter cannot be created from the environment variables `OTEL_EXPORTER_OTLP_*`")]
    Exporter(#[source] BoxError),
}
