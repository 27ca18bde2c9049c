//! A step: code that runs, is tried again when it fails, and is recorded with its result.

use durable_types::{
    ErrorObject, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate,
};

use super::{Head, Send, Settled, ended};
use crate::queue::Urgency;
use crate::{Fatal, RetryDecision, RetryStrategy};

/// What happens to a step whose attempt was interrupted: the invocation ended while its body ran.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum StepSemantics {
    /// The attempt runs again. Its body must bear to run more than once.
    #[default]
    AtLeastOncePerRetry,
    /// The attempt counts as failed, and the retry strategy decides whether another one is made. Nothing runs
    /// before its start is recorded, which costs a request more.
    AtMostOncePerRetry,
}

/// How the attempts of a step are made.
#[derive(Debug)]
struct Attempts {
    semantics: StepSemantics,
    retry: RetryStrategy,
    /// How many have ended.
    ended: u32,
}

#[derive(Debug)]
pub(crate) struct Step {
    attempts: Attempts,
    state: State,
}

#[derive(Debug)]
enum State {
    New,
    /// The start of an at-most-once attempt is being recorded.
    Starting,
    Ready,
    Running,
    /// An at-most-once attempt was under way when an earlier invocation ended.
    Interrupted,
    SavingSuccess,
    SavingRetry,
    SavingFailure(ErrorObject),
    /// The service says when the next attempt may begin.
    Pending,
    Settled(Settled),
    Taken,
}

impl Step {
    /// Resumes from what is recorded.
    pub(crate) fn resume(
        semantics: StepSemantics,
        retry: RetryStrategy,
        recorded: Option<Operation>,
    ) -> Result<Self, Fatal> {
        let mut attempts = Attempts { semantics, retry, ended: 0 };
        let Some(mut recorded) = recorded else { return Ok(Self { attempts, state: State::New }) };
        let details = recorded.step_details.take().map(|details| *details).unwrap_or_default();
        attempts.ended = details.attempt.unwrap_or(0);
        if let Some(settled) = ended(&recorded, || details.result, || details.error)? {
            return Ok(Self { attempts, state: State::Settled(settled) });
        }
        let state = match (recorded.status, semantics) {
            (OperationStatus::Pending, _) => State::Pending,
            (OperationStatus::Ready, _) => State::New,
            (_, StepSemantics::AtLeastOncePerRetry) => State::Ready,
            (_, StepSemantics::AtMostOncePerRetry) => State::Interrupted,
        };
        Ok(Self { attempts, state })
    }

    pub(crate) fn take_settled(&mut self) -> Option<Settled> {
        match std::mem::replace(&mut self.state, State::Taken) {
            State::Settled(settled) => Some(settled),
            other => {
                self.state = other;
                None
            }
        }
    }

    /// Begins the step, or its next attempt.
    pub(crate) fn begin(&mut self, head: &Head) -> Option<Send> {
        let State::New = self.state else { return None };
        let update = OperationUpdate::start(head.id_text(), OperationType::Step);
        match self.attempts.semantics {
            StepSemantics::AtLeastOncePerRetry => {
                self.state = State::Ready;
                Some(head.send(update, Urgency::Relaxed))
            }
            StepSemantics::AtMostOncePerRetry => {
                self.state = State::Starting;
                Some(head.send(update, Urgency::Awaited))
            }
        }
    }

    /// The number of the attempt whose body is to run now; said once an attempt.
    pub(crate) fn run(&mut self) -> Option<u32> {
        let State::Ready = self.state else { return None };
        self.state = State::Running;
        Some(self.attempt())
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.attempts.ended.saturating_add(1)
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        matches!(self.state, State::Interrupted)
    }

    pub(crate) fn handle_succeeded(&mut self, result: Option<String>, head: &Head) -> Send {
        self.state = State::SavingSuccess;
        let update = OperationUpdate::succeed(head.id_text(), OperationType::Step, result);
        head.send(update, Urgency::Awaited)
    }

    /// The attempt failed. `is_final` errors are not tried again; `chance` spreads the delays of retries.
    pub(crate) fn handle_failed(
        &mut self,
        error: ErrorObject,
        is_final: bool,
        chance: f64,
        head: &Head,
    ) -> Send {
        let decision = match is_final {
            true => RetryDecision::GiveUp,
            false => self.attempts.retry.decide(self.attempt(), chance),
        };
        let update = match decision {
            RetryDecision::After(seconds) => {
                self.state = State::SavingRetry;
                let delay = Some(seconds);
                OperationUpdate::retry_with_error(head.id_text(), OperationType::Step, error, delay)
            }
            RetryDecision::GiveUp => {
                self.state = State::SavingFailure(error.clone());
                OperationUpdate::fail(head.id_text(), OperationType::Step, error)
            }
        };
        head.send(update, Urgency::Awaited)
    }

    pub(crate) fn handle_saved(&mut self, action: &OperationAction) {
        let state = std::mem::replace(&mut self.state, State::Taken);
        self.state = match (state, action) {
            (State::Starting, OperationAction::Start) => State::Ready,
            (State::SavingSuccess, OperationAction::Succeed) => State::Settled(Settled::Succeeded(None)),
            (State::SavingFailure(error), OperationAction::Fail) => State::Settled(Settled::failed(error)),
            (State::SavingRetry, OperationAction::Retry) => {
                self.attempts.ended = self.attempts.ended.saturating_add(1);
                State::Pending
            }
            (state, _) => state,
        };
    }

    /// Takes over what the service moved on by itself: the next attempt, or an end from outside.
    pub(crate) fn handle_recorded(
        &mut self,
        mut recorded: Operation,
        head: &Head,
    ) -> Result<Option<Send>, Fatal> {
        if !matches!(self.state, State::Pending | State::Starting | State::Ready) {
            return Ok(None);
        }
        let details = recorded.step_details.take().map(|details| *details).unwrap_or_default();
        self.attempts.ended = details.attempt.unwrap_or(self.attempts.ended);
        if let Some(settled) = ended(&recorded, || details.result, || details.error)? {
            self.state = State::Settled(settled);
            return Ok(None);
        }
        if matches!(self.state, State::Pending) && recorded.status == OperationStatus::Ready {
            self.state = State::New;
        }
        Ok(self.begin(head))
    }

    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.state, State::Pending)
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, State::Running)
    }
}
