//! Shows an execution on the standard error while it runs.

mod line;
mod terminal;
mod transcript;

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use durable_local::function::{OutputLine, OutputSink};
use durable_types::Timestamp;

use crate::visible::visible;
pub(crate) use line::Mark;
use terminal::Terminal;
pub(crate) use transcript::{Entry, Transcript, because, context_kind, label};

/// Where lines go: to a terminal that can redraw them, or to a log that cannot.
pub(crate) enum Display {
    Terminal(Terminal),
    Plain,
}

impl Display {
    /// The display that fits the standard error.
    pub(crate) fn for_stderr() -> Self {
        if io::stderr().is_terminal() { Self::Terminal(Terminal::new()) } else { Self::Plain }
    }

    /// Shows a line that stays.
    pub(crate) fn say(&self, text: &str) {
        match self {
            Self::Terminal(terminal) => terminal.print(text),
            Self::Plain => print_line(text),
        }
    }

    /// Shows what happened.
    pub(crate) fn show(&mut self, entries: Vec<Entry>, now: Timestamp) {
        for entry in entries {
            match self {
                Self::Terminal(terminal) => terminal.show(entry, now),
                Self::Plain => print_line(&entry.line.to_string()),
            }
        }
    }

    /// Takes what functions print, in between.
    pub(crate) fn output(&self) -> OutputSink {
        match self {
            Self::Terminal(terminal) => terminal.output(),
            Self::Plain => Arc::new(|line| print_line(&printed(line))),
        }
    }

    /// Brings countdowns and spinners up to date.
    pub(crate) fn redraw(&self, now: Timestamp) {
        match self {
            Self::Terminal(terminal) => terminal.redraw(now),
            Self::Plain => {}
        }
    }

    /// Removes everything that is shown only while it goes on.
    pub(crate) fn clear(&mut self) {
        match self {
            Self::Terminal(terminal) => terminal.clear(),
            Self::Plain => {}
        }
    }
}

/// A line of a function, set apart from what the service says.
fn printed(line: OutputLine<'_>) -> String {
    format!("  | {}", readable(line.line).replace('\n', "\n  | "))
}

/// What a function printed, with ends of lines that a terminal shows as such: Lambda's runtimes write a carriage return
/// where a line ends within an entry of the log.
pub(crate) fn readable(entry: &str) -> String {
    entry.trim_end_matches(['\r', '\n']).replace("\r\n", "\n").replace('\r', "\n")
}

/// Writes a line to the standard error. If nobody can read it, nobody misses it.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", visible(text));
}

/// The standard error, for whoever writes whole lines at once.
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
    use durable_local::function::OutputStream;

    #[test]
    fn the_lines_of_one_entry_stand_below_each_other() {
        // As the runtime for Python tells of an error.
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
