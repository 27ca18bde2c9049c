//! Pausing an execution, and letting it go on.

use std::time::Duration;

use durable_types::api::{PauseDetails, PauseRequest, ResumeRequest, ServiceError, ServiceErrorKind};
use durable_types::{ExecutionStatus, Timestamp};

use crate::event::{Event, ExecutionPaused, ExecutionResumed, PauseRequested};
use crate::execution::Execution;
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::settings::Settings;
use crate::turn::Turn;

/// The pauses of an execution.
///
/// A pause is requested first. It takes effect as soon as no invocation can record anything any more: at once, or when
/// the invocation in flight makes a checkpoint, whose answer then has no token, or ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pauses {
    current: Option<Pause>,
    /// How long the execution timeout stood still, in pauses that are over.
    stood_still: Duration,
    pause_token: Option<SpentToken>,
    resume_token: Option<SpentToken>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pause {
    requested_at: Timestamp,
    reason: Option<Payload>,
    holds_timeout: bool,
    /// When it took effect, if it has.
    since: Option<Timestamp>,
}

/// The client token of a request, by which a late repetition of it is recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SpentToken {
    text: String,
    at: Timestamp,
}

impl Pauses {
    /// Whether a pause was asked for, in effect or not.
    pub(crate) fn is_wanted(&self) -> bool {
        self.current.is_some()
    }

    /// Whether a pause is in effect.
    pub(crate) fn is_in_effect(&self) -> bool {
        self.current.as_ref().is_some_and(|pause| pause.since.is_some())
    }

    /// Whether the execution timeout stands still.
    pub(crate) fn holds_timeout(&self) -> bool {
        self.current.as_ref().is_some_and(|pause| pause.holds_timeout && pause.since.is_some())
    }

    /// How long the execution timeout stood still, in pauses that are over.
    pub(crate) fn stood_still(&self) -> Duration {
        self.stood_still
    }

    /// Takes note that a pause was asked for.
    pub(crate) fn request(&mut self, requested: PauseRequested) {
        let PauseRequested { at, reason, execution_timeout_paused, client_token } = requested;
        self.pause_token = client_token.map(|text| SpentToken { text, at });
        self.current =
            Some(Pause { requested_at: at, reason, holds_timeout: execution_timeout_paused, since: None });
    }

    /// Takes note that the pause is in effect.
    pub(crate) fn begin(&mut self, at: Timestamp) {
        if let Some(pause) = &mut self.current {
            pause.since = Some(at);
        }
    }

    /// Takes note that the execution goes on.
    pub(crate) fn resume(&mut self, resumed: ExecutionResumed) {
        self.resume_token = resumed.client_token.map(|text| SpentToken { text, at: resumed.at });
        self.end(resumed.at);
    }

    /// Takes note that the pause is over, if there is one.
    pub(crate) fn end(&mut self, at: Timestamp) {
        let Some(Pause { holds_timeout: true, since: Some(since), .. }) = self.current.take() else { return };
        self.stood_still = self.stood_still.saturating_add(at.saturating_since(since));
    }

    fn details(&self) -> Option<PauseDetails> {
        let pause = self.current.as_ref()?;
        let mut details = PauseDetails::new(pause.requested_at, pause.holds_timeout);
        details.reason = pause.reason.clone().map(Payload::into_string);
        Some(details)
    }
}

impl SpentToken {
    fn is_repeated(spent: Option<&Self>, token: Option<&str>, settings: &Settings, now: Timestamp) -> bool {
        spent.is_some_and(|spent| {
            Some(spent.text.as_str()) == token
                && now.saturating_since(spent.at) < settings.client_token_window
        })
    }
}

impl Execution {
    /// Since when it is paused and why; none if no pause was asked for.
    pub fn pause_details(&self) -> Option<PauseDetails> {
        self.pauses.details()
    }

    /// Keeps the function from being invoked. One that is paused already stays as it is.
    pub(crate) fn handle_pause(
        &mut self,
        request: PauseRequest,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let (spent, token) = (self.pauses.pause_token.as_ref(), request.client_token.as_deref());
        let is_repeated = SpentToken::is_repeated(spent, token, settings, now);
        if !is_repeated {
            self.check_open("paused", now)?;
        }
        let is_done = is_repeated || self.pauses.is_wanted();
        let mut turn = Turn::new(self, settings, now);
        if !is_done {
            turn.emit(Event::PauseRequested(PauseRequested {
                at: now,
                reason: request.reason.map(Payload::from),
                execution_timeout_paused: request.execution_timeout_paused.unwrap_or(true),
                client_token: request.client_token,
            }));
            turn.settle_pause();
        }
        Ok(turn.accepted())
    }

    /// Invokes the function again, as far as there is something to do for it. One that is not paused stays as it is.
    pub(crate) fn handle_resume(
        &mut self,
        request: ResumeRequest,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let (spent, token) = (self.pauses.resume_token.as_ref(), request.client_token.as_deref());
        let is_repeated = SpentToken::is_repeated(spent, token, settings, now);
        if !is_repeated {
            self.check_open("resumed", now)?;
        }
        let is_done = is_repeated || !self.pauses.is_wanted();
        let pause_took_effect = self.pauses.is_in_effect();
        let id = self.arn().execution_id().to_owned();
        let mut turn = Turn::new(self, settings, now);
        if !is_done {
            // What time did during the pause stands before its end in the record.
            turn.elapse();
            turn.emit(Event::ExecutionResumed(ExecutionResumed {
                at: now,
                id,
                reason: request.reason.map(Payload::from),
                client_token: request.client_token,
                pause_took_effect,
            }));
            turn.carry_on();
        }
        Ok(turn.accepted())
    }

    /// The event that tells that the pause takes effect now, if it does.
    pub(crate) fn pause_that_begins(&self, now: Timestamp) -> Option<ExecutionPaused> {
        let pause = self.pauses.current.as_ref().filter(|pause| pause.since.is_none())?;
        (self.token().is_none() && !self.is_closed()).then(|| ExecutionPaused {
            at: now,
            id: self.arn().execution_id().to_owned(),
            requested_at: pause.requested_at,
            reason: pause.reason.clone(),
            execution_timeout_paused: pause.holds_timeout,
        })
    }

    /// The status of an execution that has not ended, by its pause.
    pub(crate) fn open_status(&self) -> ExecutionStatus {
        match (self.pauses.is_wanted(), self.pauses.is_in_effect()) {
            (true, true) => ExecutionStatus::Paused,
            (true, false) => ExecutionStatus::Pausing,
            (false, _) => ExecutionStatus::Running,
        }
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
