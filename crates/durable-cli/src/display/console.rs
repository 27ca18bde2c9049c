//! The standard error of the command.
//!
//! Commands that serve functions write to it from a separate thread, because a paused terminal or an unread pipe must
//! not block their service. All other commands write to it directly.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::thread;

use durable_functions::OutputSink;
use durable_host::lossy::{LossyReceiver, LossySender, Received, lossy_channel};
use durable_types::Timestamp;

use super::entry::Entry;
use super::function_line::function_line;
use super::screen::{Output, Screen};
use crate::clock;
use crate::visible::visible;

/// The maximum size of queued output in bytes. When it is exceeded, the oldest output is dropped.
const BUDGET: usize = 4 * 1024 * 1024;
/// The overhead of one output in bytes.
const OUTPUT_BYTES: usize = 128;

/// The console of this process, once it is started. There is one, because there is one standard error.
static CONSOLE: OnceLock<Console> = OnceLock::new();

/// A thread that writes standard error. Printing through it never blocks.
#[derive(Debug)]
pub(crate) struct Console {
    queue: LossySender<Output>,
}

impl Console {
    /// Starts the thread. From now on, everything that the command prints goes through it.
    pub(crate) fn start(screen: Screen) -> io::Result<&'static Self> {
        let (queue, outputs) = lossy_channel(BUDGET, |_, _| true);
        thread::Builder::new()
            .name("durable-console".to_owned())
            .spawn(move || write_outputs(&outputs, screen))?;
        Ok(CONSOLE.get_or_init(|| Self { queue }))
    }

    /// Returns the console, if it was started.
    pub(crate) fn started() -> Option<&'static Self> {
        CONSOLE.get()
    }

    /// Prints a permanent line.
    pub(crate) fn print(&self, text: String) {
        let bytes = text.len();
        self.send(Output::Line(text), bytes);
    }

    /// Shows entries about an execution.
    pub(crate) fn show(&self, entries: Vec<Entry>) {
        for entry in entries {
            let bytes = entry.size();
            self.send(Output::Entry(Box::new(entry)), bytes);
        }
    }

    /// Removes the lines of active operations.
    pub(crate) fn clear(&self) {
        self.send(Output::Clear, 0);
    }

    /// Returns a sink that shows the output of functions between the other lines.
    pub(crate) fn sink(&'static self) -> OutputSink {
        Arc::new(|line| self.print(function_line(line)))
    }

    /// Waits until everything printed so far is written. It never returns while the terminal or pipe is stuck.
    pub(crate) async fn written(&self) {
        self.queue.drained().await;
    }

    fn send(&self, output: Output, bytes: usize) {
        self.queue.send(output, bytes.saturating_add(OUTPUT_BYTES));
    }
}

/// Writes a line to standard error. Write errors are ignored.
pub(crate) fn print_line(text: &str) {
    match Console::started() {
        Some(console) => console.print(text.to_owned()),
        None => {
            let _ = writeln!(io::stderr().lock(), "{}", visible(text));
        }
    }
}

/// Standard error, for writers of whole lines.
#[derive(Debug)]
pub(crate) struct VisibleStderr;

impl Write for VisibleStderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        print_line(text.strip_suffix('\n').unwrap_or(&text));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_outputs(outputs: &LossyReceiver<Output>, mut screen: Screen) {
    loop {
        let received = outputs.recv(screen.redraw_interval());
        let now: Timestamp = clock::now();
        match received {
            Received::Batch(batch) => screen.show(batch, now),
            Received::TimedOut => screen.redraw(now),
            Received::Closed => return,
        }
    }
}
