//! The `Date` header.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use durable_types::Timestamp;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Parses a date such as `Fri, 02 Jan 2026 03:04:05 GMT`, the only format that HTTP allows servers to send.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let mut words = text.split_ascii_whitespace().skip(1);
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().zip(1..).find(|(name, _)| **name == month)?.1;
    let timestamp: Timestamp = format!("{year}-{month:02}-{day}T{time}Z").parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::from_millis(timestamp.as_millis().try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_parsed() {
        let expected = UNIX_EPOCH + Duration::from_secs(1_767_323_045);

        assert_eq!(parse("Fri, 02 Jan 2026 03:04:05 GMT"), Some(expected));
    }

    #[test]
    fn a_text_that_is_not_a_date_is_ignored() {
        for text in ["", "Fri, 02 Jan 2026", "Fri, 02 Foo 2026 03:04:05 GMT", "Fri, 99 Jan 2026 03:04:05 GMT"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
