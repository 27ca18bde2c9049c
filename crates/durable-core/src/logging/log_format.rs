//! The formats of log lines.

/// The format of log lines; see [`LogLines`](crate::logging::LogLines).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LogFormat {
    /// Each line is a JSON object.
    #[default]
    Json,
    /// Each line begins with time, level, target and message, followed by fields as `key=value`.
    Text,
}
