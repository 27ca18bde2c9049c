//! The exporters that the environment variables of OTLP configure.

#[cfg(feature = "metrics")]
use opentelemetry_otlp::MetricExporter;
use opentelemetry_otlp::SpanExporter;
#[cfg(feature = "metrics")]
use opentelemetry_sdk::metrics::Temporality;

use crate::error::BuildError;
use crate::exporter::AnyExporter;
#[cfg(feature = "metrics")]
use crate::metrics::AnyMetricExporter;

/// Creates the exporter. With both features, the variables decide about the protocol.
pub(crate) fn exporter() -> Result<Box<dyn AnyExporter>, BuildError> {
    #[cfg(feature = "otlp-grpc")]
    if is_grpc() {
        let exporter = SpanExporter::builder().with_tonic().build();
        return Ok(Box::new(exporter.map_err(|error| BuildError::Exporter(error.into()))?));
    }
    #[cfg(feature = "otlp-http")]
    {
        let exporter = SpanExporter::builder().with_http().build();
        Ok(Box::new(exporter.map_err(|error| BuildError::Exporter(error.into()))?))
    }
    #[cfg(not(feature = "otlp-http"))]
    Err(BuildError::NoExporter)
}

/// Creates the exporter of metrics, with delta temporality.
#[cfg(feature = "metrics")]
pub(crate) fn metric_exporter() -> Result<Box<dyn AnyMetricExporter>, BuildError> {
    let builder = MetricExporter::builder().with_temporality(Temporality::Delta);
    #[cfg(feature = "otlp-grpc")]
    if is_grpc() {
        let exporter = builder.with_tonic().build();
        return Ok(Box::new(exporter.map_err(|error| BuildError::Exporter(error.into()))?));
    }
    #[cfg(feature = "otlp-http")]
    {
        let exporter = builder.with_http().build();
        Ok(Box::new(exporter.map_err(|error| BuildError::Exporter(error.into()))?))
    }
    #[cfg(not(feature = "otlp-http"))]
    Err(BuildError::NoExporter)
}

/// Whether the protocol is gRPC: by the variables, or because nothing else is enabled.
#[cfg(feature = "otlp-grpc")]
fn is_grpc() -> bool {
    let variables = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
    let protocol = variables.into_iter().find_map(|name| std::env::var(name).ok());
    match protocol.as_deref() {
        Some(protocol) => protocol == "grpc",
        None => cfg!(not(feature = "otlp-http")),
    }
}
