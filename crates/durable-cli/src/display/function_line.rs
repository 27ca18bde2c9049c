//! Formats lines that functions print.

use durable_functions::OutputLine;

/// Formats a line of a function, distinct from lines of the command.
pub(super) fn function_line(line: OutputLine<'_>) -> String {
    format!("  | {}", readable(line.line).replace('\n', "\n  | "))
}

/// Normalizes the line breaks of a log entry. Lambda's runtimes separate lines within an entry by carriage returns.
pub(crate) fn readable(entry: &str) -> String {
    entry.trim_end_matches(['\r', '\n']).replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use durable_functions::OutputStream;

    use super::*;

    #[test]
    fn the_lines_of_one_entry_are_shown_below_each_other() {
        // This is how the Python runtime reports an error.
        let line = "[ERROR] ValueError: negative\rTraceback (most recent call last):\r\u{a0}\u{a0}app.py";
        let line = OutputLine {
            function_name: "order",
            log_stream: "",
            request_id: None,
            execution: None,
            stream: OutputStream::Stdout,
            dropped: 0,
            line,
        };

        assert_eq!(
            function_line(line),
            "  | [ERROR] ValueError: negative\n  | Traceback (most recent call last):\n  | \u{a0}\u{a0}app.py"
        );
        assert_eq!(readable("one\r\ntwo\n"), "one\ntwo");
    }
}
