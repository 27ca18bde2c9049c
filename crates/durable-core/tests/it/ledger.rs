//! A transport in memory that records what a well-behaved service would.

use std::collections::VecDeque;
use std::sync::Mutex;

use durable_core::DurableContext;
use durable_core::driver::{Invocation, InvocationError};
use durable_core::error::IntoError;
use durable_core::lambda::LambdaContext;
use durable_core::transport::{Transport, TransportError};
use durable_core::types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use durable_core::types::{
    CallbackDetails, ContextDetails, ExecutionDetails, InitialExecutionState, InvocationInput,
    InvocationOutput, Operation, OperationAction, OperationStatus, OperationType, OperationUpdate, Timestamp,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) const ARN: &str =
    "arn:aws:lambda:eu-west-1:123456789012:function:order:1/durable-execution/run/4f1c";

/// The records of one execution. Time passes between invocations: waits end and retries become due.
#[derive(Default)]
pub(crate) struct Ledger {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    input: String,
    operations: Vec<Operation>,
    calls: Vec<Vec<OperationUpdate>>,
    token: usize,
    page_items: Option<usize>,
    failures: VecDeque<TransportError>,
    withholds_token: bool,
    waits_end_when_asked: bool,
    /// Counts moments, if records tell when they began and ended.
    moments: Option<i64>,
}

impl Ledger {
    pub(crate) fn new(input: &impl Serialize) -> Self {
        let ledger = Self::default();
        ledger.state.lock().unwrap().input = serde_json::to_string(input).unwrap();
        ledger
    }

    /// Splits what an invocation starts with into pages of so many operations.
    pub(crate) fn in_pages_of(self, items: usize) -> Self {
        self.state.lock().unwrap().page_items = Some(items);
        self
    }

    /// Lets records tell when they began and ended; every checkpoint has its own moment.
    pub(crate) fn with_timestamps(self) -> Self {
        self.state.lock().unwrap().moments = Some(0);
        self
    }

    pub(crate) fn fail_next(&self, error: TransportError) {
        self.state.lock().unwrap().failures.push_back(error);
    }

    pub(crate) fn withhold_tokens(&self) {
        self.state.lock().unwrap().withholds_token = true;
    }

    /// Ends all waits at an empty checkpoint, as if they were due.
    pub(crate) fn end_waits_when_asked(&self) {
        self.state.lock().unwrap().waits_end_when_asked = true;
    }

    /// The checkpoints so far, each with its updates as `ACTION name`.
    pub(crate) fn calls(&self) -> Vec<Vec<String>> {
        let label =
            |update: &OperationUpdate| format!("{} {}", update.action, update.name.as_deref().unwrap_or("-"));
        self.updates().iter().map(|call| call.iter().map(label).collect()).collect()
    }

    pub(crate) fn updates(&self) -> Vec<Vec<OperationUpdate>> {
        self.state.lock().unwrap().calls.clone()
    }

    pub(crate) fn operation(&self, name: &str) -> Operation {
        let state = self.state.lock().unwrap();
        let named = |operation: &&Operation| operation.name.as_deref() == Some(name);
        state.operations.iter().find(named).unwrap_or_else(|| panic!("no operation {name}")).clone()
    }

    /// Changes the record of an operation, as only the service may.
    pub(crate) fn amend(&self, name: &str, change: impl FnOnce(&mut Operation)) {
        let mut state = self.state.lock().unwrap();
        let named = |operation: &&mut Operation| operation.name.as_deref() == Some(name);
        change(state.operations.iter_mut().find(named).unwrap());
    }

    /// The same for the first operation of a type.
    pub(crate) fn amend_type(&self, operation_type: &str, change: impl FnOnce(&mut Operation)) {
        let mut state = self.state.lock().unwrap();
        let typed = |operation: &&mut Operation| operation.operation_type.as_str() == operation_type;
        change(state.operations.iter_mut().find(typed).unwrap());
    }

