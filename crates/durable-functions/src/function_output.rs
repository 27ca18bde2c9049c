//! The queue between the processes of a function and the sink of its output.

use std::sync::Arc;
use std::{fmt, io, thread};

use durable_host::lossy::{LossyReceiver, LossySender, Popped, Received, lossy_channel};

use super::function_process_metrics::FunctionProcessMetrics;
use super::output::{OutputLine, OutputSink, OutputStream};
use super::output_tails::OutputTails;

/// The maximum size of the queued lines, in bytes.
const BUDGET: usize = 1024 * 1024;
/// The approximate memory overhead of a queued line in addition to its text, in bytes.
const LINE_OVERHEAD_BYTES: usize = 256;

/// The output of one function, forwarded to the sink by a thread.
///
/// Printing never blocks. If the sink consumes lines more slowly than the function prints them, the oldest lines are
/// dropped, and a line reports how many. A blocked sink therefore delays neither this function nor any other.
pub(super) struct FunctionOutput {
    lines: LossySender<PrintedLine>,
    tails: OutputTails,
    metrics: Arc<FunctionProcessMetrics>,
}

/// The origin of lines: a process during one invocation.
#[derive(Debug)]
pub(super) struct LineOrigin {
    pub(super) log_stream: String,
    pub(super) request_id: Option<String>,
    pub(super) execution: Option<String>,
}

#[derive(Debug)]
struct PrintedLine {
    origin: Arc<LineOrigin>,
    stream: OutputStream,
    text: String,
}

impl FunctionOutput {
    /// Starts the thread that forwards the function's lines to the sink. The thread ends when this is dropped.
    pub(super) fn start(
        function_name: &str,
        sink: OutputSink,
        tails: OutputTails,
        metrics: Arc<FunctionProcessMetrics>,
    ) -> io::Result<Self> {
        let (lines, printed) = lossy_channel(BUDGET, is_of_same_origin);
        let (function_name, counted) = (function_name.to_owned(), Arc::clone(&metrics));
        thread::Builder::new()
            .name("durable-output".to_owned())
            .spawn(move || forward(&printed, &function_name, &sink, &counted))?;
        Ok(Self { lines, tails, metrics })
    }

    /// Adds a line to the tail of its invocation, and queues it for the sink.
    pub(super) fn print(&self, origin: &Arc<LineOrigin>, stream: OutputStream, text: &str) {
        if let Some(request_id) = &origin.request_id {
            self.tails.note(request_id, text);
        }
        if stream != OutputStream::Platform {
            self.metrics.handle_line();
        }
        let line = PrintedLine { origin: Arc::clone(origin), stream, text: text.to_owned() };
        self.lines.send(line, text.len().saturating_add(LINE_OVERHEAD_BYTES));
    }

    /// Waits until the sink has received all lines printed so far. It does not return while the sink blocks.
    pub(super) async fn drained(&self) {
        self.lines.drained().await;
    }
}

impl fmt::Debug for FunctionOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FunctionOutput").finish_non_exhaustive()
    }
}

impl PrintedLine {
    fn show<'a>(&'a self, function_name: &'a str, dropped: u64) -> OutputLine<'a> {
        OutputLine {
            function_name,
            log_stream: &self.origin.log_stream,
            request_id: self.origin.request_id.as_deref(),
            execution: self.origin.execution.as_deref(),
            stream: self.stream,
            dropped,
            line: &self.text,
        }
    }
}

fn forward(
    lines: &LossyReceiver<PrintedLine>,
    function_name: &str,
    sink: &OutputSink,
    metrics: &FunctionProcessMetrics,
) {
    while let Received::Batch(batch) = lines.recv(None) {
        for popped in batch {
            match popped {
                Popped::Item(line) => sink(line.show(function_name, 0)),
                Popped::Dropped { count, last } => {
                    metrics.handle_dropped_lines(count);
                    let (stream, text) = (OutputStream::Stderr, gap(count));
                    sink(PrintedLine { stream, text, ..last }.show(function_name, count));
                }
            }
        }
    }
}

/// Returns whether dropped lines belong to the same gap. A gap belongs to one process and one invocation, so that the
/// readers of either see it.
fn is_of_same_origin(one: &PrintedLine, other: &PrintedLine) -> bool {
    Arc::ptr_eq(&one.origin, &other.origin)
        || (one.origin.log_stream == other.origin.log_stream
            && one.origin.request_id == other.origin.request_id)
}

