//! A condition that is polled: a step whose attempts carry a state from one to the next.

use durable_types::{ErrorObject, Operation, OperationAction};

use super::step::Step;
use super::{OperationHeader, Settled, StepSemantics, Transition};
use crate::checkpoint::QueuedUpdate;
use crate::fatal::Fatal;
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

    pub(crate) fn begin(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        self.attempts.begin(header)
    }

    /// The condition is not met: it is checked again later, with this state, unless its strategy gives up.
    pub(crate) fn handle_unmet(
        &mut self,
        state: String,
        execution_arn: &str,
        header: &OperationHeader,
    ) -> QueuedUpdate {
        match self.strategy.decide(execution_arn, header.id, self.attempts.attempt()) {
            RetryDecision::After(delay) => self.attempts.retry(Ok(state), delay.as_secs(), header),
            RetryDecision::Stop => {
                let attempts = self.attempts.attempt();
                let message = format!("the condition was not met in {attempts} attempts");
                self.attempts.fail(ErrorObject::new("ConditionNotMetError", message), header)
            }
        }
    }

    pub(crate) fn handle_saved(&mut self, action: &OperationAction) -> Option<Settled> {
        self.attempts.handle_saved(action)
    }

    pub(crate) fn handle_recorded(
        &mut self,
        recorded: Operation,
        header: &OperationHeader,
    ) -> Result<Transition, Fatal> {
        self.attempts.handle_recorded(recorded, header)
    }
}
