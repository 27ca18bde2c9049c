//! Which lines of the log to read.

use super::line::LogLine;
use super::pattern::Pattern;

/// Which lines to read.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogQuery {
    /// Those of this function.
    pub(crate) function: Option<String>,
    /// Those of these streams; of all, if it is empty.
    pub(crate) streams: Vec<String>,
    /// Those of streams whose names begin like this.
    pub(crate) stream_prefix: Option<String>,
    /// Those of this execution.
    pub(crate) execution: Option<String>,
    /// Those from this moment on, in milliseconds since 1970.
    pub(crate) start: Option<i64>,
    /// Those up to this moment.
    pub(crate) end: Option<i64>,
    /// Those behind the one with this number.
    pub(crate) after: i64,
    /// Those that match.
    pub(crate) pattern: Pattern,
    /// At most so many.
    pub(crate) limit: usize,
}

/// Some of the lines that were asked for, with their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogPage {
    pub(crate) lines: Vec<(i64, LogLine)>,
    /// Where the next page begins, if there may be more.
    pub(crate) next: Option<i64>,
}
