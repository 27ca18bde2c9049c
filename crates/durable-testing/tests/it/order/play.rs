//! Runs a scenario to its end, with whatever is to go wrong on the way.

use std::sync::Arc;
use std::time::Duration;

use durable_core::{DurableContext, Error, Result};
use durable_testing::{CallbackAnswer, Fault, RunningExecution, TestExecution, TestRunner};
use durable_types::{ErrorObject, ExecutionStatus};
use tokio::time::{Instant, timeout};

use super::{Scene, Trace};
use crate::network::{Network, Others, run_over};

/// Longer than any scenario takes in the time of the runtime, which passes at once when nothing else can happen.
const FOREVER: Duration = Duration::from_hours(24);

/// More seconds than any scenario takes in the time of the service.
const MAX_SECONDS: usize = 1_000;

/// How many requests something goes wrong with, one at a time.
const MAX_FAULTY_REQUESTS: usize = 4;

/// What is to go wrong while a scenario runs.
#[derive(Clone, Debug, Default)]
struct Trouble {
    page_items: Option<usize>,
    fault: Option<(usize, Fault)>,
    twice: Option<usize>,
    seed: Option<u64>,
}

/// What became of a scenario.
pub(crate) struct Played {
    status: ExecutionStatus,
    error: Option<ErrorObject>,
    invocations: u64,
    /// How many checkpoints were recorded, unless it ran over a network.
    checkpoints: Option<usize>,
    pub(crate) trace: Arc<Trace>,
    /// How much time passed for the runtime: while bodies ran and while the engine waited for anything but the service.
    pub(crate) took: Duration,
}

impl Played {
    pub(crate) fn status(&self) -> &ExecutionStatus {
        &self.status
    }

    pub(crate) fn invocations(&self) -> u64 {
        self.invocations
    }

    pub(crate) fn checkpoints(&self) -> Option<usize> {
        self.checkpoints
    }

    /// The message of the error that the execution failed with.
    pub(crate) fn message(&self) -> Option<&str> {
        self.error.as_ref()?.error_message.as_deref()
    }

    /// Checks what holds whatever goes wrong.
    pub(crate) fn assert_consistent(&self, label: &str) {
        assert_eq!(self.status, ExecutionStatus::Succeeded, "{label}: {:?}", self.message());
        assert_eq!(self.trace.changes(), Vec::<String>::new(), "{label}: a replay saw other values");
    }

    /// Checks that there was one winner to act on. The body of a loser may run again, because it was never awaited.
    pub(crate) fn assert_acted_once(&self, label: &str) {
        let runs = self.trace.runs();
        let acts: Vec<_> = runs.iter().filter(|(body, _)| body.starts_with("act-")).collect();
        assert!(matches!(acts[..], [(_, 1)]), "{label}: {acts:?}");
    }

    /// Checks what holds if nothing goes wrong.
    pub(crate) fn assert_exact(&self, label: &str) {
        self.assert_consistent(label);
        assert_eq!(self.trace.reruns(), Vec::<String>::new(), "{label}: bodies ran again");
    }
}

/// Runs a scenario undisturbed.
pub(crate) async fn play<S, F>(scenario: S) -> Played
where
    S: Fn(Scene) -> F + Send + Sync,
    F: Future<Output = Result<()>> + Send,
{
    play_with(&scenario, &Trouble::default()).await.1
}

