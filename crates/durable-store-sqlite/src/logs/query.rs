//! Which lines of the log to read.

use super::line::LogLine;
use super::pattern::Pattern;

/// The lines to read: those that match all of these conditions.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// The function that printed them.
    pub function: Option<String>,
    /// Their log streams; empty for all.
    pub streams: Vec<String>,
    /// A prefix of the names of their log streams.
    pub stream_prefix: Option<String>,
    /// The ARN of the execution they belong to.
    pub execution: Option<String>,
    /// The earliest time, in milliseconds since the epoch.
    pub start: Option<i64>,
    /// The latest time, in milliseconds since the epoch.
    pub end: Option<i64>,
    /// The number of the line before the first one to read; 0 for the beginning.
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
    /// The value of [`LogQuery::after`] for the next page, if there may be one.
    pub next: Option<i64>,
}
