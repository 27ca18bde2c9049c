//! A layer for `tracing` that writes one line for each event.

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

/// Writes each event as a line with the execution and the step it belongs to, and nothing during replay.
///
/// Plain `tracing` macros in handlers and bodies are enough. A line has `timestamp`, `level`, `target`, `message` and the
/// fields of the event, and within executions `executionArn`, `operationId`, `operationName` and `attempt`.
///
/// [`install`](Self::install) is enough for a function:
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
/// It is also a layer for a subscriber of your own:
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
    /// Writes to the standard output, where Lambda collects lines.
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
    /// Writes to this writer.
    pub fn to(writer: W) -> Self {
        Self { writer: Mutex::new(writer), format: None, during_replay: false }
    }

    /// The format of the lines, whatever the environment says; JSON by default.
    #[must_use]
    pub fn format(mut self, format: LogFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Whether lines are written during replay too, each time the code runs; not by default.
    #[must_use]
    pub fn during_replay(mut self, during_replay: bool) -> Self {
        self.during_replay = during_replay;
        self
    }

    /// Installs the layer for the whole process, as its environment variables say.
    ///
    /// - `RUST_LOG` says which events are written: levels for targets and those below them, separated by commas, such as
    ///   `info,my_function=debug,hyper=off`. A directive without a target is the default for all others.
    /// - Without it, `AWS_LAMBDA_LOG_LEVEL` is the level for all targets. Lambda sets it to the application log level of the
    ///   function. Without either, the level is `INFO`.
    /// - `AWS_LAMBDA_LOG_FORMAT` is the format of the lines, `JSON` or `Text`, unless [`format`](Self::format) sets it.
    ///   Lambda sets it to the log format of the function.
    ///
    /// # Errors
    /// If a variable has a value that is none of these, or if the process already has a `tracing` subscriber.
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
        // There is nowhere to report that logging failed.
        let _ = writer.write_all(line.as_bytes());
    }
}
