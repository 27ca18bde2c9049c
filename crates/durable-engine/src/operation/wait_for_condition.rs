//! A condition: a step whose attempts pass a state from one to the next.

use durable_types::{ErrorObject, Operation, OperationAction};

use super::header::OperationHeader;
use super::step::Step;
use super::transition::Transition;
use crate::checkpoint::QueuedUpdate;
use crate::fatal::Fatal;
use crate::retry::RetryDecision;
use crate::settled::Settled;
use crate::step_semantics::StepSemantics;

#[derive(Debug)]
pub(crate) struct WaitForCondition {
    pub(crate) attempts: Step,
}

impl WaitForCondition {
    /// Resumes from the journal.
    pub(crate) fn resume(recorded: Option<&mut Operation>) -> Result<(Self, Option<Settled>), Fatal> {
        let (attempts, settled) = Step::resume(StepSemantics::AtLeastOncePerRetry, recorded)?;
        Ok((Self { attempts }, settled))
    }

    pub(crate) fn begin(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        self.attempts.begin(header)
    }

    /// Handles that the condition is not met, and whether it is checked again later with this state.
    pub(crate) fn handle_unmet(
        &mut self,
        state: String,
        decision: RetryDecision,
        header: &OperationHeader,
    ) -> QueuedUpdate {
        match decision.delay_seconds() {
            Some(seconds) => self.attempts.retry(Ok(state), seconds, header),
            None => {
                let attempts = self.attempts.attempt();
                let plural = if attempts == 1 { "" } else { "s" };
                let message = format!("the condition was not met in {attempts} attempt{plural}");
                self.attempts.fail(ErrorObject::new("ConditionNotMetError", message), header)
            }
        }
    }

    pub(crate) fn handle_saved(&mut self, action: &OperationAction) -> Option<Settled> {
        self.attempts.handle_saved(action)
    }

    pub(crate) fn handle_recorded(&mut self, recorded: &mut Operation) -> Result<Transition, Fatal> {
        self.attempts.handle_recorded(recorded)
    }
}
