//! Functions that speak the protocol of durable executions, and the host that they call.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use durable_host::function::{Deliver, Ended, FunctionCall, FunctionInvoker, Invoking};
use durable_host::{ExecutionApi, Host, HostSettings};
use durable_service::{
    FunctionCatalog, FunctionDescription, FunctionInvocation, FunctionKind, InvocationEnd,
};
use durable_types::api::{CheckpointRequest, ServiceError};
use durable_types::{
    DurableExecutionArn, ErrorObject, InvocationInput, InvocationOutput, Operation, OperationStatus,
    OperationType, OperationUpdate,
};
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// The duration of a step.
const STEP: Duration = Duration::from_millis(20);
/// The duration of a wait, long enough for executions to be passivated meanwhile.
const WAIT_SECONDS: u64 = 30;
/// The number of checkpoints of `poll`. None of them appears in the history, and reading them takes more than one
/// window.
const EMPTY_CHECKPOINTS: usize = 2_100;

/// A log of the activity of a test's functions, across all processes.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// The operations whose checkpoints were acknowledged as succeeded, by ARN.
    pub(crate) acknowledged: Mutex<HashMap<String, Vec<String>>>,
    /// The number of step bodies that ran.
    pub(crate) bodies: Mutex<usize>,
    /// The executions that had two concurrent invocations.
    pub(crate) twice: Mutex<Vec<String>>,
    /// The callbacks created so far: the id of each, and its execution.
    pub(crate) callbacks: Mutex<HashMap<String, String>>,
}

/// The functions of one process.
///
/// - `order` runs a step, waits, calls `ship` and the plain function `tax`, and runs another step.
/// - `poll` makes many empty checkpoints and runs a step.
/// - `ship` runs a step and waits.
/// - `ask` returns the answer to a callback.
/// - `approve` does the same with a timeout of 60 seconds and a heartbeat timeout of 10 seconds.
/// - `hang` never responds, and `quick` responds at once.
pub(crate) struct Functions {
    ledger: Arc<Ledger>,
    /// The executions whose function runs in this process.
    running: Mutex<HashSet<DurableExecutionArn>>,
    /// The permits that limit concurrent invocations.
    capacity: Semaphore,
}

impl Functions {
    /// Starts a process: a host with these functions.
    pub(crate) fn host(edges: impl FnOnce(Arc<Self>) -> HostSettings, ledger: &Arc<Ledger>) -> Host {
        Self::host_with_capacity(edges, ledger, Semaphore::MAX_PERMITS)
    }

    /// Does the same with functions limited to this many concurrent invocations.
    pub(crate) fn host_with_capacity(
        edges: impl FnOnce(Arc<Self>) -> HostSettings,
        ledger: &Arc<Ledger>,
        capacity: usize,
    ) -> Host {
        let (ledger, capacity) = (Arc::clone(ledger), Semaphore::new(capacity));
        Host::new(edges(Arc::new(Self { ledger, running: Mutex::default(), capacity })))
    }

    /// Creates functions with unlimited concurrency.
    pub(crate) fn all(ledger: &Arc<Ledger>) -> Arc<Self> {
        let (ledger, capacity) = (Arc::clone(ledger), Semaphore::new(Semaphore::MAX_PERMITS));
        Arc::new(Self { ledger, running: Mutex::default(), capacity })
    }

    async fn run(
        &self,
        arn: &DurableExecutionArn,
        input: InvocationInput,
        api: Arc<dyn ExecutionApi>,
    ) -> InvocationEnd {
        if !self.running.lock().unwrap().insert(arn.clone()) {
            self.ledger.twice.lock().unwrap().push(arn.to_string());
        }
        let _running = Running(self, arn);
        let mut invocation = Invocation::new(self, arn, input, api);
        let output = match arn.function_name() {
            "order" => invocation.order().await,
            "ship" => invocation.ship().await,
            "poll" => invocation.poll().await,
            "ask" => invocation.ask().await,
            "approve" => invocation.approve().await,
            "quick" => Ok(succeeded("null")),
            _ => std::future::pending().await,
        };
        match output {
            Ok(output) => InvocationEnd::Answered(serde_json::to_vec(&output).unwrap()),
            Err(error) => InvocationEnd::Failed(ErrorObject::new("Checkpoint", error.message)),
        }
    }
}

/// Marks an execution as no longer running, even if its invocation is dropped.
struct Running<'a>(&'a Functions, &'a DurableExecutionArn);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.lock().unwrap().remove(self.1);
    }
}

impl FunctionCatalog for Functions {
    fn find(&self, name: &str) -> Option<FunctionDescription> {
        let kind = if name == "tax" { FunctionKind::Plain } else { FunctionKind::Durable };
        self.names().contains(name).then(|| FunctionDescription::new(kind))
    }
}

impl FunctionInvoker for Functions {
    fn names(&self) -> BTreeSet<String> {
        ["order", "ship", "poll", "ask", "approve", "hang", "quick", "tax"].map(str::to_owned).into()
    }

    fn invoke<'a>(
        &'a self,
        invocation: FunctionInvocation,
        api: Arc<dyn ExecutionApi>,
        deliver: Deliver<'a>,
    ) -> Invoking<'a, InvocationEnd> {
        Box::pin(async move {
            let FunctionInvocation { arn, invocation, .. } = invocation;
            let _permit = self.capacity.acquire().await.unwrap();
            if !deliver() {
                return None;
            }
            Some(Ended::silent(self.run(&arn, invocation.input, api).await))
        })
    }

    fn call(&self, call: FunctionCall) -> Invoking<'_, Result<Bytes, ErrorObject>> {
        Box::pin(async move {
            sleep(STEP).await;
            Some(Ended::silent(Ok(call.input)))
        })
    }
}

