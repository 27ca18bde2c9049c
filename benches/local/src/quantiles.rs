//! How durations are distributed.

/// Durations in microseconds, sorted.
pub struct Quantiles(Vec<u64>);

impl Quantiles {
    pub fn new(mut micros: Vec<u64>) -> Self {
        micros.sort_unstable();
        Self(micros)
    }

    /// In milliseconds, the value below which this share of them is.
    pub fn at(&self, share: f64) -> f64 {
        let index = (self.0.len().saturating_sub(1)) as f64 * share;
        self.0.get(index.round() as usize).map_or(f64::NAN, |micros| *micros as f64 / 1e3)
    }
}
