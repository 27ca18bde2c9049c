//! A test harness for one execution, with a virtual clock.

use std::collections::BTreeMap;
use std::time::Duration;

use durable_service::{
    Command, Effect, Environment, Event, Execution, FunctionCall, FunctionDescription, FunctionKind,
    Invocation, InvocationEnd, InvocationHeaders, Outcome, QuotaUse, Reply, Seed, Settings, StartExecution,
    history,
};
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse, ServiceError,
};
use durable_types::{
    DurableConfig, DurableExecutionArn, ErrorObject, ExecutionStatus, Operation, OperationUpdate, Timestamp,
};

pub(crate) const PENDING: &str = r#"{"Status":"PENDING"}"#;
pub(crate) const SUCCEEDED: &str = r#"{"Status":"SUCCEEDED","Result":"1"}"#;

/// Drives one execution, in place of its function and the host.
#[derive(Clone, Debug)]
pub(crate) struct Harness {
    pub(crate) execution: Execution,
    pub(crate) settings: Settings,
    pub(crate) functions: BTreeMap<String, FunctionDescription>,
    pub(crate) now: Timestamp,
    pub(crate) events: Vec<Event>,
    /// All events ever emitted, including those that were replaced later.
    pub(crate) unabridged: Vec<Event>,
    pub(crate) invocations: Vec<Invocation>,
    pub(crate) calls: Vec<FunctionCall>,
    pub(crate) closed: usize,
    pub(crate) deleted: usize,
    pub(crate) warnings: Vec<QuotaUse>,
    /// The token of the next checkpoint.
    pub(crate) token: String,
}

pub(crate) fn arn() -> DurableExecutionArn {
    DurableExecutionArn::new("arn:aws:lambda:eu-west-1:123456789012:function:order:7", "order-42", "0b1c")
        .unwrap()
}

pub(crate) fn request() -> StartExecution {
    StartExecution {
        execution_arn: arn(),
        input: Some("{}".to_owned()),
        durable_config: DurableConfig::default().with_execution_timeout(3_600),
        synchronous: true,
        headers: InvocationHeaders::default(),
        seed: Seed::from([7; 32]),
    }
}

impl Harness {
    pub(crate) fn new() -> Self {
        Self::with(request(), Settings::default())
    }

    pub(crate) fn with(request: StartExecution, settings: Settings) -> Self {
        let now = Timestamp::from_micros(1_767_323_045_678_901);
        let (execution, outcome) = Execution::start(request, &settings, now).unwrap();
        let mut harness = Self {
            execution,
            settings,
            functions: BTreeMap::new(),
            now,
            events: Vec::new(),
            unabridged: Vec::new(),
            invocations: Vec::new(),
            calls: Vec::new(),
            closed: 0,
            deleted: 0,
            warnings: Vec::new(),
            token: String::new(),
        };
        harness.note(outcome);
        harness
    }

    /// Adds a function that the execution can call.
    pub(crate) fn with_function(mut self, name: &str, kind: FunctionKind) -> Self {
        self.functions.insert(name.to_owned(), FunctionDescription::new(kind));
        self
    }

    pub(crate) fn advance(&mut self, seconds: u64) {
        self.now = self.now.saturating_add(Duration::from_secs(seconds));
    }

    pub(crate) fn handle(&mut self, command: Command) -> Result<Reply, ServiceError> {
        let environment = Environment::new(&self.settings, &self.functions, self.now);
        let outcome = self.execution.handle(command, environment)?;
        let reply = outcome.reply.clone();
        self.note(outcome);
        Ok(reply)
    }

    /// Sends a checkpoint with the current token.
    pub(crate) fn checkpoint(
        &mut self,
        updates: Vec<OperationUpdate>,
    ) -> Result<CheckpointResponse, ServiceError> {
        let request = self.request(updates, None);
        self.send(request)
    }

    pub(crate) fn request(
        &self,
        updates: Vec<OperationUpdate>,
        client_token: Option<&str>,
    ) -> CheckpointRequest {
        let mut request = CheckpointRequest::new(arn(), self.token.clone(), updates);
        request.client_token = client_token.map(str::to_owned);
        request
    }

    pub(crate) fn send(&mut self, request: CheckpointRequest) -> Result<CheckpointResponse, ServiceError> {
        let Reply::Checkpointed(response) = self.handle(Command::Checkpoint(request))? else {
            panic!("the reply is not that of a checkpoint");
        };
        self.token = response.checkpoint_token.clone().unwrap_or_default();
        Ok(response)
    }

