//! Pauses and resumes an execution.

use durable_types::Timestamp;
use durable_types::api::{PauseRequest, ResumeRequest, ServiceError, ServiceErrorKind};

use crate::event::{Event, ExecutionResumed, PauseRequested};
use crate::execution::Execution;
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::settings::Settings;
use crate::transition::Transition;

impl Execution {
    /// Pauses the execution: the function is not invoked until it is resumed. Has no effect on a paused execution.
    pub(crate) fn handle_pause(
        &mut self,
        request: PauseRequest,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let is_repeated = self.pauses.is_repeated_pause(request.client_token.as_deref(), settings, now);
        if !is_repeated {
            self.check_open("paused", now)?;
        }
        let is_done = is_repeated || self.pauses.is_requested();
        let mut transition = Transition::new(self, settings, now);
        if !is_done {
            transition.emit(Event::PauseRequested(PauseRequested {
                at: now,
                reason: request.reason.map(Payload::from),
                execution_timeout_paused: request.execution_timeout_paused.unwrap_or(true),
                client_token: request.client_token,
            }));
            transition.settle_pause();
        }
        Ok(transition.accepted())
    }

    /// Resumes the execution and invokes the function if there is a delta. Has no effect unless the execution is
    /// paused.
    pub(crate) fn handle_resume(
        &mut self,
        request: ResumeRequest,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let is_repeated = self.pauses.is_repeated_resume(request.client_token.as_deref(), settings, now);
        if !is_repeated {
            self.check_open("resumed", now)?;
        }
        let is_done = is_repeated || !self.pauses.is_requested();
        let pause_took_effect = self.pauses.is_in_effect();
        let id = self.arn().execution_id().to_owned();
        let mut transition = Transition::new(self, settings, now);
        if !is_done {
            // Timers that elapsed during the pause are recorded before its end.
            transition.elapse();
            transition.emit(Event::ExecutionResumed(ExecutionResumed {
                at: now,
                id,
                reason: request.reason.map(Payload::from),
                client_token: request.client_token,
                pause_took_effect,
            }));
            transition.advance();
        }
        Ok(transition.accepted())
    }

    /// Rejects a request to an execution that has ended or whose deadline has passed.
    fn check_open(&self, done: &str, now: Timestamp) -> Result<(), ServiceError> {
        if self.is_closed() || self.deadline() <= now {
            let message = format!("The execution has ended and cannot be {done}.");
            return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
        }
        Ok(())
    }
}
