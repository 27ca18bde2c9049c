//! The rules of a batch, and what is wrong with them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use durable_engine::{Completion, CompletionReason, Tally, Verdict};
use durable_types::ErrorObject;

use super::BatchProgress;
use super::record::Started;
use crate::panic::panicked;

/// How a batch is run.
#[derive(Default)]
pub(crate) struct Rules<'c> {
    pub(crate) completion: Completion,
    pub(crate) complete_when: Option<CompleteWhen<'c>>,
    pub(crate) max_concurrency: Option<usize>,
    pub(crate) is_flat: bool,
}

/// Says of a batch so far whether it is complete.
pub(crate) type CompleteWhen<'c> = Box<dyn Fn(&BatchProgress<'_>) -> Verdict + Send + Sync + 'c>;

impl Rules<'_> {
    /// What is wrong with them for a batch of so many items.
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

    /// Whether the batch is complete, and why. That a rule of the user's panics is an error of the batch.
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

        /// It is complete when this says so, instead of by the other rules: it tolerates every failure but those it does
        /// not want to.
        ///
        /// It is asked once before the first item is started, and then each time an item has ended. It must follow from
        /// what it is told alone, and once it has said that the batch is complete it must not say otherwise when more
        /// items have ended: a batch that was interrupted asks it again. What it has decided is recorded with the batch.
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
