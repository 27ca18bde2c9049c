//! Attaches `tracing` spans to the spans of durable functions.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::trace::{Span as OtelSpan, SpanBuilder, SpanContext, Status, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::location::location;
use crate::otel::Otel;
use crate::shared::Shared;

impl Otel {
    /// Returns a layer for a `tracing` subscriber, which exports the spans of the code and of libraries, with their events,
    /// as part of the attempts, contexts and handlers in which they occur.
    ///
    /// The layer needs to see the spans with the target `durable::otel` and the level INFO. They are entered whenever code
    /// runs, and are not exported.
    ///
    /// ```no_run
    /// # fn install(otel: durable_otel::Otel) {
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// let subscriber = tracing_subscriber::registry().with(otel.layer());
    /// // subscriber.init();
    /// # let _ = subscriber;
    /// # }
    /// ```
    pub fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self) -> OpenTelemetryLayer<S, DurableTracer> {
        let processor = ToBuffer(Arc::clone(&self.shared));
        let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
        let tracer = provider.tracer_with_scope(self.shared.scope.clone());
        tracing_opentelemetry::layer().with_tracer(DurableTracer { tracer })
    }
}

/// The tracer of [`Otel::layer`].
#[derive(Clone, Debug)]
pub struct DurableTracer {
    tracer: SdkTracer,
}

impl Tracer for DurableTracer {
    type Span = TracedSpan;

    fn build_with_context(&self, builder: SpanBuilder, parent: &Context) -> TracedSpan {
        match location(&builder) {
            Some(context) => TracedSpan::Location(context),
            None => TracedSpan::Own(Box::new(self.tracer.build_with_context(builder, parent))),
        }
    }
}

/// A span of [`DurableTracer`].
#[derive(Debug)]
pub enum TracedSpan {
    /// A span of the durable function, which its plugin exports.
    Location(SpanContext),
    /// A span of the code or of a library.
    Own(Box<SdkSpan>),
}

impl TracedSpan {
    fn own(&mut self) -> Option<&mut SdkSpan> {
        match self {
            Self::Location(_) => None,
            Self::Own(span) => Some(span),
        }
    }
}

impl OtelSpan for TracedSpan {
    fn add_event_with_timestamp<T: Into<Cow<'static, str>>>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) {
        if let Some(span) = self.own() {
            span.add_event_with_timestamp(name, timestamp, attributes);
        }
    }

    fn span_context(&self) -> &SpanContext {
        match self {
            Self::Location(context) => context,
            Self::Own(span) => span.span_context(),
        }
    }

    fn is_recording(&self) -> bool {
        match self {
            Self::Location(_) => false,
            Self::Own(span) => span.is_recording(),
        }
    }

    fn set_attribute(&mut self, attribute: KeyValue) {
        if let Some(span) = self.own() {
            span.set_attribute(attribute);
        }
    }

    fn set_status(&mut self, status: Status) {
        if let Some(span) = self.own() {
            span.set_status(status);
        }
    }

    fn update_name<T: Into<Cow<'static, str>>>(&mut self, name: T) {
        if let Some(span) = self.own() {
            span.update_name(name);
        }
    }

    fn add_link(&mut self, context: SpanContext, attributes: Vec<KeyValue>) {
        if let Some(span) = self.own() {
            span.add_link(context, attributes);
        }
    }

    fn end_with_timestamp(&mut self, timestamp: SystemTime) {
        if let Some(span) = self.own() {
            span.end_with_timestamp(timestamp);
        }
    }
}

/// Adds spans that have ended to those that wait to be exported.
#[derive(Debug)]
struct ToBuffer(Arc<Shared>);

impl SpanProcessor for ToBuffer {
    fn on_start(&self, _: &mut SdkSpan, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.buffer.push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: std::time::Duration) -> OTelSdkResult {
        Ok(())
    }
}
