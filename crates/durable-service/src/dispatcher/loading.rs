//! Loads executions from the record and resumes them.

use durable_types::api::{ServiceError, ServiceErrorKind};

use super::after_deletion::AfterDeletion;
use super::deliveries::Stage;
use super::dispatcher::{Dispatcher, exists};
use super::execution_id::ExecutionId;
use super::failure::Failure;
use super::output::{Answer, Loaded, Output};
use super::resident::{Origin, Resident};
use super::slot::{Slot, Waiting};
use crate::command::{Command, InvocationEnd};
use crate::environment::Environment;
use crate::execution::Execution;
use crate::outcome::Reply;

impl<T> Dispatcher<T> {
    /// Handles the result of [`Output::Load`]; `None` means that the execution does not exist.
    pub fn handle_loaded(
        &mut self,
        id: &ExecutionId,
        loaded: Result<Option<Loaded>, Failure>,
        environment: Environment<'_>,
    ) {
        let Some(Slot::Loading(waiting)) = self.slots.remove(id) else { return };
        match loaded {
            Err(failure) => {
                for waiting in waiting {
                    if let Some(token) = waiting.into_token() {
                        self.push(Output::Answer(token, Err(failure.error.clone())));
                    }
                }
                self.retry_later(id, failure, environment.now);
            }
            Ok(None) => {
                for waiting in waiting {
                    if let Some(token) = waiting.into_token() {
                        self.push(Output::Answer(token, Ok(Answer::Unknown)));
                    }
                }
                self.timers.set(id, None);
                self.deliveries.retain_of(id, None);
                self.calls.retain_of(id, &[]);
                self.push(Output::Gone(id.clone()));
                self.handle_callee_missing(id, environment);
                if self.calls.waiting_for(id).is_none() {
                    self.failures.remove(id);
                }
            }
            Ok(Some(loaded)) if loaded.is_imported => {
                self.timers.set(id, None);
                self.failures.remove(id);
                self.push(Output::Gone(id.clone()));
                self.serve_imported(id, loaded.execution, waiting, environment)
            }
            Ok(Some(Loaded { execution, wake_up, .. })) => {
                let is_closed = execution.is_closed();
                let resident = Resident::loaded(execution, wake_up);
                self.discard_recorded(&resident.execution, id);
                if is_closed {
                    self.push(Output::Recorded { execution_id: id.clone(), is_closed });
                }
                self.slots.insert(id.clone(), Slot::Resident(Box::new(resident)));
                self.take_over(id, environment);
                if is_closed {
                    self.handle_callee_closed(id, environment);
                }
                for waiting in waiting {
                    self.serve(id, waiting, environment);
                }
                self.touch(id);
            }
        }
    }

    /// Loads an execution that is not in memory.
    pub(super) fn load(&mut self, id: &ExecutionId) {
        self.load_for(id, Vec::new());
    }

    /// Loads an execution that is not in memory, for the given requests.
    pub(super) fn load_for(&mut self, id: &ExecutionId, waiting: Vec<Waiting<T>>) {
        self.slots.insert(id.clone(), Slot::Loading(waiting));
        self.push(Output::Load(id.clone()));
    }

    fn serve(&mut self, id: &ExecutionId, waiting: Waiting<T>, environment: Environment<'_>) {
        match waiting {
            Waiting::Command(arn, command, token) => self.command(&arn, command, token, environment),
            Waiting::Callback(callback_id, answer, token) => {
                let command = Command::Callback { callback_id, answer };
                self.apply(id, command, Origin::Request(token), environment);
            }
            Waiting::Repaired(name) => {
                if self.resident(id).is_some_and(|execution| execution.arn().function_name() == name) {
                    self.apply(id, Command::FunctionRepaired, Origin::Own, environment);
                }
            }
        }
    }

    /// Answers requests for an imported execution, which never runs here.
    fn serve_imported(
        &mut self,
        id: &ExecutionId,
        mut execution: Execution,
        waiting: Vec<Waiting<T>>,
        environment: Environment<'_>,
    ) {
        let mut deletions = Vec::new();
        for waiting in waiting {
            let (command, token) = match waiting {
                Waiting::Repaired(_) => continue,
                Waiting::Command(arn, _, token) if arn != *execution.arn() => {
                    self.push(Output::Answer(token, Ok(Answer::Unknown)));
                    continue;
                }
                Waiting::Command(_, Command::Delete, token) => {
                    let answer = Answer::Done(Reply::Deleting(environment.now));
                    deletions.push(AfterDeletion::AnswerIfDeleted(token, answer));
                    continue;
                }
                Waiting::Command(_, command, token) => (command, token),
                Waiting::Callback(callback_id, answer, token) => {
                    (Command::Callback { callback_id, answer }, token)
                }
            };
            let answer = match execution.handle(command, environment) {
                Ok(outcome) if outcome.records_nothing() => Ok(Answer::Done(outcome.reply)),
                Ok(_) => {
                    let arn = execution.arn();
                    let message = format!("execution {arn} was imported and never runs here");
                    Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message))
                }
                Err(error) => Err(error),
            };
            self.push(Output::Answer(token, answer));
        }
        if !deletions.is_empty() {
            self.delete(id, deletions);
        }
    }

    /// Resumes a loaded execution: ends the invocation of an earlier process as lost and repeats the open calls.
    /// Invocations and calls of this process are left alone.
    fn take_over(&mut self, id: &ExecutionId, environment: Environment<'_>) {
        let Some(execution) = self.resident(id) else { return };
        if let Some(request_id) = execution.invocation_in_flight().map(str::to_owned) {
            let exists = exists(execution, environment);
            match self.deliveries.get(&request_id).map(|delivery| &delivery.stage) {
                Some(Stage::Ended(end)) => {
                    let end = end.clone();
                    self.record_end(id, &request_id, end, environment);
                }
                Some(Stage::Held(_)) if exists => self.dispatch_held(id, request_id, environment),
                Some(Stage::Dispatched) if !exists => self.withdraw(id, request_id, environment),
                Some(Stage::Held(_) | Stage::Dispatched | Stage::Delivered) => {}
                None if exists => {
                    let command = Command::InvocationEnded { request_id, end: InvocationEnd::Lost };
                    self.apply(id, command, Origin::Own, environment);
                }
                None => self.deliveries.insert(request_id, id.clone(), Stage::Held(None)),
            }
        }
        self.apply(id, Command::TimerDue, Origin::Own, environment);
        let Some(execution) = self.resident(id) else { return };
        let arn = execution.arn().clone();
        let calls: Vec<_> = execution.calls().cloned().collect();
        for call in calls {
            self.call(&arn, call, environment);
        }
    }

    /// Drops invocations and calls of this process whose ends are recorded.
    fn discard_recorded(&mut self, execution: &Execution, id: &ExecutionId) {
        self.deliveries.retain_of(id, execution.invocation_in_flight());
        let open: Vec<_> = execution.calls().map(|call| call.operation_id.as_str()).collect();
        self.calls.retain_of(id, &open);
    }
}
