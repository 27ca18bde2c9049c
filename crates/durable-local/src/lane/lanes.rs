//! The lanes of all live executions.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Arc, Mutex, PoisonError};

use durable_service::{Command, Environment, Execution, Outcome, Reply, Settings, StartExecution};
use durable_store_sqlite::logs::LogStore;
use durable_store_sqlite::{ExecutionRow, Store, StoreError};
use durable_types::DurableExecutionArn;
use durable_types::api::{GetStateRequest, GetStateResponse, ServiceError, ServiceErrorKind};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::failure::LaneFailure;
use super::handle::{LaneHandle, stopping};
use super::progress::Progress;
use super::record::{Record, load, row};
use super::retry::Retries;
use super::seat::Seat;
use super::task::Lane;
use super::under_way::UnderWay;
use crate::causes::with_causes;
use crate::clock;
use crate::service::{Functions, RunningFunction, caught};

/// Executions that are rebuilt at the same time.
const LOADS_AT_ONCE: usize = 4;

/// The lanes of all live executions, and the way to those that are not live.
///
/// # Invariants
/// - An execution has at most one lane.
/// - An execution without a lane is as the record says. Nothing happens to it then, but it may be deleted.
#[derive(Clone)]
pub(crate) struct Lanes {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    logs: LogStore,
    settings: Arc<Settings>,
    functions: Arc<Functions>,
    live: Mutex<Live>,
    /// The calls that executions make, by the caller and its operation.
    calls: UnderWay<(DurableExecutionArn, String)>,
    /// The invocations of functions, by request id.
    invocations: UnderWay<String>,
    loads: Semaphore,
}

#[derive(Default)]
struct Live {
    lanes: HashMap<DurableExecutionArn, LiveLane>,
    /// What runs beside them: invocations, calls, and lanes that are to begin later.
    beside: JoinSet<()>,
    /// Set once, before the lanes are ended: none begins after that.
    stopping: bool,
}

struct LiveLane {
    handle: LaneHandle,
    task: JoinHandle<()>,
}

/// What became of the start of an execution.
pub(crate) enum Start {
    /// It is on disk, and the function is being invoked. How it ends is told here even if that is at once.
    Started(Option<watch::Receiver<Progress>>),
    /// There is an execution of this name already.
    NameTaken,
}

/// Why an execution was not started.
pub(crate) enum StartFailure {
    /// The request breaks a rule.
    Refused(ServiceError),
    /// It could not be recorded.
    Failed(LaneFailure),
}

/// An execution as the record says.
struct Recorded {
    execution: Execution,
    /// How many events there are.
    sequence: u64,
    is_imported: bool,
}

/// Where the state of a lane comes from.
enum Origin {
    /// The execution begins. Its lane is there before it is recorded, so that nobody who finds it in the record takes it
    /// for one that an earlier process has left.
    New {
        execution: Box<Execution>,
        outcome: Outcome,
        /// Whoever asked may be gone by the time it is recorded; it goes on all the same.
        answer: oneshot::Sender<Result<(), LaneFailure>>,
    },
    /// An earlier process recorded it, or an earlier lane.
    Recorded { retries: Retries },
}

impl Origin {
    /// How often a lane failed with what is recorded; none while nothing is.
    fn retries(&self) -> Option<Retries> {
        match self {
            Self::New { .. } => None,
            Self::Recorded { retries } => Some(*retries),
        }
    }
}