    /// The same for the last callback that is still open.
    pub(crate) fn amend_open_callback(&self, change: impl FnOnce(&mut Operation)) {
        let mut state = self.state.lock().unwrap();
        let is_open = |operation: &&mut Operation| {
            operation.operation_type == OperationType::Callback
                && operation.status == OperationStatus::Started
        };
        change(state.operations.iter_mut().rfind(is_open).unwrap());
    }

    /// The same for every operation that waits for another system.
    pub(crate) fn amend_unanswered(&self, change: impl Fn(&mut Operation)) {
        let mut state = self.state.lock().unwrap();
        let is_unanswered = |operation: &&mut Operation| {
            matches!(operation.operation_type, OperationType::Callback | OperationType::ChainedInvoke)
                && operation.status == OperationStatus::Started
        };
        state.operations.iter_mut().filter(is_unanswered).for_each(change);
    }

    /// What the next invocation starts with, after all the time it takes for waits and retries.
    pub(crate) fn input(&self) -> InvocationInput {
        let mut state = self.state.lock().unwrap();
        state.moments = state.moments.map(|moment| moment + 1);
        let now = state.moments.map(Timestamp::from_millis);
        for operation in &mut state.operations {
            match (&operation.operation_type, &operation.status) {
                (OperationType::Wait, OperationStatus::Started) => {
                    operation.status = OperationStatus::Succeeded;
                    operation.end_timestamp = now;
                }
                (OperationType::Step, OperationStatus::Pending) => operation.status = OperationStatus::Ready,
                _ => {}
            }
        }
        let mut execution = Operation::new("4f1c", OperationType::Execution, OperationStatus::Started);
        let input_payload = Some(state.input.clone());
        execution.details = Some(ExecutionDetails::new(input_payload).into());
        let all = std::iter::once(execution).chain(state.operations.iter().cloned()).collect::<Vec<_>>();
        let (operations, next_marker) = page(&all, 0, state.page_items);
        InvocationInput::new(
            ARN,
            state.token.to_string(),
            InitialExecutionState::new(operations, next_marker),
        )
    }

    /// One invocation.
    pub(crate) async fn invoke<H, F, I, O, E>(&self, handler: &H) -> Result<InvocationOutput, InvocationError>
    where
        H: Fn(I, DurableContext) -> F + Sync,
        F: Future<Output = Result<O, E>> + Send,
        I: DeserializeOwned + Send,
        O: Serialize + DeserializeOwned + Send + Sync,
        E: IntoError,
    {
        Invocation::new(self.input(), lambda_context()).drive(self, handler).await
    }

    /// Invocations until the execution has ended.
    pub(crate) async fn run<H, F, I, O, E>(&self, handler: &H) -> InvocationOutput
    where
        H: Fn(I, DurableContext) -> F + Sync,
        F: Future<Output = Result<O, E>> + Send,
        I: DeserializeOwned + Send,
        O: Serialize + DeserializeOwned + Send + Sync,
        E: IntoError,
    {
        for _ in 0..100 {
            let output = self.invoke(handler).await.unwrap();
            if output != InvocationOutput::Pending {
                return output;
            }
        }
        panic!("the execution does not end");
    }
}

impl Transport for Ledger {
    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        tokio::task::yield_now().await;
        let mut state = self.state.lock().unwrap();
        if let Some(error) = state.failures.pop_front() {
            return Err(error);
        }
        assert_eq!(request.checkpoint_token, state.token.to_string(), "a token is good for one checkpoint");
        state.token += 1;
        state.moments = state.moments.map(|moment| moment + 1);
        let mut changed: Vec<Operation> = Vec::new();
        for update in &request.updates {
            update.validate().unwrap();
            let operation = state.record(update);
            changed.retain(|other| other.id != operation.id);
            changed.push(operation);
        }
        if request.updates.is_empty() && state.waits_end_when_asked {
            let is_waiting = |operation: &&mut Operation| {
                operation.operation_type == OperationType::Wait
                    && operation.status == OperationStatus::Started
            };
            for wait in state.operations.iter_mut().filter(is_waiting) {
                wait.status = OperationStatus::Succeeded;
                changed.push(wait.clone());
            }
        }
        state.calls.push(request.updates);
        let checkpoint_token = (!state.withholds_token).then(|| state.token.to_string());
        let mut response = CheckpointResponse::new(checkpoint_token);
        response.new_execution_state.operations = changed;
        Ok(response)
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        tokio::task::yield_now().await;
        let state = self.state.lock().unwrap();
        if request.checkpoint_token != state.token.to_string() {
            return Err(TransportError::invocation("Invalid checkpoint token"));
        }
        let first = request.marker.unwrap().parse::<usize>().unwrap();
        // The execution itself is the first operation and always on the first page.
        let (operations, next_marker) = page(&state.operations, first - 1, state.page_items);
        let next_marker = next_marker.map(|marker| (marker.parse::<usize>().unwrap() + 1).to_string());
        Ok(GetStateResponse::new(operations, next_marker))
    }
}