/// An invocation in flight.
struct Invocation<'a> {
    functions: &'a Functions,
    arn: &'a DurableExecutionArn,
    token: String,
    operations: Vec<Operation>,
    api: Arc<dyn ExecutionApi>,
}

impl<'a> Invocation<'a> {
    fn new(
        functions: &'a Functions,
        arn: &'a DurableExecutionArn,
        input: InvocationInput,
        api: Arc<dyn ExecutionApi>,
    ) -> Self {
        let operations = input.initial_execution_state.operations;
        Self { functions, arn, token: input.checkpoint_token, operations, api }
    }

    async fn order(&mut self) -> Result<InvocationOutput, ServiceError> {
        self.step("reserve").await?;
        if !self.is_done("settle", OperationUpdate::start_wait("settle", WAIT_SECONDS)).await? {
            return Ok(InvocationOutput::Pending);
        }
        for function in ["ship", "tax"] {
            let arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{function}:$LATEST");
            let invoke = OperationUpdate::start_invoke(function, &arn, Some("1".to_owned()));
            if !self.is_done(function, invoke).await? {
                return Ok(self.unless_failed(function));
            }
        }
        self.step("confirm").await?;
        Ok(succeeded("\"done\""))
    }

    async fn ship(&mut self) -> Result<InvocationOutput, ServiceError> {
        self.step("label").await?;
        if !self.is_done("transport", OperationUpdate::start_wait("transport", WAIT_SECONDS)).await? {
            return Ok(InvocationOutput::Pending);
        }
        Ok(succeeded("1"))
    }

    async fn poll(&mut self) -> Result<InvocationOutput, ServiceError> {
        for _ in 0..EMPTY_CHECKPOINTS {
            self.checkpoint(Vec::new()).await?;
        }
        self.step("label").await?;
        Ok(succeeded("1"))
    }

    async fn ask(&mut self) -> Result<InvocationOutput, ServiceError> {
        let create = OperationUpdate::start_callback("answer", Some(3_600), None);
        let has_ended = self.is_done("answer", create).await?;
        let operation = self.find("answer").cloned();
        let details = operation.map(|mut operation| operation.take_callback_details()).unwrap_or_default();
        match details.result {
            Some(answer) if has_ended => Ok(succeeded(&answer)),
            _ if details.error.is_some() => Ok(succeeded("\"too late\"")),
            _ => {
                let mut callbacks = self.functions.ledger.callbacks.lock().unwrap();
                callbacks.insert(self.arn.to_string(), details.callback_id.unwrap_or_default());
                Ok(InvocationOutput::Pending)
            }
        }
    }

    async fn approve(&mut self) -> Result<InvocationOutput, ServiceError> {
        self.is_done("approval", OperationUpdate::start_callback("approval", Some(60), Some(10))).await?;
        let operation = self.find("approval").cloned();
        let details = operation.map(|mut operation| operation.take_callback_details()).unwrap_or_default();
        if let Some(answer) = details.result {
            return Ok(succeeded(&answer));
        }
        if details.error.is_some() {
            return Ok(InvocationOutput::Failed { error: details.error.map(|error| *error) });
        }
        let mut callbacks = self.functions.ledger.callbacks.lock().unwrap();
        callbacks.insert(self.arn.to_string(), details.callback_id.unwrap_or_default());
        Ok(InvocationOutput::Pending)
    }

    /// Runs a step, unless its result is recorded.
    async fn step(&mut self, id: &str) -> Result<(), ServiceError> {
        if self.find(id).is_some() {
            return Ok(());
        }
        sleep(STEP).await;
        *self.functions.ledger.bodies.lock().unwrap() += 1;
        let step = OperationUpdate::succeed(id, OperationType::Step, Some("1".to_owned()));
        self.checkpoint(vec![OperationUpdate::start_step(id), step]).await?;
        let mut acknowledged = self.functions.ledger.acknowledged.lock().unwrap();
        acknowledged.entry(self.arn.to_string()).or_default().push(id.to_owned());
        Ok(())
    }

    /// Starts an operation that the service completes, and returns whether it has ended.
    async fn is_done(&mut self, id: &str, start: OperationUpdate) -> Result<bool, ServiceError> {
        if self.find(id).is_none() {
            self.checkpoint(vec![start]).await?;
        }
        Ok(self.find(id).is_some_and(|operation| operation.status == OperationStatus::Succeeded))
    }

    /// Waits for an operation, and propagates its failure.
    fn unless_failed(&self, id: &str) -> InvocationOutput {
        match self.find(id).map(|operation| &operation.status) {
            Some(OperationStatus::Started) | None => InvocationOutput::Pending,
            Some(status) => {
                let error = ErrorObject::new("Call", format!("{id} ended as {status:?}"));
                InvocationOutput::Failed { error: error.into() }
            }
        }
    }

    fn find(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    async fn checkpoint(&mut self, updates: Vec<OperationUpdate>) -> Result<(), ServiceError> {
        let request = CheckpointRequest::new(self.arn.as_str(), &self.token, updates);
        let response = self.api.checkpoint(request).await?;
        self.token = response.checkpoint_token.unwrap_or_default();
        for operation in response.new_execution_state.operations {
            self.operations.retain(|known| known.id != operation.id);
            self.operations.push(operation);
        }
        Ok(())
    }
}

fn succeeded(result: &str) -> InvocationOutput {
    InvocationOutput::Succeeded { result: Some(result.to_owned()) }
}
