//! The rules of a batch and their validation.

use std::panic::{AssertUnwindSafe, catch_unwind};

use durable_engine::{Completion, CompletionReason, Tally, Verdict};
use durable_types::ErrorObject;

use super::progress::BatchProgress;
use super::record::Started;
use crate::panic::panicked;

/// The rules by which a batch runs.
#[derive(Default)]
pub(crate) struct Rules<'c> {
    pub(crate) completion: Completion,
    pub(crate) complete_when: Option<CompleteWhen<'c>>,
    pub(crate) max_concurrency: Option<usize>,
    pub(crate) is_flat: bool,
}

/// A user-defined rule that decides from the progress of a batch whether it is complete.
pub(crate) type CompleteWhen<'c> = Box<dyn Fn(&BatchProgress<'_>) -> Verdict + Send + Sync + 'c>;

impl Rules<'_> {
    /// Returns what is wrong with the rules for a batch of `total` items, if anything.
    pub(crate) fn problem(&self, total: usize) -> Option<String> {
        if self.max_concurrency == Some(0) {
            return Some("max_concurrency is 0, but must be at least 1".to_owned());
        }
        if self.complete_when.is_some() && self.completion != Completion::default() {
            let others = "min_successful, tolerated_failure_count or tolerated_failure_percentage";
            return Some(format!("complete_when leaves no room for {others}: decide it all there"));
        }
        self.completion.problem(total)
    }

    /// Returns why the batch is complete, if it is. A panic of a user-defined rule is an error of the batch.
    pub(super) fn decide<T>(
        &self,
        tally: Tally,
        items: &Vec<Started<T>>,
    ) -> Result<Option<CompletionReason>, ErrorObject> {
        let Some(complete_when) = &self.complete_when else { return Ok(self.completion.decide(tally)) };
        let progress = BatchProgress::new(tally, items);
        match catch_unwind(AssertUnwindSafe(|| complete_when(&progress))) {
            Ok(verdict) => Ok(verdict.decide(tally)),
            Err(panic) => Err(panicked(panic.as_ref())),
        }
    }
}

/// The builder methods that set the rules.
macro_rules! rules {
    () => {
        /// Sets how many items run at a time; defaults to no limit.
        ///
        /// An item that is waiting still counts towards the limit.
        pub fn max_concurrency(mut self, max: usize) -> Self {
            self.rules.max_concurrency = Some(max);
            self
        }

        /// Sets the number of successes that complete the batch.
        ///
        /// Without a rule about failures, every failure is tolerated.
        pub fn min_successful(mut self, min: usize) -> Self {
            self.rules.completion.min_successful = Some(min);
            self
        }

        /// Sets the number of failures that are tolerated; one more completes the batch.
        ///
        /// Without any completion rule, the first failure completes the batch.
        pub fn tolerated_failure_count(mut self, count: usize) -> Self {
            self.rules.completion.tolerated_failure_count = Some(count);
            self
        }

        /// Sets the percentage of all items that may fail, from 0 to 100; the batch is complete when more have failed.
        pub fn tolerated_failure_percentage(mut self, percentage: f64) -> Self {
            self.rules.completion.tolerated_failure_percentage = Some(percentage);
            self
        }

        /// Sets a function that decides when the batch is complete, in place of the other completion rules.
        ///
        /// Failures then do not complete the batch unless the function says so. It is called once before the first item
        /// starts, and again each time an item has ended.
        ///
        /// The function must be a pure function of its argument. Once it has declared the batch complete, it must not
        /// decide otherwise after further items have ended, because a batch that was interrupted calls it again. Its
        /// decision is recorded with the batch.
        ///
        /// ```
        /// # use durable_core::{DurableContext, Result};
        /// # use durable_core::batch::Verdict;
        /// # async fn ask(replica: &str) -> std::io::Result<u32> { Ok(7) }
        /// # async fn handler(replicas: Vec<String>, ctx: DurableContext) -> Result<usize> {
        /// let votes = ctx
        ///     .map("vote", &replicas, async |ctx, replica, _| {
        ///         ctx.step("ask", async |_| Ok(ask(replica).await?)).await
        ///     })
        ///     .complete_when(|progress| {
        ///         let majority = progress.total_count() / 2 + 1;
        ///         if progress.success_count() >= majority {
        ///             Verdict::Succeed
        ///         } else if progress.failure_count() >= majority {
        ///             Verdict::Fail
        ///         } else {
        ///             Verdict::Continue
        ///         }
        ///     })
        ///     .await?;
        /// # Ok(votes.success_count())
        /// # }
        /// ```
        pub fn complete_when(
            mut self,
            rule: impl Fn(&$crate::batch::BatchProgress<'_>) -> $crate::batch::Verdict + Send + Sync + 'c,
        ) -> Self {
            self.rules.complete_when = Some(Box::new(rule));
            self
        }

        /// Records the operations inside the items, but no context for each item, which takes about a third fewer
        /// operations.
        ///
        /// Until the batch is complete, the code between operations runs again on replay. If the results are too large
        /// to record together, it runs again in every later invocation, one item at a time, to rebuild them. What an
        /// item returns must therefore follow from its input and its operations: state that items share, such as a
        /// counter behind a mutex, has other values when they are rebuilt, and an item that awaited a signal from one
        /// that was still in flight when the batch was complete waits for it in vain.
        pub fn flat(mut self) -> Self {
            self.rules.is_flat = true;
            self
        }
    };
}

pub(crate) use rules;
