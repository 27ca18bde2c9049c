//! Crash tests: a store that fails, stalls or loses power at any call.

use std::collections::BTreeMap;

use durable_service::{
    Answer, CallbackAnswer, CallbackChange, Command, Event, Execution, ExecutionId, FunctionInvocation,
    InvocationEnd, OperationChange, Reply,
};
use durable_types::api::{CheckpointRequest, PauseRequest, ResumeRequest, ServiceErrorKind};
use durable_types::{
    DurableExecutionArn, ExecutionStatus, Operation, OperationUpdate as U, SmallString, Timestamp,
};
use proptest::prelude::*;

use super::driver::{Disk, Driver, Reads};
use crate::harness::{PENDING, SUCCEEDED};

#[test]
fn a_failed_append_during_an_invocation_starts_no_second_invocation() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();
    driver.disk = Disk::Fails;
    let failed = driver.command(&arn, Command::Stop { error: None });
    assert_eq!(driver.answer(failed).unwrap().unwrap_err().kind, ServiceErrorKind::Service);

    driver.disk = Disk::Works;
    driver.advance(60);
    assert!(driver.queue.is_empty());

    driver.end(&invocation, SUCCEEDED);
    assert_eq!(driver.status(&arn), ExecutionStatus::Succeeded);
}

#[test]
fn an_end_of_an_invocation_that_cannot_be_recorded_is_recorded_later() {
    let mut driver = Driver::new();
    let arn = driver.start(None);
    let invocation = driver.deliver();
    driver.disk = Disk::Fails;
    driver.end(&invocation, SUCCEEDED);
    assert_eq!(driver.status(&arn), ExecutionStatus::Running);

    driver.disk = Disk::Works;
    driver.advance(60);

    assert_eq!(driver.status(&arn), ExecutionStatus::Succeeded);
    assert!(driver.queue.is_empty());
}

#[test]
fn a_start_recorded_despite_a_reported_failure_is_resumed_by_the_next_process() {
    let mut driver = Driver::new();
    driver.disk = Disk::FailsAfterwards;
    let failed = driver.request_start(Some("first"), Some("1"));
    assert!(driver.answer(failed).unwrap().is_err());

    let mut driver = driver.restarted();
    let again = driver.request_start(Some("first"), Some("1"));

    assert!(matches!(driver.answer(again), Some(Ok(Answer::Started(started))) if started.existed));
    assert_eq!(driver.queue.len(), 1);
}

#[test]
fn a_start_recorded_despite_a_reported_failure_continues() {
    let mut driver = Driver::new();
    driver.disk = Disk::FailsAfterwards;
    let failed = driver.request_start(None, Some("1"));
    assert!(driver.answer(failed).unwrap().is_err());

    driver.disk = Disk::Works;
    driver.advance(1);

    assert_eq!(driver.queue.len(), 1);
}

/// An input to the service or its environment.
#[derive(Clone, Debug)]
enum Input {
    Start {
        name: u8,
        payload: u8,
    },
    Deliver,
    /// An invocation records a step, a wait, a callback or a call.
    Checkpoint {
        invocation: u8,
        what: u8,
    },
    End {
        invocation: u8,
        how: u8,
    },
    EndCall {
        call: u8,
    },
    Stop {
        execution: u8,
    },
    Pause {
        execution: u8,
    },
    Resume {
        execution: u8,
    },
    Delete {
        execution: u8,
    },
    AnswerCallback {
        execution: u8,
    },
    Heartbeat {
        execution: u8,
        callback: u8,
    },
    Pass {
        seconds: u16,
    },
    Disk(Disk),
    RepairDisk,
    /// The process is killed. Unrecorded changes are lost.
    Kill,
    RemoveFunction,
    AddFunction,
    Reads(Reads),
    Deletes(Reads),
    RepairReads,
    /// One queued request is executed.
    ReadOne(u8),
    AppendOne,
    Repaired,
    Read {
        execution: u8,
    },
    Find {
        name: u8,
    },
    Expire,
    /// Sets the retention in days.
    Retention(u32),
    Watch {
        execution: u8,
    },
}

