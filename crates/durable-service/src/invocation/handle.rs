//! Handles the end of an invocation: ends the execution, or decides when to invoke the function again.

use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{ErrorObject, Timestamp};

use super::response::FunctionResponse;
use crate::command::InvocationEnd;
use crate::event::{Event, InvocationCompleted, InvocationEnding};
use crate::execution::Execution;
use crate::operation::ExecutionEnd;
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::transition::Transition;

/// The consequences of the end of an invocation.
#[derive(Debug)]
struct Verdict {
    ending: InvocationEnding,
    error: Option<ErrorObject>,
    next: Next,
}

#[derive(Debug)]
enum Next {
    /// The execution ends.
    End(ExecutionEnd),
    /// The function is invoked once there is a delta.
    OnDelta,
    /// The function is invoked again at once.
    Immediately,
    /// The function is invoked again at this time.
    At(Timestamp),
}

impl Execution {
    pub(crate) fn handle_invocation_ended(
        &mut self,
        request_id: &str,
        end: InvocationEnd,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Outcome, ServiceError> {
        let Some(in_flight) = self.invocations.in_flight().filter(|it| it.request_id == request_id) else {
            let message = format!("Invocation {request_id} is not in flight.");
            return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
        };
        let started_at = in_flight.started_at;
        let verdict = self.judge(end, settings, now);
        let retry_at = match verdict.next {
            Next::At(retry_at) => Some(retry_at),
            // The function is invoked when the pause ends.
            Next::Immediately if self.pauses.is_requested() => Some(now),
            Next::End(_) | Next::OnDelta | Next::Immediately => None,
        };

        let mut transition = Transition::new(self, settings, now);
        transition.emit(Event::InvocationCompleted(InvocationCompleted {
            at: now,
            started_at,
            request_id: request_id.to_owned(),
            ending: verdict.ending,
            error: verdict.error,
            retry_at,
        }));
        // Timers come first: a response that arrives after the execution has timed out does not count.
        transition.elapse();
        match verdict.next {
            Next::End(end) => transition.end(end),
            Next::OnDelta | Next::At(_) => transition.advance(),
            Next::Immediately => transition.invoke(),
        }
        transition.settle_pause();
        transition.settle_deletion();
        Ok(transition.accepted())
    }

    fn judge(&self, end: InvocationEnd, settings: &Settings, now: Timestamp) -> Verdict {
        match end {
            InvocationEnd::Answered(body) => match FunctionResponse::too_large(&body, settings) {
                Some(error) => self.judge_error(error, settings, now),
                None => self.judge_answer(&body, settings),
            },
            InvocationEnd::Failed(error) => self.judge_error(error, settings, now),
            InvocationEnd::Lost => {
                let message = "The service was restarted while the function ran.";
                let error = Some(ErrorObject::new("Runtime.ExitError", message));
                Verdict { ending: InvocationEnding::Lost, error, next: Next::Immediately }
            }
            InvocationEnd::Withdrawn => {
                Verdict { ending: InvocationEnding::Withdrawn, error: None, next: Next::Immediately }
            }
        }
    }

    fn judge_answer(&self, body: &[u8], settings: &Settings) -> Verdict {
        let next = match FunctionResponse::read(body, self.is_synchronous(), settings) {
            FunctionResponse::Ended(end) => Next::End(end),
            // The invocation was interrupted, so it is unknown what it would have waited for.
            FunctionResponse::Pending if self.token().is_none() => Next::Immediately,
            FunctionResponse::Pending if self.records.has_pending() || self.records.has_delta() => {
                Next::OnDelta
            }
            FunctionResponse::Pending => return self.judge_idle(settings),
        };
        Verdict { ending: InvocationEnding::Answered, error: None, next }
    }

    /// Handles PENDING when no operation is pending.
    fn judge_idle(&self, settings: &Settings) -> Verdict {
        let is_last = self.invocations.idle_answers().saturating_add(1) >= settings.max_idle_answers;
        let next = if is_last {
            Next::End(ExecutionEnd::invalid("Cannot return PENDING status with no pending operations."))
        } else {
            Next::Immediately
        };
        Verdict { ending: InvocationEnding::Idle, error: None, next }
    }

    fn judge_error(&self, error: ErrorObject, settings: &Settings, now: Timestamp) -> Verdict {
        let is_runtime_error = error.error_type.as_deref().is_some_and(is_runtime_error);
        if is_runtime_error && self.invocations.runtime_errors() < settings.runtime_error_retries {
            return Verdict {
                ending: InvocationEnding::RuntimeError,
                error: Some(error),
                next: Next::Immediately,
            };
        }
        let failures = self.invocations.handler_errors();
        let is_last = settings.max_handler_errors.is_some_and(|max| failures.saturating_add(1) >= max);
        let next = if is_last {
            Next::End(ExecutionEnd::Failed { error: Some(error.clone()) })
        } else {
            Next::At(now.saturating_add(settings.handler_error_backoff.delay(failures)))
        };
        Verdict { ending: InvocationEnding::HandlerError, error: Some(error), next }
    }
}

/// Returns whether the error type indicates that the environment failed, not the function.
fn is_runtime_error(error_type: &str) -> bool {
    let prefixes = ["Runtime.", "Sandbox.", "Extension."];
    error_type != "Sandbox.Timedout" && prefixes.iter().any(|prefix| error_type.starts_with(prefix))
}
