//! Dispatches a command to its handler.

use durable_types::Timestamp;
use durable_types::api::ServiceError;

use crate::command::Command;
use crate::environment::Environment;
use crate::execution::Execution;
use crate::outcome::Outcome;
use crate::settings::Settings;
use crate::transition::Transition;

impl Execution {
    /// Applies a command. A rejected command changes nothing.
    pub fn handle(
        &mut self,
        command: Command,
        environment: Environment<'_>,
    ) -> Result<Outcome, ServiceError> {
        let now = environment.now.max(self.latest());
        let settings = environment.settings;
        match command {
            Command::Checkpoint(request) => self.handle_checkpoint(request, environment, now),
            Command::InvocationEnded { request_id, end } => {
                self.handle_invocation_ended(&request_id, end, settings, now)
            }
            Command::Callback { callback_id, answer } => {
                self.handle_callback(&callback_id, answer, settings, now)
            }
            Command::ChainedInvokeEnded { operation_id, end } => {
                self.handle_chained_invoke_ended(&operation_id, end, settings, now)
            }
            Command::Stop { error } => Ok(self.handle_stop(error, settings, now)),
            Command::Pause(request) => self.handle_pause(request, settings, now),
            Command::Resume(request) => self.handle_resume(request, settings, now),
            Command::Delete => self.handle_delete(settings, now),
            Command::FunctionRepaired => Ok(self.handle_function_repaired(settings, now)),
            Command::TimerDue => Ok(self.handle_timer_due(settings, now)),
        }
    }

    fn handle_function_repaired(&mut self, settings: &Settings, now: Timestamp) -> Outcome {
        let mut transition = Transition::new(self, settings, now);
        transition.advance();
        if transition.execution.invocations.retry_at().is_some() {
            transition.invoke();
        }
        transition.accepted()
    }

    fn handle_timer_due(&mut self, settings: &Settings, now: Timestamp) -> Outcome {
        let mut transition = Transition::new(self, settings, now);
        transition.advance();
        transition.accepted()
    }
}