fn input() -> impl Strategy<Value = Input> {
    let any = any::<u8>;
    let disk = prop_oneof![
        Just(Disk::Fails),
        Just(Disk::FailsAfterwards),
        Just(Disk::FailsForNew),
        Just(Disk::Stalls),
        Just(Disk::Stalls)
    ];
    let reads = prop_oneof![Just(Reads::Fail), Just(Reads::StallAfterwards), Just(Reads::Stall)];
    let deletes = prop_oneof![Just(Reads::Fail), Just(Reads::Stall)];
    prop_oneof![
        2 => reads.prop_map(Input::Reads),
        1 => deletes.prop_map(Input::Deletes),
        3 => Just(Input::RepairReads),
        6 => any().prop_map(Input::ReadOne),
        5 => Just(Input::AppendOne),
        1 => Just(Input::Repaired),
        1 => any().prop_map(|execution| Input::Read { execution }),
        1 => (1_u8..6).prop_map(|name| Input::Find { name }),
        1 => Just(Input::Expire),
        1 => (0_u32..2).prop_map(Input::Retention),
        3 => any().prop_map(|execution| Input::Watch { execution }),
        3 => (0_u8..6, 0_u8..2).prop_map(|(name, payload)| Input::Start { name, payload }),
        6 => Just(Input::Deliver),
        6 => (any(), any()).prop_map(|(invocation, what)| Input::Checkpoint { invocation, what }),
        5 => (any(), any()).prop_map(|(invocation, how)| Input::End { invocation, how }),
        2 => any().prop_map(|call| Input::EndCall { call }),
        1 => any().prop_map(|execution| Input::Stop { execution }),
        1 => any().prop_map(|execution| Input::Pause { execution }),
        2 => any().prop_map(|execution| Input::Resume { execution }),
        1 => any().prop_map(|execution| Input::Delete { execution }),
        2 => any().prop_map(|execution| Input::AnswerCallback { execution }),
        6 => (any(), any()).prop_map(|(execution, callback)| Input::Heartbeat { execution, callback }),
        3 => (0_u16..90).prop_map(|seconds| Input::Pass { seconds }),
        2 => disk.prop_map(Input::Disk),
        4 => Just(Input::RepairDisk),
        1 => Just(Input::Kill),
        1 => Just(Input::RemoveFunction),
        2 => Just(Input::AddFunction),
    ]
}

/// The service, and the state known to its clients and functions.
struct World {
    driver: Driver,
    /// The executions with an acknowledged start, and the number of operations with an acknowledged checkpoint.
    acknowledged: BTreeMap<ExecutionId, (DurableExecutionArn, usize)>,
    /// The times of the last acknowledged heartbeats, by execution and operation.
    heartbeats: BTreeMap<(ExecutionId, SmallString), Timestamp>,
    /// Requested deletions.
    deleted: Vec<ExecutionId>,
    /// Requests without an answer.
    pending: Vec<(usize, Expected)>,
    /// The invocations that functions are running, with the token of the next checkpoint of each.
    running: Vec<(FunctionInvocation, String, bool)>,
    operations: usize,
}

enum Expected {
    Start,
    Checkpoint { request_id: String, arn: DurableExecutionArn, operation: String },
    Heartbeat { id: ExecutionId, operation: SmallString, at: Timestamp },
    Other,
}

impl World {
    fn new() -> Self {
        Self {
            driver: Driver::new(),
            acknowledged: BTreeMap::new(),
            heartbeats: BTreeMap::new(),
            deleted: Vec::new(),
            pending: Vec::new(),
            running: Vec::new(),
            operations: 0,
        }
    }

    fn arn(&self, number: u8) -> Option<DurableExecutionArn> {
        let count = self.acknowledged.len().max(1);
        self.acknowledged.values().nth(usize::from(number) % count).map(|(arn, _)| arn.clone())
    }

