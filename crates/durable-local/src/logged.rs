//! Writes the output of functions to the log.

use std::sync::Arc;

use durable_functions::{OutputLine, OutputSink, OutputStream};
use durable_host::clock::Clock;
use durable_host::logs::{LogLine, LogStore};

/// Returns a sink that adds each line of a function to the log before it passes it on.
///
/// Lambda's lines about each invocation are dropped. They only appear in the tails of invocations.
pub(super) fn logged(log: Arc<dyn LogStore>, clock: Arc<dyn Clock>, next: OutputSink) -> OutputSink {
    Arc::new(move |line: OutputLine<'_>| {
        if line.stream == OutputStream::Platform {
            return;
        }
        let entry = LogLine {
            at: clock.now(),
            function: line.function_name.to_owned(),
            stream: line.log_stream.to_owned(),
            request_id: line.request_id.map(str::to_owned),
            execution: line.execution.map(str::to_owned),
            text: line.line.to_owned(),
        };
        match line.dropped {
            0 => log.write(entry),
            dropped => log.write_gap(entry, dropped),
        }
        next(line);
    })
}
