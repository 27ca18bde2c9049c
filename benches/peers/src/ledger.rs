//! The service: it records steps and contexts, and returns what it recorded.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use durable_types::api::{CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState};
use durable_types::{
    ContextDetails, ExecutionDetails, InitialExecutionState, InvocationInput, Operation, OperationAction,
    OperationStatus, OperationType, OperationUpdate, SmallString, StepDetails, Timestamp,
};

use crate::Workload;

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:peers:1/durable-execution/run/4f1c9d5e";
const EXECUTION_ID: &str = "4f1c9d5e";

/// The records of one execution of a [`Workload`].
#[derive(Debug)]
pub struct Ledger {
    latency: Duration,
    records: Mutex<Records>,
}

#[derive(Debug)]
struct Records {
    operations: Vec<Operation>,
    by_id: HashMap<SmallString, usize>,
    calls: Calls,
}

/// The checkpoints that were made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calls {
    /// How many.
    pub count: usize,
    /// How long they took, all together.
    pub time: Duration,
}

impl Ledger {
    /// An execution that has just been started; each checkpoint takes this long.
    pub fn new(workload: Workload, latency: Duration) -> Self {
        Self { latency, records: Mutex::new(Records::of(workload)) }
    }

    /// Forgets everything and starts another execution.
    pub fn restart(&self, workload: Workload) {
        self.with(|records| *records = Records::of(workload));
    }

    /// The payload of an invocation now.
    pub fn payload(&self) -> Vec<u8> {
        let input = self.with(|records| {
            InvocationInput::new(ARN, records.token(), InitialExecutionState::new(records.visible(), None))
        });
        serde_json::to_vec(&input).expect("plain data has a JSON form")
    }

    /// The checkpoints that were made.
    pub fn calls(&self) -> Calls {
        self.with(|records| records.calls)
    }

    /// Records a checkpoint.
    pub fn checkpoint(&self, request: CheckpointRequest) -> CheckpointResponse {
        let start = Instant::now();
        std::thread::sleep(self.latency);
        self.with(|records| {
            let response = records.checkpoint(request);
            records.calls.time += start.elapsed();
            response
        })
    }

    fn with<R>(&self, f: impl FnOnce(&mut Records) -> R) -> R {
        f(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Records {
    fn of(workload: Workload) -> Self {
        let mut execution = Operation::new(EXECUTION_ID, OperationType::Execution, OperationStatus::Started);
        let input_payload = serde_json::to_string(&workload).ok();
        execution.start_timestamp = Some(moment(0));
        execution.details = Some(ExecutionDetails::new(input_payload).into());
        Self { operations: vec![execution], by_id: HashMap::new(), calls: Calls::default() }
    }

    fn checkpoint(&mut self, request: CheckpointRequest) -> CheckpointResponse {
        assert_eq!(request.checkpoint_token, self.token(), "a checkpoint came with a stale token");
        assert!(request.updates.len() <= 250, "a checkpoint is larger than the service allows");
        self.calls.count += 1;
        let mut is_changed = HashSet::new();
        let changed = request.updates.into_iter().map(|update| self.record(update));
        let changed: Vec<_> = changed.filter(|index| is_changed.insert(*index)).collect();
        let operations = changed.into_iter().map(|index| self.operations[index].clone()).collect();
        let mut response = CheckpointResponse::new(Some(self.token()));
        response.new_execution_state = CheckpointUpdatedExecutionState::new(operations, None);
        response
    }

    /// Records an update and says of which operation.
    fn record(&mut self, update: OperationUpdate) -> usize {
        let now = Some(moment(self.calls.count));
        let next = self.operations.len();
        let index = *self.by_id.entry(update.operation_id.clone()).or_insert(next);
        if index == next {
            let started = OperationStatus::Started;
            let mut operation = Operation::new(update.operation_id, update.operation_type.clone(), started);
            operation.parent_id = update.parent_id;
            operation.name = update.name;
            operation.sub_type = update.sub_type;
            operation.start_timestamp = now;
            self.operations.push(operation);
        }
        let operation = &mut self.operations[index];
        let attempt = match update.action {
            OperationAction::Start => 0,
            OperationAction::Succeed => {
                operation.status = OperationStatus::Succeeded;
                operation.end_timestamp = now;
                1
            }
            action => panic!("no operation of the workloads is to {action}"),
        };
        match update.operation_type {
            OperationType::Step => {
                let mut details = StepDetails::new(update.result, None);
                details.attempt = Some(attempt);
                operation.details = Some(details.into());
            }
            OperationType::Context => {
                let mut details = ContextDetails::new(update.result, None);
                details.replay_children = update.context_options.and_then(|options| options.replay_children);
                operation.details = Some(details.into());
            }
            other => panic!("the workloads are made of steps and contexts, not of {other}"),
        }
        index
    }

    /// What an invocation is told: all but what stands inside contexts that ended and do not keep it.
    fn visible(&self) -> Vec<Operation> {
        let mut is_hidden = HashSet::new();
        for operation in &self.operations {
            let details = operation.context_details();
            let keeps = details.is_none_or(|details| details.replay_children == Some(true));
            let is_inside = operation.parent_id.as_ref().is_some_and(|parent| is_hidden.contains(parent));
            if is_inside || operation.status == OperationStatus::Succeeded && !keeps {
                is_hidden.insert(operation.id.clone());
            }
        }
        let is_visible = |operation: &&Operation| match &operation.parent_id {
            Some(parent) => !is_hidden.contains(parent),
            None => true,
        };
        self.operations.iter().filter(is_visible).cloned().collect()
    }

    fn token(&self) -> String {
        format!("token{:016}", self.calls.count)
    }
}

/// Times are made up: one checkpoint takes 11 ms.
fn moment(calls: usize) -> Timestamp {
    Timestamp::from_millis(1_767_323_045_678).saturating_add(Duration::from_millis(11) * calls as u32)
}
