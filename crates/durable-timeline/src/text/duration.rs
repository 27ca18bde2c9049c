//! Durations as text.

use std::time::Duration;

/// Formats a duration in at most 8 characters.
///
/// ```
/// use std::time::Duration;
/// use durable_timeline::text::duration;
///
/// assert_eq!(duration(Duration::from_millis(1_234)), "1.2 s");
/// assert_eq!(duration(Duration::from_secs(7_260)), "2h 01m");
/// ```
pub fn duration(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    match seconds {
        0 => format!("{millis} ms"),
        1..10 => format!("{seconds}.{} s", millis / 100),
        10..60 => format!("{seconds} s"),
        60..3_600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{}h {:02}m", seconds / 3_600, seconds / 60 % 60),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds / 3_600 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let durations = [0, 12, 1_234, 9_999, 59_999, 61_000, 7_260_000, 200_000_000];
        let durations = durations.map(|millis| duration(Duration::from_millis(millis)));

        assert_eq!(durations, ["0 ms", "12 ms", "1.2 s", "9.9 s", "59 s", "1m 01s", "2h 01m", "2d 07h"]);
    }
}
