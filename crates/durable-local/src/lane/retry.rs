//! Lanes that stopped because of something that may pass: they begin again later.

use std::sync::Arc;
use std::time::Duration;

use durable_types::DurableExecutionArn;
use tokio::time::sleep;

use super::lanes::Lanes;
use crate::service::RunningFunction;

/// How long the first retry waits; each further one waits twice as long.
const FIRST_DELAY: Duration = Duration::from_millis(200);
/// The longest that a retry waits, so that executions go on soon after somebody made room on the disk.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// How many retries in a row came to nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Retries(u32);

impl Retries {
    /// One more.
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// How long to wait before the next one.
    pub(super) fn delay(self) -> Duration {
        let factor = 2_u32.checked_pow(self.0).unwrap_or(u32::MAX);
        FIRST_DELAY.saturating_mul(factor).min(LONGEST_DELAY)
    }
}

impl Lanes {
    /// Makes an execution live again after a while, unless somebody else does before.
    pub(super) fn resume_later(
        &self,
        arn: DurableExecutionArn,
        function: Arc<RunningFunction>,
        retries: Retries,
    ) {
        let lanes = self.clone();
        self.run_beside(async move {
            sleep(retries.delay()).await;
            lanes.retry(&arn, function, retries.next());
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_wait_longer_and_longer_but_never_more_than_half_a_minute() {
        let mut retries = Retries::default();
        let mut delays = Vec::new();

        for _ in 0..100 {
            delays.push(retries.delay());
            retries = retries.next();
        }

        assert_eq!(delays[..3], [200, 400, 800].map(Duration::from_millis));
        assert!(delays.is_sorted());
        assert_eq!(delays.last(), Some(&LONGEST_DELAY));
    }
}