impl Lanes {
    pub(crate) fn new(store: Store, logs: LogStore, settings: Settings, functions: Arc<Functions>) -> Self {
        let shared = Shared {
            store,
            logs,
            settings: Arc::new(settings),
            functions,
            live: Mutex::default(),
            calls: UnderWay::default(),
            invocations: UnderWay::default(),
            loads: Semaphore::new(LOADS_AT_ONCE),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Starts an execution: records it, then invokes the function.
    pub(crate) async fn start(
        &self,
        request: StartExecution,
        function: Arc<RunningFunction>,
    ) -> Result<Start, StartFailure> {
        let arn = request.execution_arn.clone();
        let (execution, outcome) =
            Execution::start(request, &self.shared.settings, clock::now()).map_err(StartFailure::Refused)?;
        let (answer, answered) = oneshot::channel();
        let origin = Origin::New { execution: Box::new(execution), outcome, answer };
        let progress = self.spawn(&arn, origin, function).map(|lane| lane.progress());
        match answered.await {
            Ok(Ok(())) => Ok(Start::Started(progress)),
            Ok(Err(LaneFailure::Store(StoreError::AlreadyRecorded { .. }))) => Ok(Start::NameTaken),
            Ok(Err(failure)) => Err(StartFailure::Failed(failure)),
            Err(_) if self.with_live(|live| live.stopping) => Err(StartFailure::Refused(stopping())),
            // It has a lane already, as one may that is called twice.
            Err(_) => Ok(Start::NameTaken),
        }
    }

    /// Makes an unfinished execution of an earlier process live again, unless it is live already.
    pub(crate) fn resume(&self, arn: &DurableExecutionArn, function: Arc<RunningFunction>) {
        self.retry(arn, function, Retries::default());
    }

    /// Makes an execution live whose lane failed so often in a row, unless it is live already.
    pub(super) fn retry(&self, arn: &DurableExecutionArn, function: Arc<RunningFunction>, retries: Retries) {
        self.spawn(arn, Origin::Recorded { retries }, function);
    }

    /// The lane of an execution, if it is live.
    pub(crate) fn live(&self, arn: &DurableExecutionArn) -> Option<LaneHandle> {
        self.with_live(|live| live.lanes.get(arn).map(|lane| lane.handle.clone()))
    }

    /// Has all executions tried again at once that wait because this function failed.
    pub(crate) fn retry_now(&self, function_name: &str) {
        let lanes: Vec<LaneHandle> = self.with_live(|live| {
            let of_function = live.lanes.iter().filter(|(arn, _)| arn.function_name() == function_name);
            of_function.map(|(_, lane)| lane.handle.clone()).collect()
        });
        for lane in lanes {
            self.run_beside(async move {
                // A lane that is gone waits for nothing.
                let _ = lane.command(Command::FunctionRepaired).await;
            });
        }
    }

    /// Sends a command to an execution. None: there is no such execution.
    pub(crate) async fn command(
        &self,
        arn: &DurableExecutionArn,
        command: Command,
    ) -> Result<Option<Reply>, ServiceError> {
        let command = match self.live(arn) {
            Some(lane) => match lane.command(command).await {
                Ok(answer) => return answer.map(Some),
                // It ended just now.
                Err(command) => command,
            },
            None => command,
        };
        let Some(Recorded { mut execution, is_imported, .. }) = self.recorded(arn).await? else {
            return Ok(None);
        };
        if is_imported && command == Command::Delete {
            // It never ends here, so that this is the only way to be rid of it.
            let is_deleted = self.delete(arn).await?;
            return Ok(is_deleted.then(|| Reply::Deleting(clock::now())));
        }
        let outcome = execution.handle(command.clone(), self.environment())?;
        match command {
            // It is over, and no lane has to know: deleted is deleted.
            Command::Delete => {
                let is_deleted = self.delete(arn).await?;
                Ok(is_deleted.then_some(outcome.reply))
            }
            _ if outcome.events.is_empty() => Ok(Some(outcome.reply)),
            _ if is_imported => {
                let message = format!("{arn} was imported to be looked at, and never runs here");
                Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message))
            }
            command => self.wake(&execution, command).await.map(Some),
        }
    }

    /// Sends a command to an execution that has not ended, but does not run here yet.
    async fn wake(&self, execution: &Execution, command: Command) -> Result<Reply, ServiceError> {
        let arn = execution.arn();
        let in_flight = execution.invocation_in_flight();
        let is_ours = in_flight.is_some_and(|id| self.shared.invocations.contains(&id.to_owned()));
        if matches!(command, Command::Checkpoint(_)) && !is_ours {
            // An earlier process made the invocation, which is lost.
            return Err(ServiceError::invalid("Invalid checkpoint token"));
        }
        let endpoint = execution.headers().endpoint.as_deref();
        let Some(function) = self.shared.functions.find_at(arn.function_name(), endpoint) else {
            let message = format!("{arn} has not ended, but its function is not here");
            return Err(ServiceError::new(ServiceErrorKind::ResourceConflict, message));
        };
        self.resume(arn, function);
        match self.live(arn) {
            Some(lane) => lane.command(command).await.unwrap_or_else(|_| Err(lane.lost())),
            None => Err(stopping()),
        }
    }

