//! The rules of a batch, and what is wrong with them.

use durable_engine::Completion;

/// How a batch is run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) completion: Completion,
    pub(crate) max_concurrency: Option<usize>,
    pub(crate) is_flat: bool,
}

impl Rules {
    /// What is wrong with them for a batch of so many items.
    pub(crate) fn problem(&self, total: usize) -> Option<String> {
        if self.max_concurrency == Some(0) {
            return Some("max_concurrency is 0, but must be at least 1".to_owned());
        }
        self.completion.problem(total)
    }
}

/// The builder methods that set the rules.
macro_rules! rules {
    () => {
        /// How many may be under way at a time; all of them by default. One that waits keeps its place.
        pub fn max_concurrency(mut self, max: usize) -> Self {
            self.rules.max_concurrency = Some(max);
            self
        }

        /// It is complete when so many succeeded. Alone, it tolerates every failure.
        pub fn min_successful(mut self, min: usize) -> Self {
            self.rules.completion.min_successful = Some(min);
            self
        }

        /// It is complete when more than so many failed; by default, when one did.
        pub fn tolerated_failure_count(mut self, count: usize) -> Self {
            self.rules.completion.tolerated_failure_count = Some(count);
            self
        }

        /// It is complete when more than this share of all failed, in percent from 0 to 100.
        pub fn tolerated_failure_percentage(mut self, percentage: f64) -> Self {
            self.rules.completion.tolerated_failure_percentage = Some(percentage);
            self
        }

        /// Records the operations inside, but no context around those of each: about a third fewer operations.
        ///
        /// What is outside of operations runs again on replay, until the whole is complete.
        pub fn flat(mut self) -> Self {
            self.rules.is_flat = true;
            self
        }
    };
}

pub(crate) use rules;
