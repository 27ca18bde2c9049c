//! A step: code that runs, is retried when it fails, and is recorded with its result.

use durable_types::{
    ErrorObject, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate, Timestamp,
};

use super::ended::ended;
use super::header::OperationHeader;
use super::progress::Progress;
use super::transition::Transition;
use crate::checkpoint::{QueuedUpdate, Urgency};
use crate::fatal::Fatal;
use crate::retry::RetryDecision;
use crate::settled::Settled;
use crate::step_semantics::StepSemantics;

#[derive(Debug)]
pub(crate) struct Step {
    semantics: StepSemantics,
    /// The number of attempts that have ended.
    ended: u32,
    /// What the last attempt left for the next.
    carried: Option<String>,
    /// When the service will let the next attempt start.
    due: Option<Timestamp>,
    state: State,
}

#[derive(Debug)]
enum State {
    New,
    /// The start of an at-most-once attempt is being recorded.
    Starting,
    Ready,
    Running,
    /// An attempt that may run only once was in flight when an earlier invocation ended.
    Interrupted,
    SavingSuccess,
    SavingRetry,
    SavingFailure(ErrorObject),
    /// The service decides when the next attempt may start.
    Pending,
}

impl Step {
    /// Resumes from the journal.
    pub(crate) fn resume(
        semantics: StepSemantics,
        recorded: Option<&mut Operation>,
    ) -> Result<(Self, Option<Settled>), Fatal> {
        let mut step = Self { semantics, ended: 0, carried: None, due: None, state: State::New };
        let Some(recorded) = recorded else { return Ok((step, None)) };
        let status = recorded.status.clone();
        let settled = step.take_over(recorded)?;
        step.state = match (status, semantics) {
            (OperationStatus::Pending, _) => State::Pending,
            (OperationStatus::Ready, _) => State::New,
            (_, StepSemantics::AtLeastOncePerRetry) => State::Ready,
            (_, StepSemantics::AtMostOncePerRetry | StepSemantics::AtMostOnce) => State::Interrupted,
        };
        Ok((step, settled))
    }

    /// Starts the step or its next attempt, or ends a step whose only attempt was interrupted.
    pub(crate) fn begin(&mut self, header: &OperationHeader) -> Option<QueuedUpdate> {
        if matches!((&self.state, self.semantics), (State::Interrupted, StepSemantics::AtMostOnce)) {
            return Some(self.fail(interrupted(header), header));
        }
        let State::New = self.state else { return None };
        let update = OperationUpdate::start(String::new(), OperationType::Step);
        match self.semantics {
            StepSemantics::AtLeastOncePerRetry => {
                self.state = State::Ready;
                Some(header.update(update, Urgency::Relaxed))
            }
            StepSemantics::AtMostOncePerRetry | StepSemantics::AtMostOnce => {
                self.state = State::Starting;
                Some(header.update(update, Urgency::Awaited))
            }
        }
    }

    /// Returns what the step requires of its future. Each attempt runs once.
    pub(crate) fn progress(&mut self, header: &OperationHeader) -> Progress {
        let attempt = self.attempt();
        match self.state {
            State::Ready => {
                self.state = State::Running;
                Progress::Run { attempt, carried: self.carried.take() }
            }
            State::Interrupted => Progress::Interrupted { attempt, error: interrupted(header) },
            State::New
            | State::Starting
            | State::Running
            | State::SavingSuccess
            | State::SavingRetry
            | State::SavingFailure(_)
            | State::Pending => Progress::Pending,
        }
    }

    pub(crate) fn attempt(&self) -> u32 {
        self.ended.saturating_add(1)
    }

    pub(crate) fn handle_succeeded(
        &mut self,
        result: Option<String>,
        header: &OperationHeader,
    ) -> QueuedUpdate {
        self.state = State::SavingSuccess;
        let update = OperationUpdate::succeed(String::new(), OperationType::Step, result);
        header.update(update, Urgency::Awaited)
    }

    /// Handles that the attempt failed, and whether it is retried.
    pub(crate) fn handle_failed(
        &mut self,
        error: ErrorObject,
        decision: RetryDecision,
        header: &OperationHeader,
    ) -> QueuedUpdate {
        match decision.delay_seconds() {
            Some(seconds) => self.retry(Err(error), seconds, header),
            None => self.fail(error, header),
        }
    }

