//! A service in memory that records steps and says what it recorded.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use durable_types::api::{CheckpointRequest, CheckpointResponse, CheckpointUpdatedExecutionState};
use durable_types::{
    ExecutionDetails, InitialExecutionState, InvocationInput, Operation, OperationAction, OperationStatus,
    OperationType, OperationUpdate, StepDetails, Timestamp,
};

use crate::Workload;

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:peers:1/durable-execution/run/4f1c9d5e";
const EXECUTION_ID: &str = "4f1c9d5e";

/// The records of one execution of the [`Workload`].
#[derive(Debug)]
pub struct Ledger {
    latency: Duration,
    records: Mutex<Records>,
}

#[derive(Debug)]
struct Records {
    operations: Vec<Operation>,
    by_id: HashMap<String, usize>,
    calls: usize,
}

impl Ledger {
    /// An execution that has just been started; each checkpoint takes this long.
    pub fn new(workload: Workload, latency: Duration) -> Self {
        let mut execution = Operation::new(EXECUTION_ID, OperationType::Execution, OperationStatus::Started);
        let input_payload = serde_json::to_string(&workload).ok();
        execution.start_timestamp = Some(moment(0));
        execution.execution_details = Some(Box::new(ExecutionDetails { input_payload }));
        let records = Records { operations: vec![execution], by_id: HashMap::new(), calls: 0 };
        Self { latency, records: Mutex::new(records) }
    }

    /// The payload of an invocation now.
    pub fn payload(&self) -> Vec<u8> {
        let input = self.with(|records| InvocationInput {
            durable_execution_arn: ARN.to_owned(),
            checkpoint_token: records.token(),
            initial_execution_state: InitialExecutionState {
                operations: records.operations.clone(),
                next_marker: None,
            },
            updated_operation_ids: None,
        });
        serde_json::to_vec(&input).expect("plain data has a JSON form")
    }

    /// How many checkpoints were made.
    pub fn calls(&self) -> usize {
        self.with(|records| records.calls)
    }

    /// Records a checkpoint.
    pub async fn checkpoint(&self, request: CheckpointRequest) -> CheckpointResponse {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        self.with(|records| records.checkpoint(request))
    }

    fn with<R>(&self, f: impl FnOnce(&mut Records) -> R) -> R {
        f(&mut self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Records {
    fn checkpoint(&mut self, request: CheckpointRequest) -> CheckpointResponse {
        assert_eq!(request.checkpoint_token, self.token(), "a checkpoint came with a stale token");
        self.calls += 1;
        let mut changed = Vec::new();
        for update in request.updates {
            let index = self.record(update);
            if !changed.contains(&index) {
                changed.push(index);
            }
        }
        let operations = changed.into_iter().map(|index| self.operations[index].clone()).collect();
        CheckpointResponse {
            checkpoint_token: Some(self.token()),
            new_execution_state: CheckpointUpdatedExecutionState { operations, next_marker: None },
        }
    }

    /// Records an update and says of which operation.
    fn record(&mut self, update: OperationUpdate) -> usize {
        assert_eq!(update.operation_type, OperationType::Step, "the workload is made of steps");
        let now = Some(moment(self.calls));
        let next = self.operations.len();
        let index = *self.by_id.entry(update.operation_id.clone()).or_insert(next);
        if index == next {
            let mut step = Operation::new(update.operation_id, OperationType::Step, OperationStatus::Started);
            step.parent_id = update.parent_id;
            step.name = update.name;
            step.sub_type = update.sub_type;
            step.start_timestamp = now;
            step.step_details = Some(Box::new(StepDetails { attempt: Some(0), ..StepDetails::default() }));
            self.operations.push(step);
        }
        let step = &mut self.operations[index];
        match update.action {
            OperationAction::Start => {}
            OperationAction::Succeed => {
                step.status = OperationStatus::Succeeded;
                step.end_timestamp = now;
                let details =
                    StepDetails { attempt: Some(1), result: update.result, ..StepDetails::default() };
                step.step_details = Some(Box::new(details));
            }
            action => panic!("no step of the workload is to {action}"),
        }
        index
    }

    fn token(&self) -> String {
        format!("token{:016}", self.calls)
    }
}

/// Times are made up: one checkpoint takes 11 ms.
fn moment(calls: usize) -> Timestamp {
    Timestamp::from_millis(1_767_323_045_678).saturating_add(Duration::from_millis(11) * calls as u32)
}
