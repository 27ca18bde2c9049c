//! Pausing an execution, and letting it go on.

use durable_types::Timestamp;
use durable_types::api::{PauseRequest, ResumeRequest, ServiceError, ServiceErrorKind};

use crate::event::{Event, ExecutionResumed, PauseRequested};
use crate::execution::Execution;
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::settings::Settings;
use crate::transition::Transition;

impl Execution {
    /// Keeps the function from being invoked. One that is paused already stays as it is.
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

    /// Invokes the function again, as far as there is something to do for it. One that is not paused stays as it is.
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
            // What time did during the pause stands before its end in the record.
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

    /// Refuses what cannot be done to an execution that has ended, even if nobody has said so yet.
    fn check_open(&self, done: &str, now: Timestamp) -> Result<(), ServiceError> {
        if self.is_closed() || self.deadline() <= now {
            let message = format!("The execution has ended and cannot be {done}.");
            return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
        }
        Ok(())
    }
}
