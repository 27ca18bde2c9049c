//! Starts an execution, or finds the one that owns the name.

use durable_types::api::{ServiceError, ServiceErrorKind};
use durable_types::{DurableConfig, DurableExecutionArn, Timestamp, validate};

use super::after_deletion::AfterDeletion;
use super::dispatcher::Dispatcher;
use super::execution_id::ExecutionId;
use super::failure::Failure;
use super::names::{ExecutionName, NameRequest, NamedExecution};
use super::output::{Answer, NewExecution, Output, StartedExecution};
use super::resident::Resident;
use super::slot::Slot;
use super::start_request::{StartRequest, input_digest};
use crate::environment::Environment;
use crate::execution::Execution;
use crate::name::check_taken_name;
use crate::start::StartExecution;

impl<T> Dispatcher<T> {
    /// Starts an execution. If an execution with the same input owns the name, the answer is that execution, which is
    /// resumed unless it has ended.
    pub fn start(&mut self, request: StartRequest, token: T, environment: Environment<'_>) {
        if let Err(error) = check(&request, environment) {
            return self.push(Output::Answer(token, Err(error)));
        }
        match request.execution_name.clone() {
            Some(execution) => {
                let name = ExecutionName { function: request.function_name.clone(), execution };
                self.look_up(&name, vec![NameRequest::Start(Box::new(request), token)]);
            }
            None => self.create(request, token, environment),
        }
    }

    /// Finds an execution by its name, and resumes it unless it has ended.
    pub fn find(&mut self, name: &ExecutionName, token: T) {
        self.look_up(name, vec![NameRequest::Find(token)]);
    }

    /// Handles the result of [`Output::FindName`].
    pub fn handle_name_found(
        &mut self,
        name: &ExecutionName,
        found: Result<Option<NamedExecution>, Failure>,
        environment: Environment<'_>,
    ) {
        let mut requests = self.names.take(name);
        match found {
            Err(failure) => {
                for request in requests {
                    self.push(Output::Answer(request.into_token(), Err(failure.error.clone())));
                }
            }
            // The name becomes available once the deletion is complete.
            Ok(Some(found))
                if found.expires_at.is_some_and(|at| at <= environment.now)
                    && let Some(Slot::Deleting(after)) =
                        self.slots.get_mut(&ExecutionId::from(&found.arn)) =>
            {
                self.names.add(name, requests);
                after.push(AfterDeletion::LookUp(name.clone()));
            }
            // Its retention has expired, so it is deleted to free the name.
            Ok(Some(found)) if self.is_expired(&found, environment.now) => {
                let id = ExecutionId::from(&found.arn);
                if self.names.add(name, requests) {
                    self.delete(&id, vec![AfterDeletion::LookUp(name.clone())]);
                }
            }
            Ok(Some(found)) => requests.into_iter().for_each(|request| self.attach(&found, request)),
            Ok(None) => {
                let is_start = |request: &NameRequest<T>| matches!(request, NameRequest::Start(..));
                let first = requests.iter().position(is_start).map(|index| requests.remove(index));
                match first {
                    Some(NameRequest::Start(request, token)) => {
                        let id = ExecutionId::from(request.execution_id.as_str());
                        self.create(*request, token, environment);
                        // Other requests for this name repeat their lookup once the start is recorded or fails.
                        if self.slots.contains_key(&id) {
                            self.names.hold(id, name.clone());
                            self.names.add(name, requests);
                        } else if !requests.is_empty() {
                            self.look_up(name, requests);
                        }
                    }
                    Some(NameRequest::Find(_)) | None => {
                        for request in requests {
                            self.push(Output::Answer(request.into_token(), Ok(Answer::Unknown)));
                        }
                    }
                }
            }
        }
    }

    /// Repeats a lookup that requests wait for, after the start of an execution was recorded or failed.
    pub(super) fn retry_lookup(&mut self, id: &ExecutionId) {
        if let Some(name) = self.names.release(id) {
            self.push(Output::FindName(name));
        }
    }

