//! A driver of the dispatcher with an in-memory store; the test plays the functions.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use durable_service::{
    Answer, Append, CallbackAnswer, Command, Dispatcher, Environment, Event, Execution, ExecutionId,
    ExecutionName, Failure, FunctionDescription, FunctionInvocation, FunctionKind, InvocationEnd,
    InvocationHeaders, Loaded, NamedExecution, Output, PlainCall, Reply, Seed, Settings, StartRequest,
    StartedExecution, WakeUp,
};
use durable_types::api::{CheckpointRequest, CheckpointResponse, ServiceError, ServiceErrorKind};
use durable_types::{DurableConfig, DurableExecutionArn, ExecutionStatus, OperationUpdate, Timestamp};

/// A recorded execution.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) arn: DurableExecutionArn,
    pub(crate) events: Vec<Event>,
    pub(crate) status: ExecutionStatus,
    pub(crate) input_digest: String,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) wake_up: WakeUp,
}

/// The behavior of appends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Disk {
    #[default]
    Works,
    /// Appends fail and record nothing.
    Fails,
    /// Appends record their events but report a failure.
    FailsAfterwards,
    /// Appends are queued until the disk is repaired.
    Stalls,
    /// Appends of new executions fail and record nothing.
    FailsForNew,
}

/// The behavior of reads or deletions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    Work,
    Fail,
    /// Requests are queued.
    Stall,
    /// Requests are executed, but their results are queued.
    StallAfterwards,
}

type Answers = BTreeMap<usize, Result<Answer, ServiceError>>;

/// A service with an in-memory store.
pub(crate) struct Driver {
    pub(crate) dispatcher: Dispatcher<usize>,
    pub(crate) settings: Settings,
    pub(crate) functions: BTreeMap<String, FunctionDescription>,
    pub(crate) now: Timestamp,
    pub(crate) disk: Disk,
    pub(crate) store: BTreeMap<ExecutionId, Recorded>,
    pub(crate) stalled: VecDeque<Append>,
    /// The invocations that wait for capacity.
    pub(crate) queue: VecDeque<FunctionInvocation>,
    pub(crate) calls: VecDeque<PlainCall>,
    pub(crate) withdrawn: Vec<String>,
    pub(crate) loads: usize,
    /// The behavior of reads and lookups.
    pub(crate) reads: Reads,
    pub(crate) deletes: Reads,
    pub(crate) imported: std::collections::BTreeSet<ExecutionId>,
    pub(crate) stalled_loads: VecDeque<ExecutionId>,
    pub(crate) stalled_finds: VecDeque<ExecutionName>,
    /// Lookup results that are not reported yet.
    pub(crate) stalled_found: VecDeque<(ExecutionName, Option<NamedExecution>)>,
    pub(crate) stalled_deletes: VecDeque<ExecutionId>,
    pub(crate) deletions: usize,
    /// Executions whose end was reported.
    pub(crate) reported_closed: std::collections::BTreeSet<ExecutionId>,
    /// Deleted executions.
    pub(crate) gone: std::collections::BTreeSet<ExecutionId>,
    /// The watched executions, and whether their watchers have been notified of the end.
    pub(crate) watched: BTreeMap<ExecutionId, bool>,
    /// The calls of plain functions that were made.
    pub(crate) made: Vec<durable_service::CallId>,
    answers: Answers,
    requests: usize,
}

