//! Stops an execution.

use durable_types::{ErrorObject, Timestamp};

use crate::execution::Execution;
use crate::operation::ExecutionEnd;
use crate::outcome::{Outcome, Reply};
use crate::settings::Settings;
use crate::transition::Transition;

impl Execution {
    /// Stops the execution; an invocation in flight can no longer record anything. Has no effect on an execution that
    /// has ended.
    pub(crate) fn handle_stop(
        &mut self,
        error: Option<ErrorObject>,
        settings: &Settings,
        now: Timestamp,
    ) -> Outcome {
        let error = error.unwrap_or_else(|| {
            let mut error = ErrorObject::default();
            error.error_message = Some("Execution stopped by user request".to_owned());
            error
        });
        let mut transition = Transition::new(self, settings, now);
        transition.elapse();
        transition.end(ExecutionEnd::Stopped { error });
        let stopped_at = transition.execution.end_timestamp().unwrap_or(now);
        Outcome { reply: Reply::Stopped(stopped_at), ..transition.accepted() }
    }
}
