//! Whoever answers the callbacks of a random program, at random moments.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use durable_testing::{CallbackAnswer, RunningExecution, TestError, TestExecution};
use durable_types::ErrorObject;

use crate::program::Ending;

/// Moments after which an execution has certainly ended.
const MAX_MOMENTS: u64 = 20_000;

/// Carries an execution to its end, and answers its callbacks as their names ask for.
pub(crate) async fn accompany(
    mut execution: RunningExecution<'_>,
    seed: u64,
) -> Result<TestExecution, TestError> {
    let mut chance = Chance { seed, thrown: 0 };
    for _ in 0..MAX_MOMENTS {
        execution.run_for(Duration::from_millis(chance.below(3_000))).await?;
        if execution.is_closed() {
            return execution.finish().await;
        }
        for callback in execution.open_callbacks() {
            let ending = callback.name.as_deref().and_then(Ending::of).expect("callbacks say how they end");
            if let Some(answer) = answer(ending, &mut chance) {
                execution.answer_callback(&callback.id, answer.clone())?;
                let is_last = answer != CallbackAnswer::Heartbeat;
                assert!(
                    !is_last || execution.answer_callback(&callback.id, answer).is_err(),
                    "answered twice"
                );
            }
        }
    }
    Err(TestError::Endless)
}

/// What somebody says now of a callback that ends so, if anything.
fn answer(ending: Ending, chance: &mut Chance) -> Option<CallbackAnswer> {
    match (ending, chance.below(4)) {
        (Ending::HasNoHeartbeat, _) | (_, 0) => None,
        (Ending::TimesOut, _) | (_, 1) => Some(CallbackAnswer::Heartbeat),
        (Ending::Succeeds, _) => Some(CallbackAnswer::Succeeded(Some("\"answer\"".to_owned()))),
        (Ending::Fails, _) => Some(CallbackAnswer::Failed(Some(ErrorObject::new("Refused", "refused")))),
    }
}

/// Numbers that follow from a seed.
struct Chance {
    seed: u64,
    thrown: u64,
}

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.thrown += 1;
        let mut hasher = DefaultHasher::new();
        (self.seed, self.thrown).hash(&mut hasher);
        hasher.finish() % limit
    }
}
