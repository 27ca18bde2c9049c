//! The target of the console: a terminal that redraws lines, or a stream of permanent lines.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use durable_host::lossy::Popped;
use durable_types::Timestamp;

use super::entry::Entry;
use super::terminal::Terminal;
use crate::visible::visible;

/// The interval at which spinners and countdowns are redrawn.
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);

/// One output of the command.
#[derive(Debug)]
pub(super) enum Output {
    /// A permanent line.
    Line(String),
    /// An entry about an execution.
    Entry(Box<Entry>),
    /// Removes the lines of active operations.
    Clear,
}

/// The target of the console.
pub(crate) enum Screen {
    /// A terminal, with a redrawn line for each active operation.
    Terminal(Terminal),
    /// A stream of permanent lines.
    Plain(Box<dyn Write + Send>),
}

impl Screen {
    /// Returns standard error as a stream of permanent lines.
    pub(crate) fn plain_stderr() -> Self {
        Self::Plain(Box::new(io::stderr()))
    }

    /// Returns standard error, as a terminal if it is one.
    pub(crate) fn stderr() -> Self {
        if io::stderr().is_terminal() { Self::Terminal(Terminal::new()) } else { Self::plain_stderr() }
    }

    /// Shows outputs, and the number of dropped ones. Write errors are ignored.
    pub(super) fn show(&mut self, outputs: Vec<Popped<Output>>, now: Timestamp) {
        match self {
            Self::Terminal(terminal) => {
                outputs.into_iter().for_each(|output| show_on_terminal(terminal, output, now));
            }
            Self::Plain(stream) => {
                let text: String = outputs.into_iter().filter_map(as_text).collect();
                let _ = stream.write_all(visible(&text).as_bytes());
            }
        }
    }

    /// Updates countdowns and spinners.
    pub(super) fn redraw(&self, now: Timestamp) {
        match self {
            Self::Terminal(terminal) => terminal.redraw(now),
            Self::Plain(_) => {}
        }
    }

    /// Returns how often to redraw, or `None` if nothing changes over time.
    pub(super) fn redraw_interval(&self) -> Option<Duration> {
        match self {
            Self::Terminal(terminal) => terminal.is_active().then_some(REDRAW_INTERVAL),
            Self::Plain(_) => None,
        }
    }
}

fn show_on_terminal(terminal: &mut Terminal, output: Popped<Output>, now: Timestamp) {
    match output {
        Popped::Item(Output::Line(text)) => terminal.print(&text),
        Popped::Item(Output::Entry(entry)) => terminal.show(*entry, now),
        Popped::Item(Output::Clear) => terminal.clear(),
        Popped::Dropped { count, .. } => {
            // The ends of active operations may be among the dropped outputs.
            terminal.clear();
            terminal.print(&gap(count));
        }
    }
}

/// Returns the line of an output with its line break, if it has a line.
fn as_text(output: Popped<Output>) -> Option<String> {
    match output {
        Popped::Item(Output::Line(text)) => Some(format!("{text}\n")),
        Popped::Item(Output::Entry(entry)) => entry.line.map(|line| format!("{line}\n")),
        Popped::Item(Output::Clear) => None,
        Popped::Dropped { count, .. } => Some(format!("{}\n", gap(count))),
    }
}

fn gap(count: u64) -> String {
    format!("durable: dropped {count} lines because they were not read fast enough")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_stream_shows_where_lines_were_dropped() {
        let written = Written::default();
        let mut screen = Screen::Plain(Box::new(written.clone()));
        let line = |text: &str| Output::Line(text.to_owned());

        let outputs = vec![
            Popped::Item(line("one")),
            Popped::Dropped { count: 7, last: line("eight") },
            Popped::Item(line("nine\u{1b}[2J")),
        ];
        screen.show(outputs, Timestamp::EPOCH);

        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            text,
            "one\ndurable: dropped 7 lines because they were not read fast enough\nnine\\x1b[2J\n"
        );
    }
}
