//! How the handlers log.

use std::io::Write;

use durable::logging::LogLines;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;

use super::catalogue::logs_during_replay;

/// The layer that writes the log lines of a handler.
pub(crate) fn log_lines<S: Subscriber>(
    function_name: &str,
    writer: impl Write + Send + 'static,
) -> impl Layer<S> {
    // Libraries tell their own stories below this level.
    LevelFilter::INFO.and_then(LogLines::to(writer).during_replay(logs_during_replay(function_name)))
}
