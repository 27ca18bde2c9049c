//! The functions in these tests, which speak the durable execution API over HTTP like every other function.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use durable_local::{FunctionDefinition, LocalService, Settings};
use durable_types::api::{CheckpointRequest, CheckpointResponse};
use durable_types::{ErrorObject, InvocationInput, InvocationOutput, OperationStatus, OperationUpdate};
use tokio::sync::watch;
use tokio::time::sleep;

use super::client::Call;

/// A service with a function named `order`, on a folder that can be used again.
pub(super) struct Host {
    service: LocalService,
    pub(super) guest: Guest,
}

impl Host {
    /// Starts a service whose function does as its input says.
    pub(super) async fn start(folder: &Path) -> Self {
        Self::start_with(folder, |settings| settings).await
    }

    pub(super) async fn start_with(folder: &Path, change: impl FnOnce(Settings) -> Settings) -> Self {
        Self::start_guest(folder, |guest, settings| change(settings.with_function(guest.definition("order"))))
            .await
    }

    /// Starts a service with the functions that are added to its settings.
    pub(super) async fn start_guest(
        folder: &Path,
        change: impl FnOnce(&Guest, Settings) -> Settings,
    ) -> Self {
        let guest = Guest::new();
        let settings = change(&guest, Settings::new(folder));
        let service = LocalService::start(settings).await.unwrap();
        guest.address.send_replace(Some(service.address().unwrap()));
        Self { service, guest }
    }

    pub(super) async fn call(&self, call: Call<'_>) -> super::client::Answer {
        call.send(self.service.address().unwrap()).await
    }

    pub(super) fn service(&self) -> &LocalService {
        &self.service
    }

    pub(super) async fn shutdown(self) {
        self.service.shutdown().await;
    }
}

/// A function, and what it knows of its surroundings.
#[derive(Clone)]
pub(super) struct Guest {
    address: watch::Sender<Option<SocketAddr>>,
    invocations: Arc<AtomicUsize>,
    token: watch::Sender<Option<String>>,
}

impl Guest {
    fn new() -> Self {
        Self {
            address: watch::Sender::new(None),
            invocations: Arc::default(),
            token: watch::Sender::new(None),
        }
    }

    /// How often it was invoked.
    pub(super) fn invocations(&self) -> usize {
        self.invocations.load(Ordering::SeqCst)
    }

    /// The checkpoint token of its last invocation, once there is one.
    pub(super) async fn token(&self) -> String {
        self.token.subscribe().wait_for(Option::is_some).await.unwrap().clone().unwrap()
    }

    pub(super) fn definition(&self, name: &str) -> FunctionDefinition {
        let guest = self.clone();
        FunctionDefinition::in_process(name, move |payload| {
            let guest = guest.clone();
            async move { guest.run(payload).await }
        })
    }

    async fn run(&self, payload: Bytes) -> Result<Bytes, ErrorObject> {
        self.invocations.fetch_add(1, Ordering::SeqCst);
        let mut invocation = Invocation::read(self.clone(), &payload);
        self.token.send_replace(Some(invocation.token.clone()));
        let task = invocation.input.trim_matches('"').to_owned();
        let output = match task.split_once(' ').unwrap_or((&task, "")) {
            ("fail", message) => {
                InvocationOutput::Failed { error: Some(ErrorObject::new("PaymentError", message)) }
            }
            ("wait", seconds) => invocation.wait(seconds.parse().unwrap()).await,
            ("steps", count) => invocation.steps(count.parse().unwrap()).await,
            ("callback", timeouts) => invocation.callback(timeouts).await,
            ("poll", _) => invocation.poll().await,
            ("call", call) => invocation.call(call).await,
            ("hang", _) => std::future::pending().await,
            ("wait-for", file) => {
                while !Path::new(file).exists() {
                    sleep(Duration::from_millis(5)).await;
                }
                InvocationOutput::Succeeded { result: Some("\"done\"".to_owned()) }
            }
            ("raise", message) => return Err(ErrorObject::new("Custom", message)),
            _ => InvocationOutput::Succeeded { result: Some(invocation.input) },
        };
        Ok(serde_json::to_vec(&output).unwrap().into())
    }

    async fn address(&self) -> SocketAddr {
        let mut address = self.address.subscribe();
        address.wait_for(Option::is_some).await.unwrap().unwrap()
    }
}

/// One invocation under way.
struct Invocation {
    guest: Guest,
    arn: String,
    token: String,
    input: String,
    operations: Vec<durable_types::Operation>,
}

