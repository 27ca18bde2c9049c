//! Keeps the spans that are exported in this process.

use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

use super::otlp::spans;
use super::span::Span;

/// Keeps spans as a collector would receive them. Clones keep them in the same place.
#[derive(Clone, Debug, Default)]
pub(crate) struct InMemoryExporter {
    kept: Arc<Mutex<Vec<Span>>>,
    resource: Arc<ResourceAttributesWithSchema>,
}

impl InMemoryExporter {
    /// All spans that were exported.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl SpanExporter for InMemoryExporter {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        let exported = spans(group_spans_by_resource_and_scope(batch, &self.resource));
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).extend(exported);
        std::future::ready(Ok(()))
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = Arc::new(resource.into());
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Tracer, TracerProvider};
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;

    #[test]
    fn spans_are_kept_with_the_name_of_their_service() {
        let exporter = InMemoryExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_resource(Resource::builder_empty().with_service_name("suite").build())
            .with_simple_exporter(exporter.clone())
            .build();

        provider.tracer("test").in_span("charge", |_| ());

        let spans = exporter.spans();
        assert_eq!(spans.len(), 1);
        assert_eq!(
            (spans[0].name.as_str(), spans[0].service_name.as_deref(), spans[0].kind.as_str()),
            ("charge", Some("suite"), "INTERNAL")
        );
        assert!(spans[0].parent_span_id.is_none());
    }
}
