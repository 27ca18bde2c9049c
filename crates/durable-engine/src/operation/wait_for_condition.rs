//! A condition that is polled: a step whose attempts carry a state from one to the next.

use durable_types::{ErrorObject, Operation, OperationAction};

use super::step::Step;
use super::{Head, Moved, Send, Settled, StepSemantics};
use crate::Fatal;
use crate::retry::{RetryDecision, RetryStrategy, WaitStrategy};

#[derive(Debug)]
pub(crate) struct WaitForCondition {
    pub(crate) attempts: Step,
    strategy: WaitStrategy,
}

impl WaitForCondition {
    /// Resumes from what is recorded.
    pub(crate) fn resume(
        strategy: WaitStrategy,
        recorded: Option<Operation>,
    ) -> Result<(Self, Option<Settled>), Fatal> {
        let semantics = StepSemantics::AtLeastOncePerRetry;
        // What fails in a check is not tried again: the check itself is what is repeated.
        let (attempts, settled) = Step::resume(semantics, RetryStrategy::none(), recorded)?;
        Ok((Self { attempts, strategy }, settled))
    }

    pub(crate) fn begin(&mut self, head: &Head) -> Option<Send> {
        self.attempts.begin(head)
    }

    /// The condition is not met: it is checked again later, with this state, unless its strategy gives up.
    pub(crate) fn handle_unmet(&mut self, state: String, chance: f64, head: &Head) -> Send {
        match self.strategy.decide(self.attempts.attempt(), chance) {
            RetryDecision::After(seconds) => self.attempts.retry(Ok(state), seconds, head),
            RetryDecision::GiveUp => {
                let attempts = self.attempts.attempt();
                let message = format!("the condition was not met in {attempts} attempts");
                self.attempts.fail(ErrorObject::new("ConditionNotMetError", message), head)
            }
        }
    }

    pub(crate) fn handle_saved(&mut self, action: &OperationAction) -> Option<Settled> {
        self.attempts.handle_saved(action)
    }

    pub(crate) fn handle_recorded(&mut self, recorded: Operation, head: &Head) -> Result<Moved, Fatal> {
        self.attempts.handle_recorded(recorded, head)
    }
}
