//! Durations in the fields of spans.

use std::time::Duration;

/// Returns a duration in milliseconds, rounded to microseconds, as fields of spans contain it.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_rounded_to_microseconds() {
        assert_eq!(milliseconds(Duration::from_nanos(1_506_422)).to_string(), "1.506");
        assert_eq!(milliseconds(Duration::from_secs(2)).to_string(), "2000");
    }
}