impl Driver {
    /// Creates a service with the durable functions `order` and `ship` and the plain function `tax`.
    pub(crate) fn new() -> Self {
        let durable = || {
            let mut durable = FunctionDescription::new(FunctionKind::Durable);
            durable.durable_config.execution_timeout = Some(3_600);
            durable
        };
        let plain = FunctionDescription::new(FunctionKind::Plain);
        Self {
            dispatcher: Dispatcher::new(Some(Duration::from_secs(1))),
            settings: Settings::default(),
            functions: [("order", durable()), ("ship", durable()), ("tax", plain)]
                .map(|(name, function)| (name.to_owned(), function))
                .into(),
            now: Timestamp::from_millis(1_767_323_045_000),
            disk: Disk::Works,
            store: BTreeMap::new(),
            stalled: VecDeque::new(),
            queue: VecDeque::new(),
            calls: VecDeque::new(),
            withdrawn: Vec::new(),
            loads: 0,
            reads: Reads::Work,
            deletes: Reads::Work,
            imported: Default::default(),
            stalled_loads: VecDeque::new(),
            stalled_finds: VecDeque::new(),
            stalled_found: VecDeque::new(),
            stalled_deletes: VecDeque::new(),
            deletions: 0,
            reported_closed: Default::default(),
            gone: Default::default(),
            watched: BTreeMap::new(),
            made: Vec::new(),
            answers: Answers::new(),
            requests: 0,
        }
    }

    /// Restarts the service with the same store after a crash.
    pub(crate) fn restarted(self) -> Self {
        let Self { store, now, functions, requests, .. } = self;
        let mut driver = Self { store, now, functions, requests, ..Self::new() };
        driver.resume_all();
        driver.work();
        driver
    }

    /// Resumes all executions that have not ended, as a process does at startup.
    pub(crate) fn resume_all(&mut self) {
        for (id, recorded) in &self.store {
            match recorded.wake_up {
                _ if recorded.status.is_terminal() => {}
                WakeUp::AtStart => self.dispatcher.resume(id),
                WakeUp::At(due) => self.dispatcher.resume_at(id, due),
                WakeUp::OnDemand => {}
            }
        }
    }

    /// Restarts the service with the same store after a crash, without resuming anything.
    pub(crate) fn killed(self) -> Self {
        let Self { store, now, functions, requests, gone, settings, imported, .. } = self;
        Self { store, now, functions, requests, gone, settings, imported, ..Self::new() }
    }