    fn perform(&mut self, input: &Input) {
        match input {
            Input::Start { name, payload } => {
                let name = (*name > 0).then(|| format!("name-{name}"));
                let token = self.driver.request_start(name.as_deref(), Some(&payload.to_string()));
                self.pending.push((token, Expected::Start));
            }
            Input::Deliver => {
                if let Some(invocation) = self.driver.queue.pop_front()
                    && self.driver.dispatcher.deliver(&invocation.invocation.request_id)
                {
                    let token = invocation.invocation.input.checkpoint_token.clone();
                    self.running.push((invocation, token, true));
                }
            }
            Input::Checkpoint { invocation, what } => self.checkpoint(*invocation, *what),
            Input::End { invocation, how } => {
                if self.running.is_empty() {
                    return;
                }
                let index = usize::from(*invocation) % self.running.len();
                let (invocation, _, _) = self.running.remove(index);
                let end = match how % 4 {
                    0 => InvocationEnd::Answered(SUCCEEDED.into()),
                    1 => InvocationEnd::Failed(durable_types::ErrorObject::new("Broken", "no")),
                    _ => InvocationEnd::Answered(PENDING.into()),
                };
                self.driver.with(|dispatcher, environment| {
                    let request_id = &invocation.invocation.request_id;
                    dispatcher.handle_invocation_ended(request_id, end, environment);
                });
            }
            Input::EndCall { call } => {
                if self.driver.calls.is_empty() {
                    return;
                }
                let index = usize::from(*call) % self.driver.calls.len();
                let call = self.driver.calls.remove(index).unwrap();
                self.driver.with(|dispatcher, environment| {
                    let end = durable_service::ChainedInvokeEnd::Succeeded(Some("1".to_owned()));
                    dispatcher.handle_call_ended(&call.id, end, environment);
                });
            }
            Input::Stop { execution } => self.command(*execution, Command::Stop { error: None }),
            Input::Pause { execution } => self.command(*execution, Command::Pause(PauseRequest::new("any"))),
            Input::Resume { execution } => {
                self.command(*execution, Command::Resume(ResumeRequest::new("any")))
            }
            Input::Delete { execution } => {
                if let Some(arn) = self.arn(*execution) {
                    self.deleted.push((&arn).into());
                }
                self.command(*execution, Command::Delete);
            }
            Input::AnswerCallback { execution } => self.answer_callback(*execution),
            Input::Heartbeat { execution, callback } => self.send_heartbeat(*execution, *callback),
            Input::Pass { seconds } => self.driver.advance(u64::from(*seconds)),
            Input::Disk(disk) => {
                self.driver.repair_disk();
                self.driver.disk = *disk;
            }
            Input::RepairDisk => self.driver.repair_disk(),
            Input::Kill => {
                let driver = std::mem::replace(&mut self.driver, Driver::new());
                let (stalls, mut driver) = (driver.reads == Reads::Stall, driver.killed());
                if stalls {
                    driver.reads = Reads::Stall;
                }
                driver.resume_all();
                driver.work();
                self.driver = driver;
                self.running.clear();
                self.pending.clear();
            }
            Input::RemoveFunction => {
                self.driver.functions.remove("order");
                self.driver.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
            }
            Input::AddFunction => self.add_function(),
            Input::Reads(reads) => self.driver.reads = *reads,
            Input::Deletes(deletes) => self.driver.deletes = *deletes,
            Input::RepairReads => self.driver.repair_reads(),
            Input::ReadOne(which) => self.driver.read_one(*which),
            Input::AppendOne => self.driver.append_one(),
            Input::Repaired => self.driver.with(|dispatcher, environment| {
                dispatcher.handle_function_repaired("order", environment);
            }),
            Input::Read { execution } => {
                if let Some(arn) = self.arn(*execution) {
                    let token =
                        self.driver.request(|dispatcher, token, _| dispatcher.read(&(&arn).into(), token));
                    self.pending.push((token, Expected::Other));
                }
            }
            Input::Find { name } => {
                let name = durable_service::ExecutionName {
                    function: "order".to_owned(),
                    execution: format!("name-{name}"),
                };
                let token = self.driver.request(|dispatcher, token, _| dispatcher.find(&name, token));
                self.pending.push((token, Expected::Other));
            }
            Input::Expire => {
                let now = self.driver.now;
                let expired = self.driver.store.iter();
                let expired = expired.filter(|(_, it)| it.expires_at.is_some_and(|at| at <= now));
                let expired: Vec<_> = expired.map(|(id, _)| id.clone()).collect();
                self.driver.with(|dispatcher, _| dispatcher.handle_expired(expired));
            }
            Input::Retention(days) => self.driver.settings.default_retention_days = *days,
            Input::Watch { execution } => {
                if let Some(arn) = self.arn(*execution) {
                    self.driver.watch(&(&arn).into());
                }
            }
        }
        self.take_answers();
        self.check();
    }

    fn add_function(&mut self) {
        let order = durable_service::FunctionDescription::new(durable_service::FunctionKind::Durable);
        self.driver.functions.insert("order".to_owned(), order);
        self.driver.with(|dispatcher, environment| dispatcher.handle_functions_changed(environment));
    }

    fn command(&mut self, execution: u8, command: Command) {
        let Some(arn) = self.arn(execution) else { return };
        let token = self.driver.command(&arn, command);
        self.pending.push((token, Expected::Other));
    }