    /// Ends the attempt and retries after these seconds, with the state that it left or because of its error.
    pub(crate) fn retry(
        &mut self,
        left: Result<String, ErrorObject>,
        seconds: u64,
        header: &OperationHeader,
    ) -> QueuedUpdate {
        self.state = State::SavingRetry;
        let (id, step) = (String::new(), OperationType::Step);
        let update = match left {
            Ok(state) => {
                self.carried = Some(state.clone());
                OperationUpdate::retry(id, step, Some(state), Some(seconds))
            }
            Err(error) => OperationUpdate::retry_with_error(id, step, error, Some(seconds)),
        };
        header.update(update, Urgency::Awaited)
    }

    /// Ends the step with an error.
    pub(crate) fn fail(&mut self, error: ErrorObject, header: &OperationHeader) -> QueuedUpdate {
        self.state = State::SavingFailure(error.clone());
        let update = OperationUpdate::fail(String::new(), OperationType::Step, error);
        header.update(update, Urgency::Awaited)
    }

    pub(crate) fn handle_saved(&mut self, action: &OperationAction) -> Option<Settled> {
        match (&mut self.state, action) {
            (State::Starting, OperationAction::Start) => self.state = State::Ready,
            (State::SavingSuccess, OperationAction::Succeed) => return Some(Settled::Succeeded(None)),
            (State::SavingFailure(error), OperationAction::Fail) => {
                return Some(Settled::failed(std::mem::take(error)));
            }
            (State::SavingRetry, OperationAction::Retry) => {
                self.ended = self.ended.saturating_add(1);
                self.state = State::Pending;
            }
            _ => {}
        }
        None
    }

    /// Handles what the service changed: the next attempt is due, or the step was ended from outside.
    pub(crate) fn handle_recorded(&mut self, recorded: &mut Operation) -> Result<Transition, Fatal> {
        if !matches!(self.state, State::Pending | State::Starting | State::Ready) {
            return Ok(Transition::None);
        }
        let is_ready = recorded.status == OperationStatus::Ready;
        if let Some(settled) = self.take_over(recorded)? {
            return Ok(Transition::Settled(settled));
        }
        if is_ready && matches!(self.state, State::Pending) {
            self.state = State::New;
            return Ok(Transition::Due);
        }
        Ok(Transition::None)
    }

    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.due
    }

    pub(crate) fn is_parked(&self) -> bool {
        matches!(self.state, State::Pending)
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, State::Running)
    }

    /// Returns whether an attempt is due that a later invocation could start as well. The start of an attempt that may
    /// run only once is recorded, so that a later invocation would find it interrupted.
    pub(crate) fn can_start_later(&self) -> bool {
        match self.state {
            State::New => true,
            State::Ready => self.semantics == StepSemantics::AtLeastOncePerRetry,
            State::Starting
            | State::Running
            | State::Interrupted
            | State::SavingSuccess
            | State::SavingRetry
            | State::SavingFailure(_)
            | State::Pending => false,
        }
    }

    /// Takes attempts and carried state from a record, and returns its outcome if it has ended.
    fn take_over(&mut self, recorded: &mut Operation) -> Result<Option<Settled>, Fatal> {
        let details = recorded.take_step_details();
        self.ended = details.attempt.unwrap_or(self.ended);
        self.due = details.next_attempt_timestamp;
        if recorded.status.is_terminal() {
            return ended(recorded, || details.result, || details.error);
        }
        // The record of an attempt that started does not always repeat what the previous one left.
        self.carried = details.result.or_else(|| self.carried.take());
        ended(recorded, || None, || None)
    }
}

/// Returns the error of a step that may run only once and whose attempt may or may not have taken effect.
fn interrupted(header: &OperationHeader) -> ErrorObject {
    let name = header.name.as_deref().unwrap_or("without a name");
    ErrorObject::new(
        "StepInterruptedError",
        format!(
            "an attempt of step `{name}` began, and the invocation ended before its outcome was recorded"
        ),
    )
}