    /// Calls the dispatcher with its environment, then executes all outputs.
    pub(crate) fn with(&mut self, f: impl FnOnce(&mut Dispatcher<usize>, Environment<'_>)) {
        f(&mut self.dispatcher, Environment::new(&self.settings, &self.functions, self.now));
        self.work();
    }

    /// Sends a request and returns its number.
    pub(crate) fn request(
        &mut self,
        f: impl FnOnce(&mut Dispatcher<usize>, usize, Environment<'_>),
    ) -> usize {
        self.requests += 1;
        let token = self.requests;
        self.with(|dispatcher, environment| f(dispatcher, token, environment));
        token
    }

    /// Returns the answer to a request, if it has been answered.
    pub(crate) fn answer(&self, token: usize) -> Option<Result<Answer, ServiceError>> {
        self.answers.get(&token).cloned()
    }

    pub(crate) fn start(&mut self, name: Option<&str>) -> DurableExecutionArn {
        let token = self.request_start(name, Some("1"));
        let Some(Ok(Answer::Started(StartedExecution { arn, .. }))) = self.answer(token) else {
            panic!("the execution was not started: {:?}", self.answer(token))
        };
        arn
    }

    pub(crate) fn request_start(&mut self, name: Option<&str>, input: Option<&str>) -> usize {
        let request = self.start_request(name, input);
        self.request(|dispatcher, token, environment| dispatcher.start(request, token, environment))
    }

    pub(crate) fn start_request(&self, name: Option<&str>, input: Option<&str>) -> StartRequest {
        StartRequest {
            function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:order:$LATEST".to_owned(),
            function_name: "order".to_owned(),
            execution_name: name.map(str::to_owned),
            execution_id: format!("e-{}", self.requests + 1),
            input: input.map(str::to_owned),
            durable_config: DurableConfig::default().with_execution_timeout(3_600),
            synchronous: true,
            headers: InvocationHeaders::default(),
            seed: Seed::from([7; 32]),
        }
    }

    pub(crate) fn command(&mut self, arn: &DurableExecutionArn, command: Command) -> usize {
        self.request(|dispatcher, token, environment| {
            dispatcher.command(arn, command, token, environment);
        })
    }

    /// Sends a command that must be answered at once.
    pub(crate) fn done(&mut self, arn: &DurableExecutionArn, command: Command) -> Reply {
        let token = self.command(arn, command);
        match self.answer(token) {
            Some(Ok(Answer::Done(reply))) => reply,
            answer => panic!("the command was not carried out: {answer:?}"),
        }
    }

    pub(crate) fn callback(&mut self, callback_id: &str, answer: CallbackAnswer) -> usize {
        let callback_id = callback_id.to_owned();
        self.request(|dispatcher, token, environment| {
            dispatcher.callback(callback_id, answer, token, environment);
        })
    }

    /// Delivers the next invocation in the queue.
    pub(crate) fn deliver(&mut self) -> FunctionInvocation {
        let invocation = self.queue.pop_front().expect("no invocation is queued");
        assert!(self.dispatcher.deliver(&invocation.invocation.request_id), "the invocation was withdrawn");
        invocation
    }

    /// Records a checkpoint of an invocation.
    pub(crate) fn checkpoint(
        &mut self,
        of: &FunctionInvocation,
        token: &str,
        updates: Vec<OperationUpdate>,
    ) -> CheckpointResponse {
        let request = CheckpointRequest::new(of.arn.clone(), token, updates);
        match self.done(&of.arn.clone(), Command::Checkpoint(request)) {
            Reply::Checkpointed(response) => response,
            reply => panic!("unexpected reply to a checkpoint: {reply:?}"),
        }
    }

    pub(crate) fn end(&mut self, of: &FunctionInvocation, answer: &str) {
        let end = InvocationEnd::Answered(answer.as_bytes().to_vec());
        self.with(|dispatcher, environment| {
            dispatcher.handle_invocation_ended(&of.invocation.request_id, end, environment);
        });
    }

    /// Advances the clock and fires all timers that become due.
    pub(crate) fn advance(&mut self, seconds: u64) {
        let until = self.now.saturating_add(Duration::from_secs(seconds));
        while let Some(due) = self.dispatcher.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.with(|dispatcher, environment| {
                assert!(dispatcher.handle_time(environment), "nothing is due");
            });
        }
        self.now = until;
    }

    /// Repairs the disk and executes the queued appends.
    pub(crate) fn repair_disk(&mut self) {
        self.disk = Disk::Works;
        while let Some(append) = self.stalled.pop_front() {
            self.append(append);
            self.work();
        }
    }

    pub(crate) fn execution(&self, arn: &DurableExecutionArn) -> Execution {
        let recorded = self.store.get(&ExecutionId::from(arn)).expect("the execution is not recorded");
        Execution::replay(recorded.events.clone()).expect("the events do not form an execution")
    }

    pub(crate) fn status(&self, arn: &DurableExecutionArn) -> ExecutionStatus {
        self.execution(arn).status().clone()
    }

    pub(crate) fn work(&mut self) {
        loop {
            let environment = Environment::new(&self.settings, &self.functions, self.now);
            match self.dispatcher.poll_output(environment) {
                None => return,
                Some(Output::Load(id)) if self.reads == Reads::Stall => self.stalled_loads.push_back(id),
                Some(Output::FindName(name)) if self.reads == Reads::Stall => {
                    self.stalled_finds.push_back(name)
                }
                Some(Output::FindName(name)) if self.reads == Reads::StallAfterwards => {
                    let found = self.row(&name);
                    self.stalled_found.push_back((name, found));
                }
                Some(Output::Delete(id)) if self.deletes == Reads::Stall => {
                    self.stalled_deletes.push_back(id)
                }
                Some(Output::Append(append)) if self.disk == Disk::Stalls => self.stalled.push_back(*append),
                Some(Output::Append(append)) => self.append(*append),
                Some(Output::Load(id)) => self.load(&id),
                Some(Output::FindName(name)) => self.find(&name),
                Some(Output::Delete(id)) => {
                    self.delete(&id);
                }
                Some(Output::Invoke(invocation)) => self.queue.push_back(*invocation),
                Some(Output::Withdraw { request_id }) => {
                    self.queue.retain(|queued| queued.invocation.request_id != request_id);
                    self.withdrawn.push(request_id);
                }
                Some(Output::Call(call)) => {
                    assert!(!self.made.contains(&call.id), "a plain function was called twice");
                    self.made.push(call.id.clone());
                    self.calls.push_back(*call);
                }
                Some(Output::Answer(token, answer)) => {
                    assert!(self.answers.insert(token, answer).is_none(), "answered twice");
                }
                Some(Output::Recorded { execution_id: id, is_closed }) => {
                    if is_closed {
                        let is_recorded =
                            Execution::replay(self.store[&id].events.clone()).is_ok_and(|it| it.is_closed());
                        assert!(is_recorded, "the reported end of {id} is not recorded");
                        if self.dispatcher.resident(&id).is_some()
                            && let Some(knows) = self.watched.get_mut(&id)
                        {
                            *knows = true;
                        }
                        self.reported_closed.insert(id);
                    }
                }
                Some(Output::Failed(id, _) | Output::Gone(id)) => drop(self.watched.remove(&id)),
                Some(Output::QuotaNear(..)) => {}
            }
        }
    }

    fn delete(&mut self, id: &ExecutionId) {
        self.deletions += 1;
        assert!(self.deletions < 10_000, "the execution is deleted repeatedly");
        if self.deletes != Reads::Fail
            && let Some(recorded) = self.store.remove(id)
        {
            let execution = Execution::replay(recorded.events).unwrap();
            assert!(execution.is_closed(), "an execution that has not ended was deleted");
            self.gone.insert(id.clone());
        }
        let deleted = if self.deletes == Reads::Fail { Err(failure().error) } else { Ok(()) };
        self.dispatcher.handle_deleted(id, deleted);
    }

    /// Repairs reads and deletions and executes the queued requests.
    pub(crate) fn repair_reads(&mut self) {
        (self.reads, self.deletes) = (Reads::Work, Reads::Work);
        loop {
            let environment = Environment::new(&self.settings, &self.functions, self.now);
            if let Some((name, found)) = self.stalled_found.pop_front() {
                self.dispatcher.handle_name_found(&name, Ok(found), environment);
            } else if let Some(id) = self.stalled_deletes.pop_front() {
                self.delete(&id);
            } else if let Some(id) = self.stalled_loads.pop_front() {
                self.load(&id);
            } else if let Some(name) = self.stalled_finds.pop_front() {
                self.find(&name);
            } else {
                return;
            }
            self.work();
        }
    }

    /// Executes one queued request.
    pub(crate) fn read_one(&mut self, which: u8) {
        let environment = Environment::new(&self.settings, &self.functions, self.now);
        match which % 4 {
            0 => {
                if let Some((name, found)) = self.stalled_found.pop_front() {
                    self.dispatcher.handle_name_found(&name, Ok(found), environment);
                }
            }
            1 => {
                if let Some(id) = self.stalled_deletes.pop_front() {
                    self.delete(&id);
                }
            }
            2 => {
                if let Some(id) = self.stalled_loads.pop_front() {
                    self.load(&id);
                }
            }
            _ => {
                if let Some(name) = self.stalled_finds.pop_front() {
                    self.find(&name);
                }
            }
        }
        self.work();
    }

    /// Watches an execution, as the host does.
    pub(crate) fn watch(&mut self, id: &ExecutionId) {
        if self.dispatcher.is_active(id) {
            let knows = self.dispatcher.recorded(id).is_some_and(Execution::is_closed);
            self.watched.entry(id.clone()).or_insert(knows);
        }
    }

    pub(crate) fn append_one(&mut self) {
        if let Some(append) = self.stalled.pop_front() {
            let disk = std::mem::take(&mut self.disk);
            self.append(append);
            self.disk = disk;
            self.work();
        }
    }

    fn append(&mut self, append: Append) {
        let is_new = append.created.is_some();
        let id = append.execution_id.clone();
        if append.created.is_some() && self.store.contains_key(&id) {
            return self.dispatcher.handle_exists(&id);
        }
        let fails = self.disk == Disk::Fails || (self.disk == Disk::FailsForNew && is_new);
        if !fails {
            self.record(append);
        }
        let environment = Environment::new(&self.settings, &self.functions, self.now);
        match self.disk {
            _ if fails => self.dispatcher.handle_append_failed(&id, failure(), self.now),
            Disk::Fails | Disk::FailsAfterwards => {
                self.dispatcher.handle_append_failed(&id, failure(), self.now);
            }
            Disk::Works | Disk::Stalls | Disk::FailsForNew => {
                self.dispatcher.handle_appended(&id, environment)
            }
        }
    }

    fn record(&mut self, append: Append) {
        let Append { execution_id, first_sequence, events, replaced, created, status, wake_up } = append;
        if let Some(created) = created {
            let recorded = Recorded {
                arn: created.arn,
                events: Vec::new(),
                status: created.status,
                input_digest: created.input_digest,
                expires_at: None,
                wake_up: WakeUp::default(),
            };
            self.store.entry(execution_id.clone()).or_insert(recorded);
        }
        let recorded = self.store.get_mut(&execution_id).expect("the execution does not exist");
        assert_eq!(
            recorded.events.len() as u64 + 1,
            first_sequence,
            "the append has the wrong sequence number"
        );
        for (sequence, event) in replaced {
            recorded.events[usize::try_from(sequence).unwrap() - 1] = event;
        }
        recorded.events.extend(events);
        if let Some(status) = status {
            (recorded.status, recorded.expires_at) = (status.status, status.expires_at);
        }
        recorded.wake_up = wake_up.unwrap_or(recorded.wake_up);
    }

    fn load(&mut self, id: &ExecutionId) {
        self.loads += 1;
        if self.reads == Reads::Fail {
            let environment = Environment::new(&self.settings, &self.functions, self.now);
            return self.dispatcher.handle_loaded(id, Err(failure()), environment);
        }
        let loaded = self.store.get(id).map(|recorded| Loaded {
            execution: Execution::replay(recorded.events.clone())
                .expect("the events do not form an execution"),
            is_imported: self.imported.contains(id),
            wake_up: recorded.wake_up,
        });
        let environment = Environment::new(&self.settings, &self.functions, self.now);
        self.dispatcher.handle_loaded(id, Ok(loaded), environment);
    }

    fn find(&mut self, name: &ExecutionName) {
        let found = if self.reads == Reads::Fail { Err(failure()) } else { Ok(self.row(name)) };
        let environment = Environment::new(&self.settings, &self.functions, self.now);
        self.dispatcher.handle_name_found(name, found, environment);
    }

    fn row(&self, name: &ExecutionName) -> Option<NamedExecution> {
        let is_meant = |recorded: &&Recorded| {
            let arn = &recorded.arn;
            arn.function_name() == name.function && arn.execution_name() == name.execution
        };
        self.store.values().find(is_meant).map(|recorded| NamedExecution {
            arn: recorded.arn.clone(),
            status: recorded.status.clone(),
            input_digest: recorded.input_digest.clone(),
            expires_at: recorded.expires_at,
        })
    }
}

pub(crate) fn failure() -> Failure {
    let error = ServiceError::new(ServiceErrorKind::Service, "the disk is full");
    Failure { error, is_transient: true }
}
