//! A service whose clock is the runtime's, so that its times are whole milliseconds and requests take time.

mod others;
mod service;

use std::sync::Mutex;
use std::time::Duration;

use durable_core::DurableContext;
use durable_core::error::IntoError;
use durable_core::lambda::LambdaContext;
use durable_core::transport::{Transport, TransportError};
use durable_service::{Command, Execution, Invocation, InvocationEnd};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use durable_types::{ErrorObject, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, sleep_until};

pub(crate) use others::Others;
use service::Service;

/// How the service can be reached.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Network {
    /// The most milliseconds that a request takes each way; how many follows from the seed.
    pub(crate) max_latency: u64,
    pub(crate) seed: u64,
    /// Whether what others ended is reported one response later than it could be.
    pub(crate) is_late: bool,
    pub(crate) page_items: Option<usize>,
    /// The request that never arrives; the first is 1.
    pub(crate) lost_request: Option<usize>,
    /// The request whose response never arrives.
    pub(crate) lost_response: Option<usize>,
    /// How long an invocation may take according to its deadline; 15 minutes if nothing else is said.
    pub(crate) timeout: Option<Duration>,
}

/// The connection to a service.
struct Connection {
    network: Network,
    began: Instant,
    service: Mutex<Service>,
}

/// The longest that an invocation may take.
const MAX_TIMEOUT: Duration = Duration::from_mins(15);

/// Runs a handler over a network to the end of its execution.
pub(crate) async fn run_over<H, F, I, O, E>(
    network: Network,
    others: Others,
    input: &impl Serialize,
    handler: H,
) -> Execution
where
    H: Fn(I, DurableContext) -> F + Send + Sync,
    F: Future<Output = Result<O, E>> + Send,
    I: DeserializeOwned + Send,
    O: Serialize + DeserializeOwned + Send + Sync,
    E: IntoError,
{
    let service = Service::start(network, others, serde_json::to_string(input).unwrap());
    let connection = Connection { network, began: Instant::now(), service: Mutex::new(service) };
    while let Some(Invocation { request_id, input }) = connection.next_invocation().await {
        let deadline = connection.now().saturating_add(network.timeout.unwrap_or(MAX_TIMEOUT));
        let context = LambdaContext::new(&*request_id, deadline);
        let end =
            match durable_core::driver::Invocation::new(input, context).drive(&connection, &handler).await {
                Ok(answer) => InvocationEnd::Answered(serde_json::to_vec(&answer).unwrap()),
                Err(error) => InvocationEnd::Failed(ErrorObject::new("InvocationError", error.to_string())),
            };
        let now = connection.now();
        connection.with(|service| service.handle(Command::InvocationEnded { request_id, end }, now)).unwrap();
    }
    connection.service.into_inner().unwrap().into_execution()
}

impl Connection {
    fn with<R>(&self, f: impl FnOnce(&mut Service) -> R) -> R {
        f(&mut self.service.lock().unwrap())
    }

    /// The next invocation, when it is due; none once the execution has ended.
    async fn next_invocation(&self) -> Option<Invocation> {
        loop {
            let now = self.now();
            if let Some(invocation) = self.with(|service| service.next_invocation(now)) {
                return Some(invocation);
            }
            let due = self.with(|service| service.next_due())?;
            sleep_until(self.began + due.saturating_since(Timestamp::EPOCH)).await;
        }
    }

    /// Takes as long as one way does.
    async fn travel(&self) {
        let millis = self.with(|service| service.throw(self.network.max_latency + 1));
        if millis > 0 {
            sleep(Duration::from_millis(millis)).await;
        }
        tokio::task::yield_now().await;
    }

    /// Sends a request, which may get lost on the way there or back.
    async fn send<R>(
        &self,
        request: impl FnOnce(&mut Service, Timestamp) -> Result<R, TransportError>,
    ) -> Result<R, TransportError> {
        let number = Some(self.with(Service::count_request));
        self.travel().await;
        if number == self.network.lost_request {
            return Err(TransportError::invocation("the request got lost"));
        }
        let now = self.now();
        let response = self.with(|service| request(service, now));
        self.travel().await;
        if number == self.network.lost_response {
            return Err(TransportError::invocation("the response got lost"));
        }
        response
    }
}

impl Transport for Connection {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH.saturating_add(self.began.elapsed())
    }

    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        self.send(|service, now| service.checkpoint(request, now).map_err(TransportError::execution)).await
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        self.send(|service, _| service.state_page(&request).map_err(TransportError::execution)).await
    }
}