    fn checkpoint(&mut self, invocation: u8, what: u8) {
        if self.running.is_empty() {
            return;
        }
        let index = usize::from(invocation) % self.running.len();
        let (invocation, token, may_record) = &mut self.running[index];
        if !std::mem::take(may_record) {
            return;
        }
        self.operations += 1;
        let id = format!("o-{}", self.operations);
        let update = match what % 5 {
            0 => U::start_wait(id.clone(), u64::from(what)),
            1 => U::start_callback(id.clone(), None, Some(60)),
            2 => U::start_invoke(id.clone(), "ship:1", None),
            3 => U::start_invoke(id.clone(), "tax", None),
            _ => U::start_step(id.clone()),
        };
        let (arn, request_id) = (invocation.arn.clone(), invocation.invocation.request_id.clone());
        let command = Command::Checkpoint(CheckpointRequest::new(arn.clone(), token.clone(), vec![update]));
        let token = self.driver.command(&arn, command);
        self.pending.push((token, Expected::Checkpoint { request_id, arn, operation: id }));
    }

    fn answer_callback(&mut self, execution: u8) {
        let Some(arn) = self.arn(execution) else { return };
        if !self.driver.store.contains_key(&ExecutionId::from(&arn)) {
            return;
        }
        let execution = self.driver.execution(&arn);
        let details = execution.operations().find_map(|operation| operation.callback_details().cloned());
        let Some(callback_id) = details.and_then(|details| details.callback_id) else { return };
        let token = self.driver.callback(&callback_id, CallbackAnswer::Succeeded(None));
        self.pending.push((token, Expected::Other));
    }

    fn send_heartbeat(&mut self, execution: u8, callback: u8) {
        let Some(arn) = self.arn(execution) else { return };
        let id = ExecutionId::from(&arn);
        if !self.driver.store.contains_key(&id) {
            return;
        }
        let execution = self.driver.execution(&arn);
        let of = |operation: &Operation| {
            let callback_id = operation.callback_details()?.callback_id.clone()?;
            Some((operation.id.clone(), callback_id))
        };
        let callbacks: Vec<_> = execution.operations().filter_map(of).collect();
        let index = usize::from(callback) % callbacks.len().max(1);
        let Some((operation, callback_id)) = callbacks.get(index).cloned() else { return };
        let at = self.driver.now;
        let token = self.driver.callback(&callback_id, CallbackAnswer::Heartbeat);
        self.pending.push((token, Expected::Heartbeat { id, operation, at }));
    }

    /// Collects answers and updates what was acknowledged.
    fn take_answers(&mut self) {
        for (token, expected) in std::mem::take(&mut self.pending) {
            match (self.driver.answer(token), expected) {
                (None, expected) => self.pending.push((token, expected)),
                (Some(Ok(Answer::Started(started))), Expected::Start) => {
                    self.acknowledged.entry((&started.arn).into()).or_insert((started.arn, 0));
                }
                (
                    Some(Ok(Answer::Done(Reply::Checkpointed(response)))),
                    Expected::Checkpoint { request_id, arn, operation },
                ) => {
                    let is_meant = |(running, ..): &&mut (FunctionInvocation, String, bool)| {
                        running.invocation.request_id == request_id
                    };
                    if let Some((_, token, may_record)) = self.running.iter_mut().find(is_meant)
                        && let Some(next) = response.checkpoint_token
                    {
                        (*token, *may_record) = (next, true);
                    }
                    let id = ExecutionId::from(&arn);
                    if self.deleted.contains(&id) || self.driver.gone.contains(&id) {
                        continue;
                    }
                    let is_recorded = self.driver.execution(&arn).operation(&operation).is_some();
                    assert!(is_recorded, "an acknowledged checkpoint is not recorded");
                    let (_, count) = self.acknowledged.entry((&arn).into()).or_insert((arn, 0));
                    *count += 1;
                }
                (Some(Ok(Answer::Done(Reply::Accepted))), Expected::Heartbeat { id, operation, at }) => {
                    let last = self.heartbeats.entry((id, operation)).or_insert(at);
                    *last = at.max(*last);
                }
                (Some(_), _) => {}
            }
        }
    }

