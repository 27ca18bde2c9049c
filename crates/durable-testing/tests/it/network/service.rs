//! The service of one execution over a network.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use durable_service::{
    Command, Effect, Environment, Execution, FunctionCall, Invocation, InvocationHeaders, Outcome, Reply,
    Seed, Settings, StartExecution,
};
use durable_types::api::{
    CheckpointRequest, CheckpointResponse, GetStateRequest, GetStateResponse, ServiceError,
};
use durable_types::{DurableConfig, Operation, OperationStatus, OperationType, Timestamp};

use super::{Network, Others};

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:test:$LATEST/durable-execution/test/\
                   00000000-0000-4000-8000-000000000000";

/// The most milliseconds that a call of another function takes.
const MAX_CALL: u64 = 5;

/// The service of one execution.
pub(super) struct Service {
    execution: Execution,
    settings: Settings,
    others: Others,
    is_late: bool,
    invocations: VecDeque<Invocation>,
    /// Calls of other functions, with the time of their ends.
    calls: Vec<(Timestamp, FunctionCall)>,
    requests: usize,
    thrown: u64,
    /// Operations that are reported by the next response.
    late: Vec<Operation>,
}

impl Service {
    pub(super) fn start(network: Network, others: Others, input: String) -> Self {
        let mut settings = Settings::default();
        if let Some(items) = network.page_items {
            settings.invocation_page_items = items;
            settings.response_page_items = items;
        }
        let request = StartExecution {
            execution_arn: ARN.parse().unwrap(),
            input: Some(input),
            durable_config: DurableConfig::default(),
            synchronous: true,
            headers: InvocationHeaders::default(),
            seed: Seed::default(),
        };
        let (execution, outcome) = Execution::start(request, &settings, Timestamp::EPOCH).unwrap();
        let mut service = Self {
            execution,
            settings,
            others,
            is_late: network.is_late,
            invocations: VecDeque::new(),
            calls: Vec::new(),
            requests: 0,
            thrown: network.seed,
            late: Vec::new(),
        };
        service.take(outcome, Timestamp::EPOCH);
        service
    }

    pub(super) fn into_execution(self) -> Execution {
        self.execution
    }

    /// Carries out a command, after everything that is due.
    pub(super) fn handle(&mut self, command: Command, now: Timestamp) -> Result<Reply, ServiceError> {
        self.catch_up(now);
        let functions = self.others.functions();
        let outcome = self.execution.handle(command, Environment::new(&self.settings, &functions, now))?;
        Ok(self.take(outcome, now))
    }

    pub(super) fn checkpoint(
        &mut self,
        request: CheckpointRequest,
        now: Timestamp,
    ) -> Result<CheckpointResponse, ServiceError> {
        let own: BTreeSet<_> = request.updates.iter().map(|update| update.operation_id.clone()).collect();
        let reply = self.handle(Command::Checkpoint(request), now)?;
        let Reply::Checkpointed(mut response) = reply else { panic!("a checkpoint is answered as one") };
        if self.is_late {
            let changed = &mut response.new_execution_state.operations;
            let late = changed.extract_if(.., |operation| !own.contains(&operation.id)).collect();
            changed.extend(std::mem::replace(&mut self.late, late));
        }
        Ok(response)
    }

    pub(super) fn state_page(&self, request: &GetStateRequest) -> Result<GetStateResponse, ServiceError> {
        self.execution.state_page(request, &self.settings)
    }

    /// The next invocation, if one is due. Nothing is in flight, so callbacks are answered first.
    pub(super) fn next_invocation(&mut self, now: Timestamp) -> Option<Invocation> {
        self.catch_up(now);
        self.late.clear();
        if self.invocations.is_empty() && !self.execution.is_closed() {
            self.answer_callbacks(now);
        }
        self.invocations.pop_front()
    }

    /// When something happens next.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        let due = self.execution.next_due()?;
        Some(self.calls.iter().map(|(end, _)| *end).fold(due, Timestamp::min))
    }

    /// Counts a request; its number comes back.
    pub(super) fn count_request(&mut self) -> usize {
        self.requests += 1;
        self.requests
    }

    /// A number below `limit`, by SplitMix64.
    pub(super) fn throw(&mut self, limit: u64) -> u64 {
        self.thrown = self.thrown.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.thrown;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Lets everything happen that is due, each at its time.
    fn catch_up(&mut self, now: Timestamp) {
        while let Some(due) = self.next_due().filter(|due| *due <= now) {
            let call = self.calls.iter().position(|(end, _)| *end <= due);
            let command = match call.map(|index| self.calls.remove(index).1) {
                Some(call) => {
                    let input = call.input.as_ref().map_or("null", |input| input.as_str());
                    let end = self.others.call(&call.function_name, input);
                    Command::ChainedInvokeEnded { operation_id: call.operation_id, end }
                }
                None => Command::TimerDue,
            };
            // A call may end after its execution did.
            let functions = self.others.functions();
            let environment = Environment::new(&self.settings, &functions, due);
            if let Ok(outcome) = self.execution.handle(command, environment) {
                self.take(outcome, due);
            }
        }
    }

    fn take(&mut self, outcome: Outcome, now: Timestamp) -> Reply {
        for effect in outcome.effects {
            match effect {
                Effect::Invoke(invocation) => self.invocations.push_back(invocation),
                Effect::InvokeFunction(call) => {
                    let millis = Duration::from_millis(self.throw(MAX_CALL + 1));
                    self.calls.push((now.saturating_add(millis), call));
                }
                Effect::Closed | Effect::QuotaNear(_) | Effect::Delete => {}
            }
        }
        outcome.reply
    }

    /// Answers all callbacks that are open, at the same moment.
    fn answer_callbacks(&mut self, now: Timestamp) {
        let is_open = |operation: &&Operation| {
            operation.operation_type == OperationType::Callback
                && operation.status == OperationStatus::Started
        };
        let answers = self.execution.operations().filter(is_open).filter_map(|operation| {
            let parent = || self.execution.operation(operation.parent_id.as_deref()?)?.name.as_deref();
            let name = operation.name.as_deref().or_else(parent).unwrap_or_default();
            let callback_id = operation.callback_details()?.callback_id.clone()?;
            Some(Command::Callback { callback_id, answer: self.others.answer(name)? })
        });
        for answer in answers.collect::<Vec<_>>() {
            self.handle(answer, now).unwrap();
        }
    }
}