impl State {
    fn record(&mut self, update: &OperationUpdate) -> Operation {
        let now = self.moments.map(Timestamp::from_millis);
        let index = self.operations.iter().position(|operation| operation.id == update.operation_id);
        let index = index.unwrap_or_else(|| {
            let id = update.operation_id.clone();
            self.operations.push(Operation::new(id, update.operation_type.clone(), OperationStatus::Started));
            self.operations.len() - 1
        });
        let operation = &mut self.operations[index];
        assert!(!operation.status.is_terminal(), "{update:?} of an operation that has ended");
        operation.start_timestamp = operation.start_timestamp.or(now);
        if operation_ends(update) {
            operation.end_timestamp = now;
        }
        operation.parent_id.clone_from(&update.parent_id);
        operation.name.clone_from(&update.name);
        operation.sub_type.clone_from(&update.sub_type);
        operation.status = match update.action {
            OperationAction::Start => OperationStatus::Started,
            OperationAction::Succeed => OperationStatus::Succeeded,
            OperationAction::Fail => OperationStatus::Failed,
            OperationAction::Retry => OperationStatus::Pending,
            OperationAction::Cancel | OperationAction::Unknown(_) => panic!("{update:?}"),
        };
        match operation.operation_type {
            OperationType::Step => {
                let mut details = operation.take_step_details();
                if update.action != OperationAction::Start {
                    details.attempt = Some(details.attempt.unwrap_or(0) + 1);
                }
                details.result.clone_from(&update.result);
                details.error = update.error.clone().map(Box::new);
                operation.details = Some(details.into());
            }
            OperationType::Callback => {
                let mut details = CallbackDetails::default();
                details.callback_id = Some(format!("callback{index}"));
                operation.details = Some(details.into());
            }
            OperationType::Context => {
                let mut details = ContextDetails::new(update.result.clone(), update.error.clone());
                let options = update.context_options.as_ref();
                details.replay_children = options.and_then(|options| options.replay_children);
                operation.details = Some(details.into());
            }
            _ => {}
        }
        operation.clone()
    }
}

fn operation_ends(update: &OperationUpdate) -> bool {
    matches!(update.action, OperationAction::Succeed | OperationAction::Fail)
}

fn page(all: &[Operation], first: usize, items: Option<usize>) -> (Vec<Operation>, Option<String>) {
    let end = items.map_or(all.len(), |items| (first + items).min(all.len()));
    let marker = (end < all.len()).then(|| end.to_string());
    (all[first..end].to_vec(), marker)
}

/// The result of an execution that succeeded.
pub(crate) fn result(output: InvocationOutput) -> String {
    match output {
        InvocationOutput::Succeeded { result } => result.unwrap(),
        other => panic!("{}", describe(&other)),
    }
}

/// The type and the message of the error of an execution that failed.
pub(crate) fn error(output: InvocationOutput) -> (String, String) {
    match output {
        InvocationOutput::Failed { error: Some(error) } => {
            (error.error_type.unwrap_or_default(), error.error_message.unwrap_or_default())
        }
        other => panic!("{}", describe(&other)),
    }
}

fn describe(output: &InvocationOutput) -> String {
    serde_json::to_string(output).unwrap()
}

/// An invocation that does not time out.
pub(crate) fn lambda_context() -> LambdaContext {
    LambdaContext::new("request-1", Timestamp::from_millis(4_102_444_800_000))
}
