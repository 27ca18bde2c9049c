//! Parses times and formats timestamps for people.

use durable_types::Timestamp;
use jiff::{SignedDuration, Span, SpanRelativeTo};

use crate::clock;

/// Parses a duration ago (`90s`, `10m`, `2h`, `3d`) or a time such as `2026-01-02T03:04:05Z`.
pub(crate) fn parse_since(text: &str) -> Result<Timestamp, String> {
    since(text, clock::now())
}

fn since(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    if let Some(ago) = ago(text) {
        let ago = i64::try_from(ago.as_millis()).unwrap_or(i64::MAX);
        return Ok(Timestamp::from_millis(now.as_millis().saturating_sub(ago)));
    }
    let problem = "expected a duration such as 90s, 10m, 2h or 3d, or a time such as 2026-01-02T03:04:05Z";
    text.parse().map_err(|_| problem.to_owned())
}

fn ago(text: &str) -> Option<SignedDuration> {
    let ago = text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (!ago.is_negative()).then_some(ago)
}

/// Formats a timestamp as date and time of day in UTC.
pub(crate) fn date_and_time(timestamp: Timestamp) -> String {
    utc(timestamp, "%F %T")
}

/// Formats a timestamp as time of day in UTC, which needs no time zone database.
pub(crate) fn time_of_day(timestamp: Timestamp) -> String {
    utc(timestamp, "%T UTC")
}

/// Formats a timestamp as time of day in UTC, with milliseconds.
pub(crate) fn time_with_millis(timestamp: Timestamp) -> String {
    utc(timestamp, "%T%.3f")
}

fn utc(timestamp: Timestamp, format: &str) -> String {
    jiff::Timestamp::from_millisecond(timestamp.as_millis())
        .map_or_else(|_| timestamp.to_string(), |time| time.strftime(format).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_ago_and_a_time_are_parsed() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();

        assert_eq!(since("90s", now), Ok("2026-01-02T03:02:35Z".parse().unwrap()));
        assert_eq!(since("2d", now), Ok("2025-12-31T03:04:05Z".parse().unwrap()));
        assert_eq!(since("1h30m", now), Ok("2026-01-02T01:34:05Z".parse().unwrap()));
        assert_eq!(since("2026-01-01T00:00:00Z", now), Ok("2026-01-01T00:00:00Z".parse().unwrap()));
        for wrong in ["", "s", "2", "2mo", "-1s", "yesterday", "é"] {
            assert!(since(wrong, now).is_err(), "{wrong}");
        }
    }

    #[test]
    fn timestamps_are_formatted_in_utc() {
        let timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();

        assert_eq!(date_and_time(timestamp), "2026-01-02 03:04:05");
        assert_eq!(time_of_day(timestamp), "03:04:05 UTC");
        assert_eq!(time_with_millis(timestamp), "03:04:05.678");
    }
}
