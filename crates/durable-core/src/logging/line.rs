//! A log line before it is formatted.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;
use serde_json::{Map, Value};
use tracing::Event;
use tracing::field::{Field, Visit};

use super::log_context::LogContext;
use super::log_format::LogFormat;

const MESSAGE: &str = "message";

/// A log line.
pub(super) struct Line {
    /// Time, level and target, each with its key.
    head: [(&'static str, String); 3],
    /// The location in an execution where it was written.
    place: Vec<(&'static str, Value)>,
    /// The fields of the event, including its message, in declaration order.
    fields: Vec<(&'static str, Value)>,
}

impl Line {
    pub(super) fn of(event: &Event<'_>, context: Option<LogContext>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let head = [
            ("timestamp", Timestamp::EPOCH.saturating_add(now).to_string()),
            ("level", event.metadata().level().to_string()),
            ("target", event.metadata().target().to_owned()),
        ];
        let mut fields = Fields(Vec::new());
        event.record(&mut fields);
        Self { head, place: context.map(place).unwrap_or_default(), fields: fields.0 }
    }

    pub(super) fn write(self, format: LogFormat) -> String {
        match format {
            LogFormat::Json => self.json(),
            LogFormat::Text => self.text(),
        }
    }

    fn json(self) -> String {
        let Self { head, place, fields } = self;
        let head = head.into_iter().map(|(key, text)| (key, Value::String(text)));
        // The layer's own members come last, so that fields of the event cannot replace them.
        let members = fields.into_iter().chain(head).chain(place);
        let line: Map<String, Value> = members.map(|(key, value)| (key.to_owned(), value)).collect();
        Value::Object(line).to_string()
    }

    fn text(self) -> String {
        let Self { head, place, fields } = self;
        let [timestamp, level, target] = head.map(|(_, text)| text);
        let (message, fields): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(key, _)| *key == MESSAGE);
        let message = message.first().and_then(|(_, message)| message.as_str());
        let mut line = format!("{timestamp} {level:<5} {target}: ");
        push_on_one_line(&mut line, message.unwrap_or_default());
        for (key, value) in fields.into_iter().chain(place) {
            line.push(' ');
            push_on_one_line(&mut line, key);
            line.push('=');
            line.push_str(&text_of(&value));
        }
        line
    }
}

/// Returns the location in an execution as members of a line.
fn place(context: LogContext) -> Vec<(&'static str, Value)> {
    let mut place = vec![
        ("executionArn", Value::String(context.execution_arn.to_string())),
        ("requestId", Value::String(context.request_id)),
    ];
    if let Some(step) = context.step {
        place.push(("operationId", Value::String(step.operation_id)));
        place.extend(step.operation_name.map(|name| ("operationName", Value::String(name))));
        place.push(("attempt", step.attempt.into()));
    }
    place.extend(context.fields);
    place
}

/// Formats a value for a text line, quoted if it could be mistaken for several values.
fn text_of(value: &Value) -> String {
    let is_plain = |text: &&str| {
        !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control() || "\"=".contains(c))
    };
    value.as_str().filter(is_plain).map_or_else(|| value.to_string(), str::to_owned)
}

/// Appends a text and escapes control characters, because log collectors split at line breaks.
fn push_on_one_line(line: &mut String, text: &str) {
    for c in text.chars() {
        if c.is_control() { line.extend(c.escape_default()) } else { line.push(c) }
    }
}

/// Collects the fields of an event.
struct Fields(Vec<(&'static str, Value)>);

impl Fields {
    fn insert(&mut self, field: &Field, value: Value) {
        self.0.push((field.name(), value));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, Value::String(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value.into());
    }
}