    /// Sends a checkpoint that must be accepted, and returns the delta.
    pub(crate) fn record(&mut self, updates: Vec<OperationUpdate>) -> Vec<Operation> {
        self.checkpoint(updates).unwrap().new_execution_state.operations
    }

    /// Sends a checkpoint that must be rejected, and returns the error message.
    pub(crate) fn rejection(&mut self, updates: Vec<OperationUpdate>) -> String {
        let before = self.execution.clone();
        let error = self.checkpoint(updates).unwrap_err();
        assert_eq!(error.kind.as_str(), "InvalidParameterValueException");
        assert_eq!(self.execution, before, "a rejected checkpoint changes nothing");
        error.message
    }

    /// Ends the invocation in flight.
    pub(crate) fn end(&mut self, end: InvocationEnd) {
        let request_id = self.execution.invocation_in_flight().unwrap().to_owned();
        self.handle(Command::InvocationEnded { request_id, end }).unwrap();
    }

    pub(crate) fn answer(&mut self, body: &str) {
        self.end(InvocationEnd::Answered(body.into()));
    }

    pub(crate) fn fail(&mut self, error_type: &str) {
        self.end(InvocationEnd::Failed(ErrorObject::new(error_type, "it broke")));
    }

    /// Advances the clock and fires the timers that have elapsed.
    pub(crate) fn elapse(&mut self, seconds: u64) {
        self.advance(seconds);
        self.handle(Command::TimerDue).unwrap();
    }

    /// Returns the seconds until the next timer.
    pub(crate) fn due_in(&self) -> Option<u64> {
        self.execution.next_due().map(|due| due.saturating_since(self.now).as_secs())
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.execution.invocation_in_flight().is_some()
    }

    pub(crate) fn last_invocation(&self) -> &Invocation {
        self.invocations.last().unwrap()
    }

    /// Returns the status of an operation.
    pub(crate) fn status(&self, id: &str) -> &str {
        self.execution.operation(id).unwrap().status.as_str()
    }

    pub(crate) fn execution_status(&self) -> &ExecutionStatus {
        self.execution.status()
    }

    /// Returns the error of the execution as text.
    pub(crate) fn error(&self) -> String {
        self.execution.error().map(ToString::to_string).unwrap_or_default()
    }

    pub(crate) fn state_page(
        &self,
        marker: Option<String>,
        max_items: Option<u32>,
    ) -> Result<GetStateResponse, ServiceError> {
        let mut request = GetStateRequest::new(arn(), self.token.clone());
        request.marker = marker;
        request.max_items = max_items;
        self.execution.state_page(&request, &self.settings)
    }

    /// Returns the type and operation of every event in the history.
    pub(crate) fn history(&self) -> Vec<String> {
        let reported = history(&self.events);
        let operation = |id: Option<String>| id.map(|id| format!(" {id}")).unwrap_or_default();
        reported
            .into_iter()
            .map(|event| format!("{}{}", event.details.event_type(), operation(event.id.map(Into::into))))
            .collect()
    }

    fn note(&mut self, outcome: Outcome) {
        for (sequence, event) in &outcome.replaced {
            let index = usize::try_from(*sequence).unwrap() - 1;
            self.events[index] = stored(event);
        }
        self.unabridged.extend(outcome.replaced.into_values().chain(outcome.events.iter().cloned()));
        self.events.extend(outcome.events.iter().map(stored));
        for effect in outcome.effects {
            match effect {
                Effect::Invoke(invocation) => {
                    self.token.clone_from(&invocation.input.checkpoint_token);
                    self.invocations.push(invocation);
                }
                Effect::InvokeFunction(call) => self.calls.push(call),
                Effect::Closed => self.closed += 1,
                Effect::Delete => self.deleted += 1,
                Effect::QuotaNear(used) => self.warnings.push(used),
            }
        }
    }
}

/// Serializes and deserializes an event, as a store does.
fn stored(event: &Event) -> Event {
    let text = serde_json::to_string(event).unwrap();
    let read = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, event, "serialized as {text}");
    read
}

pub(crate) fn ids(operations: &[Operation]) -> Vec<&str> {
    operations.iter().map(|operation| operation.id.as_str()).collect()
}