impl Invocation {
    fn read(guest: Guest, payload: &[u8]) -> Self {
        let input: InvocationInput = serde_json::from_slice(payload).unwrap();
        let operations = input.initial_execution_state.operations;
        let details = operations[0].execution_details().unwrap();
        Self {
            guest,
            arn: input.durable_execution_arn,
            token: input.checkpoint_token,
            input: details.input_payload.clone().unwrap_or_default(),
            operations,
        }
    }

    /// Waits, and succeeds when the wait is over.
    async fn wait(&mut self, seconds: u64) -> InvocationOutput {
        match self.operations.iter().find(|operation| operation.id == "wait") {
            None => {
                self.checkpoint(vec![OperationUpdate::start_wait("wait", seconds).with_name("settle")]).await;
                InvocationOutput::Pending
            }
            Some(wait) if wait.status == OperationStatus::Succeeded => {
                InvocationOutput::Succeeded { result: Some("\"waited\"".to_owned()) }
            }
            Some(_) => InvocationOutput::Pending,
        }
    }

    /// Waits for a callback with these timeouts, `-` for none, and ends as it does.
    async fn callback(&mut self, timeouts: &str) -> InvocationOutput {
        if self.operation("approve").is_none() {
            let mut timeouts = timeouts.split(' ').map(|seconds| seconds.parse().ok());
            let (timeout, heartbeat) = (timeouts.next().flatten(), timeouts.next().flatten());
            let start = OperationUpdate::start_callback("approve", timeout, heartbeat).with_name("approve");
            self.checkpoint(vec![start]).await;
            return InvocationOutput::Pending;
        }
        self.end_of("approve")
    }

    /// Begins a callback and asks for its end within the same invocation.
    async fn poll(&mut self) -> InvocationOutput {
        if self.operation("approve").is_none() {
            self.checkpoint(vec![OperationUpdate::start_callback("approve", None, None)]).await;
        }
        while self.operation("approve").is_none_or(|callback| !callback.status.is_terminal()) {
            if self.token.is_empty() {
                return InvocationOutput::Pending;
            }
            tokio::task::yield_now().await;
            self.checkpoint(Vec::new()).await;
        }
        self.end_of("approve")
    }

    /// Calls a function, with the rest as its input, and ends as it does.
    async fn call(&mut self, call: &str) -> InvocationOutput {
        let (function, input) = call.split_once(' ').unwrap_or((call, ""));
        if self.operation("call").is_none() {
            let start = OperationUpdate::start_invoke("call", function, Some(format!("\"{input}\"")));
            self.checkpoint(vec![start.with_trace_header("Root=call")]).await;
        }
        self.end_of("call")
    }

    fn operation(&self, id: &str) -> Option<&durable_types::Operation> {
        self.operations.iter().rfind(|operation| operation.id == id)
    }

    fn end_of(&self, id: &str) -> InvocationOutput {
        let Some(operation) = self.operation(id) else { return InvocationOutput::Pending };
        let callback = operation.callback_details().map(|it| (it.result.clone(), it.error.clone()));
        let call = operation.chained_invoke_details().map(|it| (it.result.clone(), it.error.clone()));
        let (result, error) = callback.or(call).unwrap();
        match operation.status {
            OperationStatus::Started => InvocationOutput::Pending,
            OperationStatus::Succeeded => InvocationOutput::Succeeded { result },
            _ => InvocationOutput::Failed { error: error.map(|error| *error) },
        }
    }

    /// Records so many steps, one checkpoint each.
    async fn steps(&mut self, count: usize) -> InvocationOutput {
        for index in 0..count {
            let id = format!("step-{index}");
            if self.operation(&id).is_some() {
                continue;
            }
            if self.token.is_empty() {
                return InvocationOutput::Pending;
            }
            let begin = OperationUpdate::start_step(&id).with_name(&id);
            let end = OperationUpdate::succeed(&id, begin.operation_type.clone(), Some(index.to_string()))
                .with_name(&id)
                .with_sub_type("Step");
            self.checkpoint(vec![begin, end]).await;
        }
        InvocationOutput::Succeeded { result: Some(count.to_string()) }
    }

    async fn checkpoint(&mut self, updates: Vec<OperationUpdate>) {
        let request = CheckpointRequest::new(String::new(), self.token.clone(), updates);
        let call = Call::on("POST", &self.arn, "/checkpoint").body(serde_json::to_vec(&request).unwrap());
        let answer = call.send(self.guest.address().await).await;
        if answer.status == 400 && answer.error().3 == "Invalid checkpoint token" {
            // Somebody has stopped the execution.
            self.token.clear();
            return;
        }
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let response: CheckpointResponse = serde_json::from_slice(&answer.body).unwrap();
        // Withheld when the execution is being paused; the function then has nothing more to record.
        self.token = response.checkpoint_token.unwrap_or_default();
        self.operations.extend(response.new_execution_state.operations);
    }
}
