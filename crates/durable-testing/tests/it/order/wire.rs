//! A service whose clock is the runtime's, so that its times are whole milliseconds and requests take time.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use durable_core::{DurableContext, Result, Transport, TransportError, invoke};
use durable_service::{
    CallbackAnswer, Command, Effect, Execution, Invocation, InvocationEnd, InvocationHeaders, Outcome, Reply,
    Seed, Settings, StartExecution,
};
use durable_types::api::{CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse};
use durable_types::{DurableConfig, ErrorObject, Operation, OperationStatus, OperationType, Timestamp};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Played, Scene, Trace};

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:test:$LATEST/durable-execution/test/\
                   00000000-0000-4000-8000-000000000000";

/// Longer than any scenario takes in the time of the runtime.
const FOREVER: Duration = Duration::from_hours(24);

/// How the service of a scenario answers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Network {
    /// The most milliseconds that a request takes each way; how many follows from the seed.
    pub(crate) max_latency: u64,
    pub(crate) seed: u64,
    /// Whether what others ended is reported one response later than it could be.
    pub(crate) is_late: bool,
    pub(crate) page_items: Option<usize>,
}

/// The connection to the service, and the service.
struct Wire {
    network: Network,
    settings: Settings,
    began: Instant,
    state: Mutex<State>,
}

struct State {
    execution: Execution,
    invocations: VecDeque<Invocation>,
    thrown: u64,
    /// Operations that are reported by the next response.
    late: Vec<Operation>,
}

/// Runs a scenario over a network.
pub(crate) async fn play_over<S, F>(scenario: &S, network: Network) -> Played
where
    S: Fn(Scene) -> F + Send + Sync,
    F: Future<Output = Result<()>> + Send,
{
    let trace = Arc::new(Trace::default());
    let handler = |_: (), ctx: DurableContext| scenario(Scene { ctx, trace: Arc::clone(&trace) });
    let wire = Wire::start(network);
    let began = Instant::now();
    let ended = timeout(FOREVER, async {
        while let Some(Invocation { request_id, input }) = wire.next_invocation().await {
            let end = match invoke(&wire, input, &handler).await {
                Ok(answer) => InvocationEnd::Answered(serde_json::to_vec(&answer).unwrap()),
                Err(error) => InvocationEnd::Failed(ErrorObject::new("InvocationError", error.to_string())),
            };
            wire.handle(Command::InvocationEnded { request_id, end });
        }
    });
    ended.await.unwrap_or_else(|_| panic!("an invocation hangs, over {network:?}"));
    let execution = wire.state.into_inner().unwrap().execution;
    Played {
        status: execution.status().clone(),
        error: execution.error().cloned(),
        invocations: execution.invocation_count(),
        trace,
        took: began.elapsed(),
    }
}

impl Wire {
    fn start(network: Network) -> Self {
        let mut settings = Settings::default();
        if let Some(items) = network.page_items {
            settings.invocation_page_items = items;
            settings.response_page_items = items;
        }
        let request = StartExecution {
            execution_arn: ARN.parse().unwrap(),
            input: Some("null".to_owned()),
            durable_config: DurableConfig::default(),
            synchronous: true,
            headers: InvocationHeaders::default(),
            seed: Seed::default(),
        };
        let (execution, outcome) = Execution::start(request, &settings, Timestamp::EPOCH).unwrap();
        let mut state = State { execution, invocations: VecDeque::new(), thrown: 0, late: Vec::new() };
        state.take(outcome);
        Self { network, settings, began: Instant::now(), state: Mutex::new(state) }
    }

    fn handle(&self, command: Command) -> Reply {
        let now = self.now();
        self.state.lock().unwrap().handle(command, &self.settings, now)
    }

    /// The next invocation, when it is due; none once the execution has ended.
    async fn next_invocation(&self) -> Option<Invocation> {
        loop {
            let now = self.now();
            let due = {
                let mut state = self.state.lock().unwrap();
                state.catch_up(&self.settings, now);
                state.late.clear();
                if let Some(invocation) = state.invocations.pop_front() {
                    return Some(invocation);
                }
                if state.answer_callbacks(&self.settings, now) {
                    continue;
                }
                state.execution.next_due()?
            };
            sleep_until(self.began + due.saturating_since(Timestamp::EPOCH)).await;
        }
    }

    /// Takes as long as one way does, at most.
    async fn travel(&self) {
        let millis = self.state.lock().unwrap().throw(self.network);
        if millis > 0 {
            sleep(Duration::from_millis(millis)).await;
        }
        tokio::task::yield_now().await;
    }
}

impl Transport for Wire {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH.saturating_add(self.began.elapsed())
    }

    async fn checkpoint(&self, request: CheckpointRequest) -> Result<CheckpointResponse, TransportError> {
        self.travel().await;
        let own: BTreeSet<_> = request.updates.iter().map(|update| update.operation_id.clone()).collect();
        let Reply::Checkpointed(mut response) = self.handle(Command::Checkpoint(request)) else {
            return Err(TransportError::execution("the service did not answer a checkpoint as one"));
        };
        if self.network.is_late {
            let changed = &mut response.new_execution_state.operations;
            let late = changed.extract_if(.., |operation| !own.contains(&operation.id)).collect();
            let late = std::mem::replace(&mut self.state.lock().unwrap().late, late);
            changed.extend(late);
        }
        self.travel().await;
        Ok(response)
    }

    async fn get_state(&self, request: GetStateRequest) -> Result<GetStateResponse, TransportError> {
        self.travel().await;
        let page = self.state.lock().unwrap().execution.state_page(&request, &self.settings);
        self.travel().await;
        page.map_err(TransportError::execution)
    }
}

impl State {
    fn handle(&mut self, command: Command, settings: &Settings, now: Timestamp) -> Reply {
        self.catch_up(settings, now);
        let outcome = self.execution.handle(command, settings, now).unwrap();
        self.take(outcome)
    }

    /// Lets everything happen that is due, each at its time.
    fn catch_up(&mut self, settings: &Settings, now: Timestamp) {
        while let Some(due) = self.execution.next_due().filter(|due| *due <= now) {
            let outcome = self.execution.handle(Command::TimerDue, settings, due).unwrap();
            self.take(outcome);
        }
    }

    fn take(&mut self, outcome: Outcome) -> Reply {
        let invocations = outcome.effects.into_iter().filter_map(|effect| match effect {
            Effect::Invoke(invocation) => Some(invocation),
            _ => None,
        });
        self.invocations.extend(invocations);
        outcome.reply
    }

    /// Answers all callbacks that are open, at the same moment. False if there are none.
    fn answer_callbacks(&mut self, settings: &Settings, now: Timestamp) -> bool {
        let is_open = |operation: &&Operation| {
            operation.operation_type == OperationType::Callback
                && operation.status == OperationStatus::Started
        };
        let open: Vec<_> = self.execution.operations().filter(is_open).cloned().collect();
        let ids =
            open.iter().filter_map(|operation| operation.callback_details.as_ref()?.callback_id.clone());
        for callback_id in ids {
            let answer = CallbackAnswer::Succeeded(Some("1".to_owned()));
            self.handle(Command::Callback { callback_id, answer }, settings, now);
        }
        !open.is_empty()
    }

    /// A number of milliseconds, by SplitMix64.
    fn throw(&mut self, network: Network) -> u64 {
        self.thrown = self.thrown.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.thrown ^ network.seed.wrapping_mul(0xd134_2543_de82_ef95);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % (network.max_latency + 1)
    }
}