    /// Asserts that each callback has at most one heartbeat in the record, and none of these is older than acknowledged.
    fn check_heartbeats(&self) {
        let mut recorded = BTreeMap::new();
        for (id, execution) in &self.driver.store {
            for event in &execution.events {
                let Event::OperationChanged(changed) = event else { continue };
                if changed.change == OperationChange::Callback(CallbackChange::HeartbeatReceived) {
                    let before = recorded.insert((id.clone(), changed.id.clone()), changed.at);
                    assert_eq!(before, None, "{} of {id} has two heartbeats", changed.id);
                }
            }
        }
        for (callback, at) in &self.heartbeats {
            let is_gone = self.deleted.contains(&callback.0) || self.driver.gone.contains(&callback.0);
            let is_recorded = recorded.get(callback).is_some_and(|recorded| recorded >= at);
            assert!(is_gone || is_recorded, "an acknowledged heartbeat of {callback:?} is lost");
        }
    }

    fn check(&self) {
        self.check_heartbeats();
        for (id, recorded) in &self.driver.store {
            if let Some(execution) = self.driver.dispatcher.recorded(id) {
                let replayed = Execution::replay(recorded.events.clone());
                assert_eq!(replayed.as_ref(), Ok(execution), "the record differs from the state in memory");
            }
        }
        // A function runs at most one invocation of an execution.
        let mut busy: Vec<_> =
            self.running.iter().map(|(invocation, ..)| invocation.arn.execution_id()).collect();
        busy.sort_unstable();
        let count = busy.len();
        busy.dedup();
        assert_eq!(busy.len(), count, "two invocations of one execution are running");
        // Nothing acknowledged is lost.
        for (id, (arn, operations)) in &self.acknowledged {
            if self.deleted.contains(id) || self.driver.gone.contains(id) {
                continue;
            }
            let execution = self.driver.execution(arn);
            assert!(
                execution.operations().count() > *operations,
                "acknowledged operations of {arn} are lost"
            );
        }
    }

    /// Runs all executions to completion, and asserts that nothing is left over.
    fn settle(&mut self) {
        self.perform(&Input::RepairDisk);
        self.perform(&Input::RepairReads);
        self.add_function();

        for _ in 0..200 {
            self.perform(&Input::Deliver);
            for index in 0..u8::MAX {
                self.perform(&Input::Resume { execution: index });
                if usize::from(index) > self.acknowledged.len() {
                    break;
                }
            }
            self.perform(&Input::End { invocation: 0, how: 0 });
            self.perform(&Input::EndCall { call: 0 });
            self.driver.advance(5);
        }
        self.take_answers();
        assert!(self.pending.is_empty(), "{} requests are never answered", self.pending.len());
        let held: Vec<_> = self.driver.dispatcher.held().cloned().collect();
        assert!(held.is_empty(), "invocations are still held: {held:?}");
        self.driver.advance(4_000);
        for _ in 0..20 {
            self.perform(&Input::Deliver);
            self.perform(&Input::End { invocation: 0, how: 0 });
            self.perform(&Input::EndCall { call: 0 });
            self.driver.advance(4_000);
        }
        for (id, knows) in &self.driver.watched {
            assert!(
                *knows || self.driver.dispatcher.is_active(id),
                "the end of {id} is never reported to watchers"
            );
        }
        let state = format!("{:?}", self.driver.dispatcher);
        for nothing in [
            "slots: {}",
            "requests: {}, starting: {}",
            "by_caller: {}, by_callee: {}",
            "Deliveries({})",
            "failures: {}",
        ] {
            assert!(state.contains(nothing), "not {nothing}: {state}");
        }
        for recorded in self.driver.store.values() {
            let id = ExecutionId::from(&recorded.arn);
            let execution = self.driver.execution(&recorded.arn);
            assert!(
                recorded.status.is_terminal(),
                "{id} was forgotten: {:?}; active: {}, in flight: {:?}, due: {:?}, queue {:?} running {}",
                recorded.status,
                self.driver.dispatcher.is_active(&id),
                execution.invocation_in_flight(),
                execution.next_due(),
                self.driver.queue.iter().map(|queued| queued.arn.to_string()).collect::<Vec<_>>(),
                self.running.len(),
            );
        }
        assert!(self.driver.queue.is_empty() && self.driver.dispatcher.next_due().is_none());
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn nothing_acknowledged_is_lost_and_nothing_runs_twice_whatever_fails(
        inputs in prop::collection::vec(input(), 1..80)
    ) {
        let mut world = World::new();
        for input in &inputs {
            world.perform(input);
        }
        world.settle();
    }
}
