//! How much of everything is measured.

use std::time::Duration;

pub struct Plan {
    /// How often each row is measured.
    pub rounds: usize,
    /// How many callers start executions at a time.
    pub callers: &'static [usize],
    /// How long they do so.
    pub throughput: Duration,
    /// Lengths of the executions whose steps run in a row.
    pub steps: &'static [u32],
    /// Executions that wait while the service restarts.
    pub waiting: usize,
}

impl Plan {
    pub const FULL: Self = Self {
        rounds: 3,
        callers: &[1, 8, 64],
        throughput: Duration::from_secs(5),
        steps: &[200, 1_000, 25_000],
        waiting: 1_000,
    };
    pub const QUICK: Self =
        Self { throughput: Duration::from_millis(500), steps: &[200], waiting: 100, ..Self::FULL };
}
