//! The units in which figures are printed.

use std::time::Duration;

pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

pub fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