    fn look_up(&mut self, name: &ExecutionName, requests: Vec<NameRequest<T>>) {
        if self.names.add(name, requests) {
            self.push(Output::FindName(name.clone()));
        }
    }

    /// Adds a new execution whose start will be recorded by the next append.
    pub(super) fn insert_new(
        &mut self,
        request: StartExecution,
        answer: Option<T>,
        environment: Environment<'_>,
    ) -> Result<(), (Option<T>, ServiceError)> {
        let (execution, outcome) = match Execution::start(request, environment.settings, environment.now) {
            Ok(started) => started,
            Err(error) => return Err((answer, error)),
        };
        let arn = execution.arn().clone();
        let id = ExecutionId::from(&arn);
        let created = NewExecution {
            arn: arn.clone(),
            input_digest: input_digest(execution.input()),
            started_at: execution.start_timestamp(),
            status: execution.status().clone(),
        };
        let started = Answer::Started(StartedExecution { arn, existed: false });
        let resident = Resident::new(execution, outcome, created, answer.map(|token| (token, started)));
        self.slots.insert(id.clone(), Slot::Resident(Box::new(resident)));
        self.touch(&id);
        Ok(())
    }

    fn create(&mut self, request: StartRequest, token: T, environment: Environment<'_>) {
        let name = request.execution_name.as_deref().unwrap_or(&request.execution_id);
        let arn = match DurableExecutionArn::new(&request.function_arn, name, &request.execution_id) {
            Ok(arn) => arn,
            Err(error) => {
                return self.push(Output::Answer(token, Err(ServiceError::invalid(error.to_string()))));
            }
        };
        let of_function = environment.functions.find(&request.function_name);
        let of_function = of_function.map(|function| function.durable_config).unwrap_or_default();
        let start = StartExecution {
            execution_arn: arn,
            input: request.input,
            durable_config: merged(request.durable_config, of_function),
            synchronous: request.synchronous,
            headers: request.headers,
            seed: request.seed,
        };
        if let Err((Some(token), error)) = self.insert_new(start, Some(token), environment) {
            self.push(Output::Answer(token, Err(error)));
        }
    }

    fn attach(&mut self, found: &NamedExecution, request: NameRequest<T>) {
        let (has_same_input, token) = match request {
            NameRequest::Start(request, token) => {
                (input_digest(request.input.as_deref()) == found.input_digest, token)
            }
            NameRequest::Find(token) => (true, token),
        };
        let answer = check_taken_name(&found.arn, &found.status, has_same_input).map(|()| {
            if !found.status.is_terminal() {
                self.resume(&ExecutionId::from(&found.arn));
            }
            Answer::Started(StartedExecution { arn: found.arn.clone(), existed: true })
        });
        self.push(Output::Answer(token, answer));
    }

    fn is_expired(&self, found: &NamedExecution, now: Timestamp) -> bool {
        let is_due = found.expires_at.is_some_and(|expires_at| expires_at <= now);
        is_due && !self.slots.contains_key(&ExecutionId::from(&found.arn))
    }
}

fn check(request: &StartRequest, environment: Environment<'_>) -> Result<(), ServiceError> {
    if let Some(Err(violation)) = request.execution_name.as_deref().map(validate::execution_name) {
        return Err(ServiceError::invalid(violation.to_string()));
    }
    let Some(function) = environment.functions.find(&request.function_name) else {
        if request.headers.endpoint.is_some() {
            return Ok(());
        }
        let message = format!("Function not found: {}", request.function_arn);
        return Err(ServiceError::new(ServiceErrorKind::ResourceNotFound, message));
    };
    function.check_tenant(&request.headers)
}

/// Merges durable settings; those of the request take precedence.
fn merged(mut requested: DurableConfig, of_function: DurableConfig) -> DurableConfig {
    requested.kms_key_arn = requested.kms_key_arn.or(of_function.kms_key_arn);
    requested.retention_period_in_days =
        requested.retention_period_in_days.or(of_function.retention_period_in_days);
    requested.execution_timeout = requested.execution_timeout.or(of_function.execution_timeout);
    requested
}
