//! A layer for `tracing` that writes one line of JSON for each event.

use std::fmt;
use std::io::{Stdout, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::log_context;
use crate::BoxError;

/// Writes each event as a line of JSON with the execution and the step it belongs to, and nothing during replay.
///
/// Plain `tracing` macros in handlers and bodies are enough. The lines have `timestamp`, `level`, `target`, `message`,
/// the fields of the event, and inside of executions `executionArn`, `operationId`, `operationName` and `attempt`.
///
/// ```
/// use durable_core::JsonLines;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = tracing_subscriber::registry().with(JsonLines::new().during_replay(true));
/// # let _ = subscriber;
/// ```
pub struct JsonLines<W = Stdout> {
    writer: Mutex<W>,
    during_replay: bool,
}

impl JsonLines {
    /// Writes to the standard output, where Lambda collects lines.
    pub fn new() -> Self {
        Self::to(std::io::stdout())
    }
}

impl Default for JsonLines {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Write> JsonLines<W> {
    /// Installs the layer for the whole process, for events of the level that `AWS_LAMBDA_LOG_LEVEL` names and above;
    /// `INFO` if it names none.
    ///
    /// # Errors
    /// If the process has a subscriber already.
    ///
    /// ```
    /// durable_core::JsonLines::new().install()?;
    /// # Ok::<(), durable_core::BoxError>(())
    /// ```
    pub fn install(self) -> Result<(), BoxError>
    where
        W: Send + 'static,
    {
        let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok());
        let layer = self.with_filter(level.unwrap_or(LevelFilter::INFO));
        Ok(tracing_subscriber::registry().with(layer).try_init()?)
    }

    /// Writes to this writer.
    pub fn to(writer: W) -> Self {
        Self { writer: Mutex::new(writer), during_replay: false }
    }

    /// Whether lines are written during replay too, each time the code runs; not by default.
    #[must_use]
    pub fn during_replay(mut self, during_replay: bool) -> Self {
        self.during_replay = during_replay;
        self
    }

    /// The line of an event; none if it was written before.
    fn line(&self, event: &Event<'_>) -> Option<Map<String, Value>> {
        let context = log_context();
        if context.as_ref().is_some_and(|context| context.is_replaying) && !self.during_replay {
            return None;
        }
        let mut line = Map::new();
        let mut text = |key: &str, value: String| line.insert(key.to_owned(), Value::String(value));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        text("timestamp", Timestamp::EPOCH.saturating_add(now).to_string());
        text("level", event.metadata().level().to_string());
        text("target", event.metadata().target().to_owned());
        if let Some(context) = context {
            text("executionArn", context.execution_arn.to_string());
            if let Some(step) = context.step {
                text("operationId", step.operation_id);
                step.operation_name.map(|name| text("operationName", name));
                line.insert("attempt".to_owned(), step.attempt.into());
            }
        }
        event.record(&mut Fields(&mut line));
        Some(line)
    }
}

impl<S: Subscriber, W: Write + Send + 'static> Layer<S> for JsonLines<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let Some(line) = self.line(event) else { return };
        let mut line = Value::Object(line).to_string();
        line.push('\n');
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // There is nowhere to tell that logging failed.
        let _ = writer.write_all(line.as_bytes());
    }
}

/// Collects the fields of an event. They cannot replace what the layer says.
struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn insert(&mut self, field: &Field, value: Value) {
        self.0.entry(field.name()).or_insert(value);
    }
}

impl Visit for Fields<'_> {
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
