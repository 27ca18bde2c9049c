//! Sets up OpenTelemetry.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::trace::{Sampler, SpanExporter};

use crate::buffer::SpanBuffer;
use crate::error::BuildError;
use crate::exporter::AnyExporter;
use crate::invocation_trace::TraceSettings;
use crate::otel::Otel;
use crate::resource::resource;
use crate::shared::Shared;
use crate::view::View;
use durable_trace::attribute::WORKFLOW;

/// The number of spans that may wait to be exported. A span takes about 1 KB.
const CAPACITY: usize = 20_000;
const SAMPLING_RATIO: &str = "OTEL_DURABLE_SAMPLING_RATIO";

/// Builds an [`Otel`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct OtelBuilder {
    view: View,
    has_workflow_as_root: bool,
    workflow_name: Cow<'static, str>,
    service_name: Option<String>,
    sampling_ratio: Option<f64>,
    exporter: Option<Box<dyn AnyExporter>>,
}

impl Default for OtelBuilder {
    fn default() -> Self {
        Self {
            view: View::default(),
            has_workflow_as_root: false,
            workflow_name: WORKFLOW.into(),
            service_name: None,
            sampling_ratio: None,
            exporter: None,
        }
    }
}

impl Otel {
    /// Returns a builder.
    pub fn builder() -> OtelBuilder {
        OtelBuilder::default()
    }
}

impl OtelBuilder {
    /// Sets how operations are arranged; defaults to [`View::Invocation`].
    pub fn view(self, view: View) -> Self {
        Self { view, ..self }
    }

    /// Makes the span of the execution the root of a trace of its own, whatever the trace header of the caller says.
    pub fn workflow_as_root(self) -> Self {
        Self { has_workflow_as_root: true, ..self }
    }

    /// Sets the name of the span of the execution; defaults to `Workflow`.
    pub fn workflow_span_name(self, name: impl Into<Cow<'static, str>>) -> Self {
        Self { workflow_name: name.into(), ..self }
    }

    /// Sets the attribute `service.name`; defaults to the environment variable `OTEL_SERVICE_NAME`, or else to the name of
    /// the function.
    pub fn service_name(self, name: impl Into<String>) -> Self {
        Self { service_name: Some(name.into()), ..self }
    }

    /// Sets which part of the executions is traced if the caller does not decide it, from 0 to 1; defaults to the
    /// environment variable `OTEL_DURABLE_SAMPLING_RATIO`, or else to 1.
    ///
    /// The decision follows from the trace id, so it is the same in all invocations of an execution.
    pub fn sampling_ratio(self, ratio: f64) -> Self {
        Self { sampling_ratio: Some(ratio), ..self }
    }

    /// Sets the exporter; defaults to OTLP over HTTP or gRPC, if a feature enables it, configured by the environment
    /// variables `OTEL_EXPORTER_OTLP_*`.
    pub fn exporter(self, exporter: impl SpanExporter + 'static) -> Self {
        Self { exporter: Some(Box::new(exporter)), ..self }
    }

    /// Sets up OpenTelemetry.
    ///
    /// # Errors
    /// Returns an error if there is no exporter, if the default one cannot be created, or if the sampling ratio is not
    /// between 0 and 1.
    pub fn build(self) -> Result<Otel, BuildError> {
        self.build_in(|name| std::env::var(name).ok())
    }

    fn build_in(self, variable: impl Fn(&str) -> Option<String>) -> Result<Otel, BuildError> {
        let ratio = variable(SAMPLING_RATIO).filter(|value| !value.trim().is_empty());
        let sampler = sampler(self.sampling_ratio, ratio)?;
        let mut exporter = self.exporter.map_or_else(default_exporter, Ok)?;
        exporter.set_resource(&resource(self.service_name, &variable));
        let scope =
            InstrumentationScope::builder(env!("CARGO_PKG_NAME")).with_version(env!("CARGO_PKG_VERSION"));
        let settings = TraceSettings {
            view: self.view,
            has_workflow_as_root: self.has_workflow_as_root,
            workflow_name: self.workflow_name,
        };
        let buffer = SpanBuffer::new(CAPACITY);
        Ok(Otel { shared: Arc::new(Shared { settings, sampler, scope: scope.build(), buffer, exporter }) })
    }
}

fn sampler(ratio: Option<f64>, variable: Option<String>) -> Result<Sampler, BuildError> {
    let ratio = match (ratio, variable) {
        (Some(ratio), _) => ratio,
        (None, None) => return Ok(Sampler::AlwaysOn),
        (None, Some(text)) => text.trim().parse().map_err(|_| BuildError::SamplingRatio(text))?,
    };
    if !(0.0..=1.0).contains(&ratio) {
        return Err(BuildError::SamplingRatio(ratio.to_string()));
    }
    Ok(Sampler::TraceIdRatioBased(ratio))
}

#[cfg(any(feature = "otlp-http", feature = "otlp-grpc"))]
fn default_exporter() -> Result<Box<dyn AnyExporter>, BuildError> {
    crate::otlp::exporter()
}

#[cfg(not(any(feature = "otlp-http", feature = "otlp-grpc")))]
fn default_exporter() -> Result<Box<dyn AnyExporter>, BuildError> {
    Err(BuildError::NoExporter)
}
