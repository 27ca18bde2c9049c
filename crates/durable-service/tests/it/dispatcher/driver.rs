//! A driver of the dispatcher whose store is in memory, and whose functions are the test itself.

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

/// An execution as recorded.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) arn: DurableExecutionArn,
    pub(crate) events: Vec<Event>,
    pub(crate) status: ExecutionStatus,
    pub(crate) input_digest: String,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) wake_up: WakeUp,
}

/// What the next appends do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Disk {
    #[default]
    Works,
    /// Nothing is recorded, and that is reported.
    Fails,
    /// Everything is recorded, but a failure is reported.
    FailsAfterwards,
    /// Appends are kept until the disk works again.
    Stalls,
    /// Nothing is recorded of new executions, and that is reported.
    FailsForNew,
}

/// What reading or deleting does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    Work,
    Fail,
    /// They are kept.
    Stall,
    /// What was looked up is kept.
    StallAfterwards,
}

type Answers = BTreeMap<usize, Result<Answer, ServiceError>>;

/// A service whose store is in memory.
pub(crate) struct Driver {
    pub(crate) dispatcher: Dispatcher<usize>,
    pub(crate) settings: Settings,
    pub(crate) functions: BTreeMap<String, FunctionDescription>,
    pub(crate) now: Timestamp,
    pub(crate) disk: Disk,
    pub(crate) store: BTreeMap<ExecutionId, Recorded>,
    pub(crate) stalled: VecDeque<Append>,
    /// The invocations that wait for their function to have capacity.
    pub(crate) queue: VecDeque<FunctionInvocation>,
    pub(crate) calls: VecDeque<PlainCall>,
    pub(crate) withdrawn: Vec<String>,
    pub(crate) loads: usize,
    /// What reading and deleting do.
    pub(crate) reads: Reads,
    pub(crate) deletes: Reads,
    pub(crate) imported: std::collections::BTreeSet<ExecutionId>,
    pub(crate) stalled_loads: VecDeque<ExecutionId>,
    pub(crate) stalled_finds: VecDeque<ExecutionName>,
    /// Names whose rows were read, which is not yet reported.
    pub(crate) stalled_found: VecDeque<(ExecutionName, Option<NamedExecution>)>,
    pub(crate) stalled_deletes: VecDeque<ExecutionId>,
    pub(crate) deletions: usize,
    /// Executions that were reported to have ended.
    pub(crate) reported_closed: std::collections::BTreeSet<ExecutionId>,
    /// Executions that were deleted.
    pub(crate) gone: std::collections::BTreeSet<ExecutionId>,
    /// Whoever watches, as the driver tells them: whether they know the end.
    pub(crate) watched: BTreeMap<ExecutionId, bool>,
    /// Plain calls that were made.
    pub(crate) made: Vec<durable_service::CallId>,
    answers: Answers,
    requests: usize,
}

impl Driver {
    /// A service with the durable functions `order` and `ship`, and the plain function `tax`.
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

    /// The same store after the process was killed.
    pub(crate) fn restarted(self) -> Self {
        let Self { store, now, functions, requests, .. } = self;
        let mut driver = Self { store, now, functions, requests, ..Self::new() };
        driver.resume_all();
        driver.work();
        driver
    }

    /// Makes what has not ended continue, as a process does when it starts.
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

    /// The same store after the process was killed, before anything is resumed.
    pub(crate) fn killed(self) -> Self {
        let Self { store, now, functions, requests, gone, settings, imported, .. } = self;
        Self { store, now, functions, requests, gone, settings, imported, ..Self::new() }
    }

