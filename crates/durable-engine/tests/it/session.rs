//! An engine with what a driver would ask of it.

use std::time::Duration;

use durable_engine::{
    Claimant, Claimed, ContextKey, Engine, LINGER, NewOperation, OperationId, OperationKey, Output, Settled,
    StepSemantics,
};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest};
use durable_types::{
    InitialExecutionState, InvocationInput, Operation, OperationStatus, OperationType, StepDetails, Timestamp,
};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_000_000);
pub(crate) const RESOLUTION: Duration = Duration::from_millis(1);
pub(crate) const ROOT: ContextKey = ContextKey::ROOT;

pub(crate) struct Session(pub(crate) Engine);

/// Everything the engine asked for.
#[derive(Default)]
pub(crate) struct Outputs {
    pub(crate) woken: Vec<OperationKey>,
    pub(crate) checkpoint: Option<CheckpointRequest>,
    pub(crate) page: Option<GetStateRequest>,
}

impl Session {
    /// An invocation that finds these records.
    pub(crate) fn new(operations: Vec<Operation>) -> Self {
        let input =
            InvocationInput::new("arn:test/run/id", "token-0", InitialExecutionState::new(operations, None));
        Self(Engine::new(input, NOW, RESOLUTION))
    }

    /// Claims an operation on behalf of the handler.
    pub(crate) fn claim(&mut self, context: ContextKey, name: Option<&str>, new: NewOperation) -> Claimed {
        self.0.claim(context, name, new, Claimant::Handler)
    }

    /// Claims an operation that ended in an earlier invocation.
    pub(crate) fn deferred(&mut self, name: &str, new: NewOperation) -> (OperationKey, Settled) {
        match self.claim(ROOT, Some(name), new) {
            Claimed::Deferred(_, key, settled) => (key, settled),
            other => panic!("{name}: {other:?}"),
        }
    }

    /// Delivers results as a driver does when the handler is at rest, and returns the keys of the futures that it wakes.
    pub(crate) fn deliver_all(&mut self) -> Vec<OperationKey> {
        std::iter::from_fn(|| self.0.deliver()).collect()
    }

    /// Claims a step that ended in an earlier invocation, receives its result and drops its future.
    pub(crate) fn replay(&mut self, name: &str) -> Settled {
        let (key, settled) = self.deferred(name, step());
        self.deliver_all();
        assert!(self.0.poll_deferred(key), "{name}");
        self.0.release(key);
        settled
    }

    /// Claims an operation that is driven in this invocation.
    pub(crate) fn live(&mut self, name: &str, new: NewOperation) -> OperationKey {
        match self.claim(ROOT, Some(name), new) {
            Claimed::Live(_, key) => key,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// Takes all outputs there are at this moment.
    pub(crate) fn outputs_at(&mut self, now: Timestamp) -> Outputs {
        let mut outputs = Outputs::default();
        while let Some(output) = self.0.poll_output(now) {
            match output {
                Output::Wake(key) => outputs.woken.push(key),
                Output::Checkpoint(request) => outputs.checkpoint = Some(request),
                Output::GetState(request) => outputs.page = Some(request),
            }
        }
        outputs
    }

    /// The next checkpoint, after lingering if need be.
    pub(crate) fn request(&mut self) -> Option<CheckpointRequest> {
        let request = self.outputs_at(NOW).checkpoint;
        request.or_else(|| self.outputs_at(NOW.saturating_add(LINGER)).checkpoint)
    }

    /// The next checkpoint, after lingering if need be, as `ACTION name` for each update.
    pub(crate) fn checkpoint(&mut self) -> Vec<String> {
        self.request().iter().flat_map(labels).collect()
    }

    /// Acknowledges the checkpoint under way; the answer tells of these operations.
    pub(crate) fn acknowledge(&mut self, token: &str, operations: Vec<Operation>) {
        let mut response = CheckpointResponse::new(Some(token.into()));
        response.new_execution_state.operations = operations;
        self.0.handle_checkpointed(response, NOW);
    }
}

pub(crate) fn labels(request: &CheckpointRequest) -> Vec<String> {
    let label = |update: &durable_types::OperationUpdate| {
        format!("{} {}", update.action, update.name.as_deref().unwrap_or("-"))
    };
    request.updates.iter().map(label).collect()
}

pub(crate) fn step() -> NewOperation {
    NewOperation::Step { semantics: StepSemantics::AtLeastOncePerRetry }
}

pub(crate) fn wait() -> NewOperation {
    NewOperation::Wait { seconds: 60 }
}

/// The id that the first operation with this subtype and name gets at the top level.
pub(crate) fn id(name: &str, new: NewOperation) -> OperationId {
    match Session::new(Vec::new()).claim(ROOT, Some(name), new) {
        Claimed::Live(id, _) => id,
        other => panic!("{other:?}"),
    }
}

/// The record of a step at the top level.
pub(crate) fn recorded_step(name: &str, status: OperationStatus) -> Operation {
    let result = status.is_terminal().then(|| format!("\"{name}\""));
    let mut record = Operation::new(id(name, step()).to_string(), OperationType::Step, status);
    record.name = Some(name.into());
    record.sub_type = Some("Step".into());
    record.details = Some(StepDetails::new(result, None).into());
    record
}

/// The record of a wait at the top level.
pub(crate) fn recorded_wait(name: &str, status: OperationStatus) -> Operation {
    let mut record = Operation::new(id(name, wait()).to_string(), OperationType::Wait, status);
    record.name = Some(name.into());
    record.sub_type = Some("Wait".into());
    record
}

/// A record of something that began and ended at these times, in milliseconds.
pub(crate) fn at(mut record: Operation, began: i64, ended: i64) -> Operation {
    record.start_timestamp = Some(Timestamp::from_millis(began));
    record.end_timestamp = Some(Timestamp::from_millis(ended));
    record
}
