//! The executions whose traces are being exported.

use std::collections::HashMap;

use durable_service::ExecutionId;

use super::execution_fold::ExecutionFold;

/// The maximum weight of all folds that are kept.
const MAX_WEIGHT: usize = 100_000;

/// The maximum number of executions of which it is known how much was exported.
const MAX_EXECUTIONS: usize = 100_000;

/// The executions whose traces are being exported, and how much of each was.
///
/// # Invariants
/// - The folds that are kept, and the executions, are limited in number. An execution whose fold was discarded is read from
///   its beginning when it changes. One that was forgotten is exported again as well, which its ids make harmless.
#[derive(Debug)]
pub(super) struct FollowedExecutions {
    executions: HashMap<ExecutionId, Followed>,
    weight: usize,
    /// Counts changes, to find those executions that have not changed for the longest time.
    changes: u64,
    max_weight: usize,
    max_executions: usize,
}

#[derive(Debug)]
struct Followed {
    exported: u64,
    fold: Option<ExecutionFold>,
    changed: u64,
}

impl Default for FollowedExecutions {
    fn default() -> Self {
        Self::limited(MAX_WEIGHT, MAX_EXECUTIONS)
    }
}

impl FollowedExecutions {
    fn limited(max_weight: usize, max_executions: usize) -> Self {
        Self { executions: HashMap::new(), weight: 0, changes: 0, max_weight, max_executions }
    }

    /// Takes the fold of an execution.
    pub(super) fn take(&mut self, id: &ExecutionId) -> ExecutionFold {
        let Some(followed) = self.executions.get_mut(id) else { return ExecutionFold::default() };
        match followed.fold.take() {
            Some(fold) => {
                self.weight = self.weight.saturating_sub(fold.weight());
                fold
            }
            None => ExecutionFold::again(followed.exported),
        }
    }

    /// Keeps the fold of an execution, or only how much of it was exported if nothing else is needed.
    pub(super) fn keep(&mut self, id: ExecutionId, fold: ExecutionFold) {
        self.changes = self.changes.saturating_add(1);
        let (exported, changed) = (fold.exported(), self.changes);
        let fold = (!fold.is_complete()).then_some(fold);
        self.weight = self.weight.saturating_add(fold.as_ref().map_or(0, ExecutionFold::weight));
        self.executions.insert(id, Followed { exported, fold, changed });
        if self.weight > self.max_weight {
            self.discard_folds();
        }
        if self.executions.len() > self.max_executions {
            let oldest = self.older_half(self.executions.values());
            self.executions.retain(|_, followed| followed.changed > oldest);
            self.weight =
                self.executions.values().filter_map(|it| it.fold.as_ref()).map(ExecutionFold::weight).sum();
        }
    }

    /// Discards the older half of the folds.
    fn discard_folds(&mut self) {
        let oldest = self.older_half(self.executions.values().filter(|followed| followed.fold.is_some()));
        for followed in self.executions.values_mut().filter(|followed| followed.changed <= oldest) {
            let discarded = followed.fold.take();
            self.weight = self.weight.saturating_sub(discarded.as_ref().map_or(0, ExecutionFold::weight));
        }
    }

    /// Returns the last change of the older half of these executions.
    fn older_half<'a>(&self, followed: impl Iterator<Item = &'a Followed>) -> u64 {
        let mut changes: Vec<u64> = followed.map(|followed| followed.changed).collect();
        let middle = changes.len().saturating_sub(1) / 2;
        changes.sort_unstable();
        changes.get(middle).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use durable_service::{Event, ExecutionStarted, InvocationHeaders, Seed};
    use durable_types::{DurableConfig, Timestamp};

    use super::*;

    /// A fold that has read the start of an execution.
    fn started() -> ExecutionFold {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/e/1";
        let mut fold = ExecutionFold::default();
        fold.apply(&Event::ExecutionStarted(ExecutionStarted {
            at: Timestamp::EPOCH,
            execution_arn: arn.parse().unwrap(),
            input: None,
            durable_config: DurableConfig::default(),
            execution_timeout: 60,
            synchronous: false,
            headers: InvocationHeaders::default(),
            seed: Seed::default(),
        }));
        fold.settle();
        fold
    }

    fn following(ids: &[&str], max_weight: usize, max_executions: usize) -> FollowedExecutions {
        let mut followed = FollowedExecutions::limited(max_weight, max_executions);
        ids.iter().for_each(|id| followed.keep((*id).into(), started()));
        followed
    }

    fn state(followed: &mut FollowedExecutions, id: &str) -> (u64, u64) {
        let fold = followed.take(&id.into());
        (fold.read(), fold.exported())
    }

    #[test]
    fn a_fold_is_continued() {
        let mut followed = following(&["a"], 9, 9);

        assert_eq!(state(&mut followed, "a"), (1, 1));
        assert_eq!(state(&mut followed, "unknown"), (0, 0));
    }

    #[test]
    fn the_folds_that_changed_least_recently_are_repeated() {
        let mut followed = following(&["a", "b", "c", "d"], 3, 9);

        let states = ["a", "b", "c", "d"].map(|id| state(&mut followed, id));

        assert_eq!(states, [(0, 1), (0, 1), (1, 1), (1, 1)]);
        assert_eq!(followed.weight, 0);
    }

    #[test]
    fn the_executions_that_changed_least_recently_are_forgotten() {
        let mut followed = following(&["a", "b", "c", "d"], 9, 3);

        let states = ["a", "b", "c", "d"].map(|id| state(&mut followed, id));

        assert_eq!(states, [(0, 0), (0, 0), (1, 1), (1, 1)]);
        assert_eq!(followed.weight, 0);
    }
}
