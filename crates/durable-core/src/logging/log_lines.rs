//! A `tracing` layer that writes one line per event.

use std::io::{Stdout, Write};
use std::sync::{Mutex, PoisonError};

use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::environment::Environment;
use super::error::LoggingError;
use super::line::Line;
use super::log_context;
use super::log_format::LogFormat;

/// Writes each event as a line that names its execution and step, and writes nothing during replay.
///
/// Handlers and bodies can use plain `tracing` macros. A line contains `timestamp`, `level`, `target`, `message` and
/// the fields of the event, within executions `executionArn`, `requestId`, `operationId`, `operationName` and `attempt`,
/// and the fields that [plugins](crate::plugin::Plugin::log_fields) add, such as trace ids.
///
/// Most functions only need [`install`](Self::install):
///
/// ```
/// use durable_core::Result;
/// use durable_core::logging::LogLines;
///
/// fn main() -> Result<()> {
///     LogLines::new().install()?;
///     // durable::run(handler).await
///     Ok(())
/// }
/// ```
///
/// It can also be a layer of your own subscriber:
///
/// ```
/// use durable_core::logging::{LogFormat, LogLines};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let lines = LogLines::to(std::io::stderr()).format(LogFormat::Text).during_replay(true);
/// let subscriber = tracing_subscriber::registry().with(lines);
/// # let _ = subscriber;
/// ```
#[derive(Debug)]
pub struct LogLines<W = Stdout> {
    writer: Mutex<W>,
    format: Option<LogFormat>,
    during_replay: bool,
}

impl LogLines {
    /// Creates a layer that writes to the standard output, from which Lambda collects log lines.
    pub fn new() -> Self {
        Self::to(std::io::stdout())
    }
}

impl Default for LogLines {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Write> LogLines<W> {
    /// Creates a layer that writes to this writer.
    pub fn to(writer: W) -> Self {
        Self { writer: Mutex::new(writer), format: None, during_replay: false }
    }

    /// Sets the format of the lines, overriding the environment; defaults to JSON.
    #[must_use]
    pub fn format(mut self, format: LogFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets whether lines are also written during replay, each time the code runs; defaults to false.
    #[must_use]
    pub fn during_replay(mut self, during_replay: bool) -> Self {
        self.during_replay = during_replay;
        self
    }

    /// Installs the layer for the whole process, configured by environment variables.
    ///
    /// - `RUST_LOG` sets which events are written: comma-separated levels for targets and the targets below them, such
    ///   as `info,my_function=debug,hyper=off`. A directive without a target sets the level of all other targets.
    /// - If it is not set, `AWS_LAMBDA_LOG_LEVEL` sets the level of all targets. Lambda sets it to the application log
    ///   level of the function. If neither is set, the level is `INFO`.
    /// - `AWS_LAMBDA_LOG_FORMAT` sets the format of the lines, `JSON` or `Text`, unless [`format`](Self::format) does.
    ///   Lambda sets it to the log format of the function.
    ///
    /// # Errors
    /// Returns an error if a variable has any other value, or if the process already has a `tracing` subscriber.
    ///
    /// ```
    /// # fn install() -> durable_core::Result<()> {
    /// Ok(durable_core::logging::LogLines::new().install()?)
    /// # }
    /// # install().unwrap();
    /// ```
    pub fn install(mut self) -> Result<(), LoggingError>
    where
        W: Send + 'static,
    {
        let environment = Environment::read(|name| std::env::var(name).ok())?;
        self.format = self.format.or(environment.format);
        let subscriber = tracing_subscriber::registry().with(self.with_filter(environment.filter));
        subscriber.try_init().map_err(LoggingError::installed)
    }
}

impl<S: Subscriber, W: Write + Send + 'static> Layer<S> for LogLines<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let context = log_context();
        if context.as_ref().is_some_and(|context| context.is_replaying) && !self.during_replay {
            return;
        }
        let mut line = Line::of(event, context).write(self.format.unwrap_or_default());
        line.push('\n');
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // There is nowhere to report a failure to log.
        let _ = writer.write_all(line.as_bytes());
    }
}