/// Runs a scenario with something that goes wrong.
async fn play_with<S, F>(scenario: &S, trouble: &Trouble) -> (TestExecution, Played)
where
    S: Fn(Scene) -> F + Send + Sync,
    F: Future<Output = Result<()>> + Send,
{
    let trace = Arc::new(Trace::default());
    let handler = |_: (), ctx: DurableContext| scenario(Scene { ctx, trace: Arc::clone(&trace) });
    let add = async |number: usize| durable_core::Ok(number + 1);
    let refuse = async |reason: String| Err::<(), _>(Error::msg(reason));
    let mut runner = TestRunner::new(handler).plain_function("add", add).plain_function("refuse", refuse);
    if let Some(items) = trouble.page_items {
        runner = runner.page_items(items);
    }
    if let Some((request, fault)) = trouble.fault {
        runner = runner.fault(request, fault);
    }
    if let Some(invocation) = trouble.twice {
        runner = runner.deliver_twice(invocation);
    }
    if let Some(seed) = trouble.seed {
        runner = runner.shuffled(seed);
    }
    let began = Instant::now();
    let ended = timeout(FOREVER, accompany(runner.start(&()).unwrap())).await;
    let execution = ended.unwrap_or_else(|_| panic!("an invocation hangs, with {trouble:?}"));
    let played = Played {
        status: execution.status().clone(),
        error: execution.error().cloned(),
        invocations: execution.invocations(),
        checkpoints: Some(execution.checkpoints()),
        trace,
        took: began.elapsed(),
    };
    (execution, played)
}

/// Runs a scenario over a network.
pub(crate) async fn play_over<S, F>(scenario: &S, network: Network) -> Played
where
    S: Fn(Scene) -> F + Send + Sync,
    F: Future<Output = Result<()>> + Send,
{
    let trace = Arc::new(Trace::default());
    let handler = |_: (), ctx: DurableContext| scenario(Scene { ctx, trace: Arc::clone(&trace) });
    let began = Instant::now();
    let ended = timeout(FOREVER, run_over(network, Others::OfScenarios, &(), handler)).await;
    let execution = ended.unwrap_or_else(|_| panic!("an invocation hangs, over {network:?}"));
    Played {
        status: execution.status().clone(),
        error: execution.error().cloned(),
        invocations: execution.invocation_count(),
        checkpoints: None,
        trace,
        took: began.elapsed(),
    }
}

/// Carries an execution to its end, and answers all callbacks together once it comes to rest.
async fn accompany(mut execution: RunningExecution<'_>) -> TestExecution {
    for _ in 0..MAX_SECONDS {
        execution.run_for(Duration::from_secs(1)).await.unwrap();
        if execution.is_closed() {
            return execution.finish().await.unwrap();
        }
        for callback in execution.open_callbacks() {
            let answer = CallbackAnswer::Succeeded(Some("1".to_owned()));
            execution.answer_callback(&callback.id, answer).unwrap();
        }
    }
    panic!("the execution does not end")
}

/// Runs a scenario undisturbed and with everything that can go wrong, once each.
pub(crate) async fn play_through_trouble<S, F>(scenario: S, label: &str)
where
    S: Fn(Scene) -> F + Send + Sync,
    F: Future<Output = Result<()>> + Send,
{
    let (execution, undisturbed) = play_with(&scenario, &Trouble::default()).await;
    undisturbed.assert_exact(label);
    for trouble in troubles(execution.checkpoints()) {
        let (_, played) = play_with(&scenario, &trouble).await;
        let label = format!("{label} with {trouble:?}");
        match trouble.fault.is_some() || trouble.twice.is_some() {
            true => played.assert_consistent(&label),
            false => played.assert_exact(&label),
        }
    }
}

/// Everything that can go wrong in an execution with so many checkpoints.
fn troubles(checkpoints: usize) -> Vec<Trouble> {
    let pages = [1, 2, 7].map(|items| Trouble { page_items: Some(items), ..Trouble::default() });
    let seeds = (0..6).map(|seed| Trouble { seed: Some(seed), ..Trouble::default() });
    let twice = (1..4).map(|number| Trouble { twice: Some(number), seed: Some(7), ..Trouble::default() });
    let kinds =
        [Fault::LostRequest, Fault::LostResponse, Fault::WithheldToken, Fault::LostAnswer, Fault::TimedOut];
    let requests = (1..=checkpoints).step_by(checkpoints.div_ceil(MAX_FAULTY_REQUESTS).max(1));
    let faults = requests.flat_map(|request| {
        kinds.map(|fault| Trouble { fault: Some((request, fault)), ..Trouble::default() })
    });
    pages.into_iter().chain(seeds).chain(twice).chain(faults).collect()
}
