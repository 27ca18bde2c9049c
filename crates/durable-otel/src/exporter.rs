//! Exporters of any type.

use std::fmt;
use std::pin::Pin;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// A [`SpanExporter`] of any type.
pub(crate) trait AnyExporter: fmt::Debug + Send + Sync {
    fn export<'a>(&'a self, spans: Vec<SpanData>)
    -> Pin<Box<dyn Future<Output = OTelSdkResult> + Send + 'a>>;

    fn set_resource(&mut self, resource: &Resource);
}

impl<E: SpanExporter> AnyExporter for E {
    fn export<'a>(
        &'a self,
        spans: Vec<SpanData>,
    ) -> Pin<Box<dyn Future<Output = OTelSdkResult> + Send + 'a>> {
        Box::pin(SpanExporter::export(self, spans))
    }

    fn set_resource(&mut self, resource: &Resource) {
        SpanExporter::set_resource(self, resource);
    }
}
