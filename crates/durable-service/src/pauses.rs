//! The pauses of an execution: requested, in effect, and past.

use std::time::Duration;

use durable_types::api::PauseDetails;
use durable_types::{ExecutionStatus, Timestamp};

use crate::event::{ExecutionPaused, ExecutionResumed, PauseRequested};
use crate::payload::Payload;
use crate::settings::Settings;

/// The pauses of an execution.
///
/// A pause is requested first. It takes effect once no invocation can record anything more: at once, at the next
/// checkpoint of the invocation in flight, whose response has no token, or at the end of that invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pauses {
    current: Option<Pause>,
    /// The total time for which past pauses suspended the execution timeout.
    paused_timeout: Duration,
    pause_token: Option<SpentToken>,
    resume_token: Option<SpentToken>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pause {
    requested_at: Timestamp,
    reason: Option<Payload>,
    suspends_timeout: bool,
    /// When the pause took effect, if it has.
    since: Option<Timestamp>,
}

impl Pauses {
    /// Returns whether a pause is requested or in effect.
    pub(crate) fn is_requested(&self) -> bool {
        self.current.is_some()
    }

    /// Returns whether a pause is in effect.
    pub(crate) fn is_in_effect(&self) -> bool {
        self.current.as_ref().is_some_and(|pause| pause.since.is_some())
    }

    /// Returns whether the execution timeout is currently suspended.
    pub(crate) fn suspends_timeout(&self) -> bool {
        self.current.as_ref().is_some_and(|pause| pause.suspends_timeout && pause.since.is_some())
    }

    /// The total time for which past pauses suspended the execution timeout.
    pub(crate) fn paused_timeout(&self) -> Duration {
        self.paused_timeout
    }

    /// Applies a request for a pause.
    pub(crate) fn request(&mut self, requested: PauseRequested) {
        let PauseRequested { at, reason, execution_timeout_paused, client_token } = requested;
        self.pause_token = client_token.map(|text| SpentToken { text, at });
        self.current =
            Some(Pause { requested_at: at, reason, suspends_timeout: execution_timeout_paused, since: None });
    }

    /// Marks the pause as in effect.
    pub(crate) fn take_effect(&mut self, at: Timestamp) {
        if let Some(pause) = &mut self.current {
            pause.since = Some(at);
        }
    }

    /// Applies a resume.
    pub(crate) fn resume(&mut self, resumed: ExecutionResumed) {
        self.resume_token = resumed.client_token.map(|text| SpentToken { text, at: resumed.at });
        self.end(resumed.at);
    }

    /// Ends the current pause, if there is one.
    pub(crate) fn end(&mut self, at: Timestamp) {
        let Some(Pause { suspends_timeout: true, since: Some(since), .. }) = self.current.take() else {
            return;
        };
        self.paused_timeout = self.paused_timeout.saturating_add(at.saturating_since(since));
    }

    /// Returns the details of the requested or effective pause, if there is one.
    pub(crate) fn details(&self) -> Option<PauseDetails> {
        let pause = self.current.as_ref()?;
        let mut details = PauseDetails::new(pause.requested_at, pause.suspends_timeout);
        details.reason = pause.reason.clone().map(Payload::into_string);
        Some(details)
    }

    /// Returns the status of an execution that has not ended.
    pub(crate) fn execution_status(&self) -> ExecutionStatus {
        match (self.is_requested(), self.is_in_effect()) {
            (true, true) => ExecutionStatus::Paused,
            (true, false) => ExecutionStatus::Pausing,
            (false, _) => ExecutionStatus::Running,
        }
    }

    /// Returns the event with which a requested pause takes effect, unless there is none or it is already in effect.
    pub(crate) fn pause_event(&self, execution_id: &str, now: Timestamp) -> Option<ExecutionPaused> {
        let pause = self.current.as_ref().filter(|pause| pause.since.is_none())?;
        Some(ExecutionPaused {
            at: now,
            id: execution_id.to_owned(),
            requested_at: pause.requested_at,
            reason: pause.reason.clone(),
            execution_timeout_paused: pause.suspends_timeout,
        })
    }

    /// Returns whether a request for a pause is a retry of the last one.
    pub(crate) fn is_repeated_pause(&self, token: Option<&str>, settings: &Settings, now: Timestamp) -> bool {
        self.pause_token.as_ref().is_some_and(|spent| spent.is_repeated(token, settings, now))
    }

    /// Returns whether a request to resume is a retry of the last one.
    pub(crate) fn is_repeated_resume(
        &self,
        token: Option<&str>,
        settings: &Settings,
        now: Timestamp,
    ) -> bool {
        self.resume_token.as_ref().is_some_and(|spent| spent.is_repeated(token, settings, now))
    }
}

/// The client token of a request, which identifies retries.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SpentToken {
    text: String,
    at: Timestamp,
}

impl SpentToken {
    fn is_repeated(&self, token: Option<&str>, settings: &Settings, now: Timestamp) -> bool {
        Some(self.text.as_str()) == token && now.saturating_since(self.at) < settings.client_token_window
    }
}
