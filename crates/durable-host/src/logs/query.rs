//! Queries of the log.

use super::line::LogLine;
use super::pattern::Pattern;

/// A query for the lines that match all of these conditions.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// The name of the function that printed them.
    pub function: Option<String>,
    /// Their log streams, or empty for all streams.
    pub streams: Vec<String>,
    /// A prefix of the names of their log streams.
    pub stream_prefix: Option<String>,
    /// The ARN of the execution they belong to.
    pub execution: Option<String>,
    /// The earliest time, in milliseconds since the epoch.
    pub start: Option<i64>,
    /// The latest time, in milliseconds since the epoch.
    pub end: Option<i64>,
    /// The number of the line that precedes the first one to read, or 0 to read from the beginning.
    pub after: i64,
    /// The filter pattern they match.
    pub pattern: Pattern,
    /// The maximum number of lines.
    pub limit: usize,
}

/// A page of lines with their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// The lines, each with its number.
    pub lines: Vec<(i64, LogLine)>,
    /// The value of [`LogQuery::after`] for the next page, if there may be more lines.
    pub next: Option<i64>,
}

impl LogQuery {
    /// Returns whether a line meets all conditions except for [`after`](Self::after).
    pub fn matches(&self, line: &LogLine) -> bool {
        let at = line.at.as_millis();
        self.function.as_ref().is_none_or(|function| *function == line.function)
            && (self.streams.is_empty() || self.streams.contains(&line.stream))
            && self.stream_prefix.as_ref().is_none_or(|prefix| line.stream.starts_with(prefix))
            && self.execution.as_ref().is_none_or(|execution| line.execution.as_ref() == Some(execution))
            && self.start.is_none_or(|start| start <= at)
            && self.end.is_none_or(|end| at <= end)
            && self.pattern.matches(&line.text)
    }
}