    /// Looks at an execution, live or not. None: there is no such execution.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        arn: &DurableExecutionArn,
        look: impl FnOnce(&Execution) -> T + Clone + Send + 'static,
    ) -> Result<Option<T>, LaneFailure> {
        // A lane that ended just now is read from the record.
        if let Some(lane) = self.live(arn)
            && let Ok(seen) = lane.read(look.clone()).await
        {
            return Ok(Some(seen));
        }
        Ok(self.recorded(arn).await?.map(|recorded| look(&recorded.execution)))
    }

    /// Where the function of an execution is invoked, if that is known by its record alone.
    pub(crate) async fn endpoint(&self, arn: &DurableExecutionArn) -> Result<Option<String>, LaneFailure> {
        Ok(self.read(arn, |execution| execution.headers().endpoint.clone()).await?.flatten())
    }

    /// Reads a page of the operations of an execution, as its invocation may. None: there is no such execution.
    pub(crate) async fn state_page(
        &self,
        arn: &DurableExecutionArn,
        request: GetStateRequest,
    ) -> Result<Option<GetStateResponse>, ServiceError> {
        let settings = Arc::clone(&self.shared.settings);
        let page = self.read(arn, move |execution| execution.state_page(&request, &settings));
        page.await?.transpose()
    }

    /// Ends all lanes where they are, without waiting for it. Their executions go on when they are resumed.
    pub(crate) fn abort(&self) {
        let (lanes, mut beside) = self.take_all();
        lanes.iter().for_each(JoinHandle::abort);
        beside.abort_all();
    }

    /// Ends all lanes where they are. Their executions go on when they are resumed.
    pub(crate) async fn stop(&self) {
        let (lanes, mut beside) = self.take_all();
        lanes.iter().for_each(JoinHandle::abort);
        beside.shutdown().await;
        for task in lanes {
            // An aborted task ends with an error that says so.
            let _ = task.await;
        }
    }

    fn take_all(&self) -> (Vec<JoinHandle<()>>, JoinSet<()>) {
        self.with_live(|live| {
            live.stopping = true;
            (take(&mut live.lanes).into_values().map(|lane| lane.task).collect(), take(&mut live.beside))
        })
    }

    /// What decisions about executions depend on.
    pub(super) fn environment(&self) -> Environment<'_> {
        Environment::new(&self.shared.settings, self.shared.functions.as_ref(), clock::now())
    }

    /// Where everything is recorded.
    pub(super) fn store(&self) -> &Store {
        &self.shared.store
    }

    /// What functions printed.
    pub(super) fn logs(&self) -> &LogStore {
        &self.shared.logs
    }

    /// The calls that executions make.
    pub(super) fn calls(&self) -> &UnderWay<(DurableExecutionArn, String)> {
        &self.shared.calls
    }

    /// The invocations of functions.
    pub(super) fn invocations(&self) -> &UnderWay<String> {
        &self.shared.invocations
    }

    /// The function of this name.
    pub(super) fn function(&self, name: &str) -> Option<&Arc<RunningFunction>> {
        self.shared.functions.named(name)
    }

    /// What the record says of an execution besides its events.
    pub(super) async fn row(&self, arn: &DurableExecutionArn) -> Result<Option<ExecutionRow>, LaneFailure> {
        Ok(self.shared.store.execution_by_arn(arn.as_str()).await?)
    }

    /// Runs something beside the lanes until it ends or all lanes do.
    pub(crate) fn run_beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.with_live(|live| {
            // Those that have ended are let go.
            while live.beside.try_join_next().is_some() {}
            if !live.stopping {
                live.beside.spawn(task);
            }
        });
    }

    /// The execution as the record says.
    async fn recorded(&self, arn: &DurableExecutionArn) -> Result<Option<Recorded>, LaneFailure> {
        let Some(ExecutionRow { execution_id, is_imported, .. }) = self.row(arn).await? else {
            return Ok(None);
        };
        match load(&self.shared.store, &execution_id).await {
            Ok((execution, sequence)) => Ok(Some(Recorded { execution, sequence, is_imported })),
            // It was deleted just now.
            Err(_) if self.row(arn).await?.is_none() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Begins a lane, unless there is one. None: the lanes are being ended.
    fn spawn(
        &self,
        arn: &DurableExecutionArn,
        origin: Origin,
        function: Arc<RunningFunction>,
    ) -> Option<LaneHandle> {
        self.with_live(|live| {
            if live.stopping {
                return None;
            }
            // A lane that ends takes its entry away itself, so it cannot do that before the entry is there.
            let lane = live.lanes.entry(arn.clone()).or_insert_with(|| {
                let seat = Seat::new(function, Arc::clone(&self.shared.settings), self.clone());
                let handle = seat.handle.clone();
                let task = tokio::spawn(self.clone().run(arn.clone(), origin, seat));
                LiveLane { handle, task }
            });
            Some(lane.handle.clone())
        })
    }

    /// The whole life of a lane.
    async fn run(self, arn: DurableExecutionArn, origin: Origin, mut seat: Seat) {
        let retries = origin.retries();
        // The entry would stay for ever if a panic went past here.
        let ended = caught(self.serve(&arn, origin, &mut seat)).await;
        let ended = ended.unwrap_or(Err(LaneFailure::Panicked));
        let Err(failure) = ended else {
            self.with_live(|live| live.lanes.remove(&arn));
            return;
        };
        let (error, may_pass) = (with_causes(&failure), failure.may_pass());
        let retries = match failure {
            // It may follow from what was recorded, so that the next lane panics, too.
            LaneFailure::Panicked => Some(retries.unwrap_or_default()),
            // Something was recorded since, so that this is a new trouble.
            _ if seat.has_recorded => Some(Retries::default()),
            _ => retries,
        };
        let function = Arc::clone(&seat.function);
        seat.fail(failure).await;
        self.with_live(|live| live.lanes.remove(&arn));
        // Without, it never began, and whoever started it was told.
        let Some(retries) = retries else { return };
        if may_pass {
            let delay = retries.delay();
            tracing::warn!(execution = arn.as_str(), error, ?delay, "the execution is tried again");
            self.resume_later(arn, function, retries);
        } else {
            tracing::error!(execution = arn.as_str(), error, "the execution cannot go on");
        }
    }

    async fn serve(
        &self,
        arn: &DurableExecutionArn,
        origin: Origin,
        seat: &mut Seat,
    ) -> Result<(), LaneFailure> {
        let mut lane = match origin {
            Origin::New { execution, outcome, answer } => {
                let mut record = self.record(arn, 0);
                let recorded = record.append(&outcome.events, None, Some(row(&execution))).await;
                let _ = answer.send(recorded.clone());
                recorded?;
                seat.has_recorded = true;
                let lane = Lane::new(*execution, record, seat);
                lane.act(outcome.effects);
                lane
            }
            Origin::Recorded { .. } => {
                let recorded = {
                    // The semaphore is never closed; without a turn it would only be busier here.
                    let _turn = self.shared.loads.acquire().await.ok();
                    self.recorded(arn).await?
                };
                // It was deleted just now.
                let Some(Recorded { execution, sequence, is_imported }) = recorded else { return Ok(()) };
                if is_imported {
                    return Err(LaneFailure::Imported { execution_id: arn.execution_id().to_owned() });
                }
                let mut lane = Lane::new(execution, self.record(arn, sequence), seat);
                lane.take_over().await?;
                lane
            }
        };
        lane.serve().await?;
        lane.serve_rest().await
    }

    fn record(&self, arn: &DurableExecutionArn, sequence: u64) -> Record {
        let execution_id = arn.execution_id().to_owned();
        Record { store: self.shared.store.clone(), execution_id, sequence }
    }

    fn with_live<T>(&self, change: impl FnOnce(&mut Live) -> T) -> T {
        change(&mut self.shared.live.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
