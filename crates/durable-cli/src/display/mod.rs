//! Shows an execution on standard error while it runs.

mod line;
mod terminal;
mod transcript;

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use durable_functions::{OutputLine, OutputSink};
use durable_types::Timestamp;

use crate::visible::visible;
pub(crate) use line::Mark;
use terminal::Terminal;
pub(crate) use transcript::{Entry, Transcript, because, context_kind, label};

/// The output for lines: a terminal that can redraw them, or a log that cannot.
pub(crate) enum Display {
    Terminal(Terminal),
    Plain,
}

impl Display {
    /// Returns the display for standard error.
    pub(crate) fn for_stderr() -> Self {
        if io::stderr().is_terminal() { Self::Terminal(Terminal::new()) } else { Self::Plain }
    }

    /// Shows a permanent line.
    pub(crate) fn say(&self, text: &str) {
        match self {
            Self::Terminal(terminal) => terminal.print(text),
            Self::Plain => print_line(text),
        }
    }

    /// Shows entries of the transcript.
    pub(crate) fn show(&mut self, entries: Vec<Entry>, now: Timestamp) {
        for entry in entries {
            match self {
                Self::Terminal(terminal) => terminal.show(entry, now),
                Self::Plain => print_line(&entry.line.to_string()),
            }
        }
    }

    /// Returns a sink that shows the output of functions between the other lines.
    pub(crate) fn output(&self) -> OutputSink {
        match self {
            Self::Terminal(terminal) => terminal.output(),
            Self::Plain => Arc::new(|line| print_line(&printed(line))),
        }
    }

    /// Updates countdowns and spinners.
    pub(crate) fn redraw(&self, now: Timestamp) {
        match self {
            Self::Terminal(terminal) => terminal.redraw(now),
            Self::Plain => {}
        }
    }

    /// Removes the lines of active operations.
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Terminal(terminal) => terminal.clear(),
            Self::Plain => {}
        }
    }
}

/// Formats a line of a function, distinct from lines of the command.
fn printed(line: OutputLine<'_>) -> String {
    format!("  | {}", readable(line.line).replace('\n', "\n  | "))
}

/// Normalizes the line breaks of a log entry. Lambda's runtimes separate lines within an entry by carriage returns.
pub(crate) fn readable(entry: &str) -> String {
    entry.trim_end_matches(['\r', '\n']).replace("\r\n", "\n").replace('\r', "\n")
}

/// Writes a line to standard error. Write errors are ignored.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", visible(text));
}

/// Standard error, for writers of whole lines.
#[derive(Debug)]
pub(crate) struct VisibleStderr;

impl Write for VisibleStderr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(visible(&String::from_utf8_lossy(bytes)).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use durable_functions::OutputStream;

    #[test]
    fn the_lines_of_one_entry_stand_below_each_other() {
        // As the runtime for Python reports an error.
        let line = "[ERROR] ValueError: negative\rTraceback (most recent call last):\r\u{a0}\u{a0}app.py";
        let line = OutputLine {
            function_name: "order",
            log_stream: "",
            request_id: None,
            execution: None,
            stream: OutputStream::Stdout,
            line,
        };

        assert_eq!(
            printed(line),
            "  | [ERROR] ValueError: negative\n  | Traceback (most recent call last):\n  | \u{a0}\u{a0}app.py"
        );
        assert_eq!(readable("one\r\ntwo\n"), "one\ntwo");
    }
}
