//! Positions in the order of lists: by the time of the start, and by the key among equal times.

use std::fmt;
use std::str::FromStr;

use durable_types::Timestamp;
use thiserror::Error;

/// The position at which a page ended.
///
/// Lists are ordered by the time at which executions started; executions with the same time follow each other as they
/// were recorded. Keys alone would not do: an imported execution is recorded long after its start, and clocks are set
/// back. A position is part of the order whether or not the execution that stood there still exists.
///
/// Its text form, for markers, is parsed by [`str::parse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PagePosition {
    /// The start of the execution, in microseconds since the epoch.
    pub started_at: i64,
    /// The store's own key of the execution.
    pub key: i64,
}

/// The text is not a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a position in a list is two numbers with a dot between them")]
pub struct InvalidPosition;

impl PagePosition {
    /// Precedes every execution that started at this time.
    pub(crate) fn first_at(time: Timestamp) -> Self {
        Self { started_at: time.as_micros(), key: i64::MIN }
    }

    /// Follows every execution that started at this time.
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

/// A range of positions. Neither end belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PositionRange {
    /// The position before it.
    pub after: PagePosition,
    /// The position after it.
    pub before: PagePosition,
}

impl PositionRange {
    /// Excludes a position and what precedes it.
    pub fn start_after(&mut self, position: PagePosition) {
        self.after = self.after.max(position);
    }

    /// Excludes a position and what follows it.
    pub fn end_before(&mut self, position: PagePosition) {
        self.before = self.before.min(position);
    }

    /// Leaves what follows a position in the given direction.
    pub fn resume(&mut self, position: PagePosition, newest_first: bool) {
        if newest_first { self.end_before(position) } else { self.start_after(position) }
    }

    /// Returns whether a position belongs to the range.
    pub fn contains(&self, position: PagePosition) -> bool {
        self.after < position && position < self.before
    }
}

impl Default for PositionRange {
    /// All positions.
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
