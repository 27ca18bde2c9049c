//! Positions in lists of executions, which are ordered by start time and then by key.

use std::fmt;
use std::str::FromStr;

use durable_types::Timestamp;
use thiserror::Error;

/// The position at which a page ended.
///
/// Lists are ordered by start time, and executions with the same start time by the order in which they were recorded.
/// Keys alone are not sufficient: an imported execution is recorded long after its start, and clocks can be set back. A
/// position remains valid after the execution at that position is deleted.
///
/// Its text form is used in markers, and is parsed by [`str::parse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PagePosition {
    /// The start time of the execution, in microseconds since the epoch.
    pub started_at: i64,
    /// The store's internal key of the execution.
    pub key: i64,
}

/// The error for text that is not a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a list position consists of two numbers separated by a dot")]
pub struct InvalidPosition;

impl PagePosition {
    /// Returns the position that precedes all executions started at this time.
    pub(crate) fn first_at(time: Timestamp) -> Self {
        Self { started_at: time.as_micros(), key: i64::MIN }
    }

    /// Returns the position that follows all executions started at this time.
    pub(crate) fn last_at(time: Timestamp) -> Self {
        Self { started_at: time.as_micros(), key: i64::MAX }
    }
}

impl fmt::Display for PagePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.started_at, self.key)
    }
}

impl FromStr for PagePosition {
    type Err = InvalidPosition;

    fn from_str(text: &str) -> Result<Self, InvalidPosition> {
        let number = |text: &str| text.parse().map_err(|_| InvalidPosition);
        let (started_at, key) = text.split_once('.').ok_or(InvalidPosition)?;
        Ok(Self { started_at: number(started_at)?, key: number(key)? })
    }
}

/// A range of positions, exclusive at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionRange {
    /// The position before the range.
    pub after: PagePosition,
    /// The position after the range.
    pub before: PagePosition,
}

impl PositionRange {
    /// Excludes a position and all positions before it.
    pub fn start_after(&mut self, position: PagePosition) {
        self.after = self.after.max(position);
    }

    /// Excludes a position and all positions after it.
    pub fn end_before(&mut self, position: PagePosition) {
        self.before = self.before.min(position);
    }

    /// Restricts the range to the positions that follow `position` in the given order.
    pub fn resume(&mut self, position: PagePosition, newest_first: bool) {
        if newest_first { self.end_before(position) } else { self.start_after(position) }
    }

    /// Returns whether a position is in the range.
    pub fn contains(&self, position: PagePosition) -> bool {
        self.after < position && position < self.before
    }
}

impl Default for PositionRange {
    /// Returns the range of all positions.
    fn default() -> Self {
        Self {
            after: PagePosition { started_at: i64::MIN, key: i64::MIN },
            before: PagePosition { started_at: i64::MAX, key: i64::MAX },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_parsed_from_its_text() {
        let position = PagePosition { started_at: -1_767_323_045_678_901, key: 42 };

        assert_eq!(position.to_string().parse(), Ok(position));
        for wrong in ["", "1", "1.", ".1", "1.2.3", "1.x", "99999999999999999999.1"] {
            assert_eq!(wrong.parse::<PagePosition>(), Err(InvalidPosition), "{wrong}");
        }
    }
}
