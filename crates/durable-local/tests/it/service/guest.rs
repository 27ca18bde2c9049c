//! The functions in these tests, which speak the durable execution API over HTTP like every other function.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use durable_local::{FunctionDefinition, LocalService, Settings};
use durable_types::api::{CheckpointRequest, CheckpointResponse};
use durable_types::{ErrorObject, InvocationInput, InvocationOutput, OperationStatus, OperationUpdate};
use tokio::sync::watch;

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
        let guest = Guest::new();
        let settings = change(Settings::new(folder).with_function(guest.definition("order")));
        let service = LocalService::start(settings).await.unwrap();
        guest.address.send_replace(Some(service.address()));
        Self { service, guest }
    }

    pub(super) async fn call(&self, call: Call<'_>) -> super::client::Answer {
        call.send(self.service.address()).await
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

    fn definition(&self, name: &str) -> FunctionDefinition {
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
            ("hang", _) => std::future::pending().await,
            ("wait-for", file) => match Path::new(file).exists() {
                true => InvocationOutput::Succeeded { result: Some("\"done\"".to_owned()) },
                false => std::future::pending().await,
            },
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
        let details = operations[0].execution_details.as_ref().unwrap();
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

    /// Records so many steps, one checkpoint each.
    async fn steps(&mut self, count: usize) -> InvocationOutput {
        for index in 0..count {
            let id = format!("step-{index}");
            let begin = OperationUpdate::start_step(&id).with_name(&id);
            let end = OperationUpdate::succeed(&id, begin.operation_type.clone(), Some(index.to_string()))
                .with_name(&id)
                .with_sub_type("Step");
            self.checkpoint(vec![begin, end]).await;
        }
        InvocationOutput::Succeeded { result: Some(count.to_string()) }
    }

    async fn checkpoint(&mut self, updates: Vec<OperationUpdate>) {
        let request = CheckpointRequest {
            durable_execution_arn: String::new(),
            checkpoint_token: self.token.clone(),
            updates,
            client_token: None,
        };
        let call = Call::on("POST", &self.arn, "/checkpoint").body(serde_json::to_vec(&request).unwrap());
        let answer = call.send(self.guest.address().await).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let response: CheckpointResponse = serde_json::from_slice(&answer.body).unwrap();
        self.token = response.checkpoint_token.unwrap();
    }
}