    /// Runs the dispatcher with its environment, and then everything that it wants done.
    pub(crate) fn with(&mut self, f: impl FnOnce(&mut Dispatcher<usize>, Environment<'_>)) {
        f(&mut self.dispatcher, Environment::new(&self.settings, &self.functions, self.now));
        self.work();
    }

    /// Makes a request. Returns its number.
    pub(crate) fn request(
        &mut self,
        f: impl FnOnce(&mut Dispatcher<usize>, usize, Environment<'_>),
    ) -> usize {
        self.requests += 1;
        let token = self.requests;
        self.with(|dispatcher, environment| f(dispatcher, token, environment));
        token
    }

    /// Returns the answer to a request, if there is one yet.
    pub(crate) fn answer(&self, token: usize) -> Option<Result<Answer, ServiceError>> {
        self.answers.get(&token).cloned()
    }

    pub(crate) fn start(&mut self, name: Option<&str>) -> DurableExecutionArn {
        let token = self.request_start(name, Some("1"));
        let Some(Ok(Answer::Started(StartedExecution { arn, .. }))) = self.answer(token) else {
            panic!("it is not started: {:?}", self.answer(token))
        };
        arn
    }

    pub(crate) fn request_start(&mut self, name: Option<&str>, input: Option<&str>) -> usize {
        let request = StartRequest {
            function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:order:$LATEST".to_owned(),
            function_name: "order".to_owned(),
            execution_name: name.map(str::to_owned),
            execution_id: format!("e-{}", self.requests + 1),
            input: input.map(str::to_owned),
            durable_config: DurableConfig::default().with_execution_timeout(3_600),
            synchronous: true,
            headers: InvocationHeaders::default(),
            seed: Seed::from([7; 32]),
        };
        self.request(|dispatcher, token, environment| dispatcher.start(request, token, environment))
    }

    pub(crate) fn command(&mut self, arn: &DurableExecutionArn, command: Command) -> usize {
        self.request(|dispatcher, token, environment| {
            dispatcher.command(arn, command, token, environment);
        })
    }

    /// Carries out a command that is answered at once.
    pub(crate) fn done(&mut self, arn: &DurableExecutionArn, command: Command) -> Reply {
        let token = self.command(arn, command);
        match self.answer(token) {
            Some(Ok(Answer::Done(reply))) => reply,
            answer => panic!("it is not done: {answer:?}"),
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
        let invocation = self.queue.pop_front().expect("an invocation waits");
        assert!(self.dispatcher.deliver(&invocation.invocation.request_id), "it was withdrawn");
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
            reply => panic!("a checkpoint is answered by {reply:?}"),
        }
    }

    pub(crate) fn end(&mut self, of: &FunctionInvocation, answer: &str) {
        let end = InvocationEnd::Answered(answer.as_bytes().to_vec());
        self.with(|dispatcher, environment| {
            dispatcher.handle_invocation_ended(&of.invocation.request_id, end, environment);
        });
    }

    /// Lets time pass up to everything that is due by then.
    pub(crate) fn advance(&mut self, seconds: u64) {
        let until = self.now.saturating_add(Duration::from_secs(seconds));
        while let Some(due) = self.dispatcher.next_due().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.with(|dispatcher, environment| {
                assert!(dispatcher.handle_time(environment), "something is due");
            });
        }
        self.now = until;
    }

    /// Lets the disk work again, and records what it kept.
    pub(crate) fn repair_disk(&mut self) {
        self.disk = Disk::Works;
        while let Some(append) = self.stalled.pop_front() {
            self.append(append);
            self.work();
        }
    }

    pub(crate) fn execution(&self, arn: &DurableExecutionArn) -> Execution {
        let recorded = self.store.get(&ExecutionId::from(arn)).expect("it is recorded");
        Execution::replay(recorded.events.clone()).expect("its events make an execution")
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
                    assert!(!self.made.contains(&call.id), "a plain function is called twice");
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
                        assert!(is_recorded, "{id} is said to have ended, which is not recorded");
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
        assert!(self.deletions < 10_000, "it is deleted again and again");
        if self.deletes != Reads::Fail
            && let Some(recorded) = self.store.remove(id)
        {
            let execution = Execution::replay(recorded.events).unwrap();
            assert!(execution.is_closed(), "an open execution is deleted");
            self.gone.insert(id.clone());
        }
        let deleted = if self.deletes == Reads::Fail { Err(failure().error) } else { Ok(()) };
        self.dispatcher.handle_deleted(id, deleted);
    }

    /// Lets reads and deletions work again, and carries out what was kept.
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

    /// Carries out one thing that was kept.
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

    /// Watches an execution as the driver does.
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
        let Append { execution_id, first_sequence, events, created, status, wake_up } = append;
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
        let recorded = self.store.get_mut(&execution_id).expect("it was created");
        assert_eq!(recorded.events.len() as u64 + 1, first_sequence, "an append is in the wrong place");
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
            execution: Execution::replay(recorded.events.clone()).expect("its events make an execution"),
            sequence: recorded.events.len() as u64,
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
