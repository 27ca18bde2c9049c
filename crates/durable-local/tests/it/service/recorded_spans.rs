//! A subscriber that records spans.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// The spans of one test, in the order of their beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct RecordedSpans(Arc<Mutex<Vec<RecordedSpan>>>);

/// A span, as it was recorded.
#[derive(Clone, Debug)]
pub(super) struct RecordedSpan {
    /// Unique among the spans that were recorded, unlike the ids of the subscriber, which are used again.
    number: usize,
    id: Id,
    pub(super) name: &'static str,
    pub(super) target: &'static str,
    parent: Option<usize>,
    follows_from: Vec<usize>,
    fields: BTreeMap<&'static str, String>,
    is_closed: bool,
}

impl RecordedSpans {
    /// Records the spans of this thread until the guard is dropped.
    pub(super) fn begin() -> (Self, DefaultGuard) {
        let spans = Self::default();
        let guard = set_default(tracing_subscriber::registry().with(spans.clone()));
        (spans, guard)
    }

    /// Returns the spans of the service that have ended.
    pub(super) fn closed(&self) -> Vec<RecordedSpan> {
        let spans = self.0.lock().unwrap();
        spans.iter().filter(|span| span.is_closed && span.target.starts_with("durable::")).cloned().collect()
    }

    /// Returns whether spans of the service have not ended.
    pub(super) fn are_open(&self) -> bool {
        let spans = self.0.lock().unwrap();
        spans.iter().any(|span| !span.is_closed && span.target.starts_with("durable::"))
    }

    /// Returns the only span of a name with a field of this value, which has ended.
    #[track_caller]
    pub(super) fn only(&self, name: &str, field: &str, value: &str) -> RecordedSpan {
        let mut spans = self.closed();
        spans.retain(|span| span.name == name && span.field(field) == Some(value));
        assert_eq!(spans.len(), 1, "{name} with {field} {value}: {:#?}", self.0.lock().unwrap());
        spans.remove(0)
    }

    fn with_span(&self, id: &Id, change: impl FnOnce(&mut RecordedSpan)) {
        let mut spans = self.0.lock().unwrap();
        change(spans.iter_mut().rev().find(|span| span.id == *id).unwrap());
    }

    fn number(&self, id: &Id) -> usize {
        self.0.lock().unwrap().iter().rev().find(|span| span.id == *id).unwrap().number
    }
}

impl RecordedSpan {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    /// Returns the names of the fields with a value.
    pub(super) fn fields(&self) -> Vec<&'static str> {
        self.fields.keys().copied().collect()
    }

    pub(super) fn is_child_of(&self, parent: &Self) -> bool {
        self.parent == Some(parent.number)
    }

    pub(super) fn has_parent(&self) -> bool {
        self.parent.is_some()
    }

    pub(super) fn follows_from(&self, cause: &Self) -> bool {
        self.follows_from.contains(&cause.number)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for RecordedSpans {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.is_span()
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).unwrap().parent().map(|parent| self.number(&parent.id()));
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let metadata = attributes.metadata();
        let mut spans = self.0.lock().unwrap();
        let number = spans.len();
        spans.push(RecordedSpan {
            number,
            id: id.clone(),
            name: metadata.name(),
            target: metadata.target(),
            parent,
            follows_from: Vec::new(),
            fields: fields.0,
            is_closed: false,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        values.record(&mut fields);
        self.with_span(id, |span| span.fields.extend(fields.0));
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, _: Context<'_, S>) {
        let cause = self.number(follows);
        self.with_span(id, |span| span.follows_from.push(cause));
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.with_span(&id, |span| span.is_closed = true);
    }
}

/// The values of fields, as text.
#[derive(Debug, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