/// Returns the line that reports dropped lines.
fn gap(count: u64) -> String {
    format!("[durable] dropped {count} lines because output was printed faster than it could be processed")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::mpsc::channel;
    use std::sync::{Mutex, PoisonError};
    use std::time::Duration;

    use durable_host::function::OutputTail;

    use super::super::process_metrics::ProcessMetrics;
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn origin() -> Arc<LineOrigin> {
        let request_id = Some("r-1".to_owned());
        Arc::new(LineOrigin { log_stream: "process/1".to_owned(), request_id, execution: None })
    }

    fn start(sink: OutputSink, tails: OutputTails) -> FunctionOutput {
        let metrics = Arc::new(ProcessMetrics::default().of("order"));
        FunctionOutput::start("order", sink, tails, metrics).unwrap()
    }

    /// Creates a sink that blocks until the sender is dropped.
    fn stuck_sink() -> (std::sync::mpsc::Sender<()>, OutputSink, Arc<Mutex<Vec<String>>>) {
        let (unblock, blocked) = channel::<()>();
        let (blocked, lines) = (Mutex::new(blocked), Arc::<Mutex<Vec<String>>>::default());
        let taken = Arc::clone(&lines);
        let sink: OutputSink = Arc::new(move |line| {
            let _ = blocked.lock().unwrap_or_else(PoisonError::into_inner).recv();
            taken.lock().unwrap().push(format!("{:?} {}", line.stream, line.line));
        });
        (unblock, sink, lines)
    }

    #[tokio::test]
    async fn printing_does_not_wait_for_a_sink_that_is_stuck() {
        let (unblock, sink, taken) = stuck_sink();
        let output = start(sink, OutputTails::default());

        (0..100_000).for_each(|index| output.print(&origin(), OutputStream::Stdout, &index.to_string()));
        drop(unblock);
        tokio::time::timeout(PATIENCE, output.drained()).await.unwrap();

        let taken = taken.lock().unwrap();
        assert_eq!(taken.last().unwrap(), "Stdout 99999");
        let gaps: Vec<&String> = taken.iter().filter(|line| line.starts_with("Stderr [durable]")).collect();
        let count = |gap: &&String| gap.split(' ').nth(3).unwrap().parse::<usize>().unwrap();
        assert_eq!(taken.len() - gaps.len() + gaps.iter().map(count).sum::<usize>(), 100_000, "{gaps:?}");
    }

    #[tokio::test]
    async fn the_tail_of_an_invocation_is_complete_while_the_sink_is_stuck() {
        let (_unblock, sink, _) = stuck_sink();
        let tails = OutputTails::default();
        let tail = tails.keep("r-1");
        let output = start(sink, tails);

        (0..100_000).for_each(|index| output.print(&origin(), OutputStream::Stdout, &index.to_string()));

        assert!(tail.bytes().ends_with(b"99998\n99999\n"));
    }

    #[tokio::test]
    async fn every_invocation_has_a_line_for_what_was_dropped_of_it() {
        let (unblock, blocked) = channel::<()>();
        let (blocked, counts) = (Mutex::new(blocked), Arc::<Mutex<HashMap<String, u64>>>::default());
        let taken = Arc::clone(&counts);
        let sink: OutputSink = Arc::new(move |line| {
            let _ = blocked.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let request_id = line.request_id.unwrap().to_owned();
            *taken.lock().unwrap().entry(request_id).or_default() += line.dropped.max(1);
        });
        let output = start(sink, OutputTails::default());
        let origin_of = |request_id: &str| {
            let log_stream = format!("process/{request_id}");
            Arc::new(LineOrigin { log_stream, request_id: Some(request_id.to_owned()), execution: None })
        };
        let origins = ["r-1", "r-2", "r-3"].map(origin_of);

        for index in 0..30_000 {
            output.print(&origins[index % 3], OutputStream::Stdout, "line");
        }
        drop(unblock);
        tokio::time::timeout(PATIENCE, output.drained()).await.unwrap();

        let expected = ["r-1", "r-2", "r-3"].map(|request_id| (request_id.to_owned(), 10_000));
        assert_eq!(*counts.lock().unwrap(), HashMap::from(expected));
    }
}
