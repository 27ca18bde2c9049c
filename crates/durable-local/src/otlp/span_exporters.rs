//! The exporters of spans, one for each function.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use durable_timeline::trace::TraceSpan;
use opentelemetry::InstrumentationScope;
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter as OtlpExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::SpanExporter;

use super::endpoint::OtlpEndpoint;
use super::span_data::span_data;

/// The timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The exporters of spans, one for each function, because the function is the service in the sense of OpenTelemetry, which
/// belongs to the resource of an exporter.
#[derive(Debug)]
pub(super) struct SpanExporters {
    endpoint: OtlpEndpoint,
    scope: InstrumentationScope,
    by_function: HashMap<Arc<str>, OtlpExporter>,
}

impl SpanExporters {
    /// Creates the exporters.
    ///
    /// # Errors
    /// Returns an error if the environment variables `OTEL_EXPORTER_OTLP_*` are invalid.
    pub(super) fn new(endpoint: OtlpEndpoint) -> Result<Self, ExporterBuildError> {
        // Those of functions differ in their resource alone.
        exporter(&endpoint, "durable")?;
        let scope =
            InstrumentationScope::builder(env!("CARGO_PKG_NAME")).with_version(env!("CARGO_PKG_VERSION"));
        Ok(Self { endpoint, scope: scope.build(), by_function: HashMap::new() })
    }

    /// Exports spans of a function.
    pub(super) async fn export(&mut self, function_name: &Arc<str>, spans: Vec<TraceSpan>) -> OTelSdkResult {
        let spans = spans.into_iter().map(|span| span_data(span, &self.scope)).collect();
        if let Some(exporter) = self.by_function.get(function_name) {
            return exporter.export(spans).await;
        }
        let internal = |error: ExporterBuildError| {
            opentelemetry_sdk::error::OTelSdkError::InternalFailure(error.to_string())
        };
        let exporter = exporter(&self.endpoint, function_name).map_err(internal)?;
        self.by_function.entry(Arc::clone(function_name)).or_insert(exporter).export(spans).await
    }
}

fn exporter(endpoint: &OtlpEndpoint, service_name: &str) -> Result<OtlpExporter, ExporterBuildError> {
    let builder = OtlpExporter::builder().with_http().with_protocol(Protocol::HttpBinary);
    let mut exporter = builder.with_endpoint(endpoint.url()).with_timeout(TIMEOUT).build()?;
    exporter.set_resource(&Resource::builder().with_service_name(service_name.to_owned()).build());
    Ok(exporter)
}
