//! Random programs under fault injection end as predicted by a model without an engine and a service.

use std::sync::Arc;
use std::time::Duration;

use durable_core::{DurableContext, Error, Result};
use durable_testing::{Fault, TestExecution, TestRunner};
use durable_types::history::{Event, EventDetails};
use durable_types::{ErrorObject, ExecutionStatus};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::network::{Network, Others, run_over};
use crate::people::accompany;
use crate::program::{Function, Part, Watch, expected, ordered_parts, parts, perform, racing_parts};

/// What is to go wrong.
#[derive(Clone, Debug)]
struct Trouble {
    page_items: usize,
    faults: Vec<(usize, Fault)>,
    twice: Vec<usize>,
    /// Whether operations are found again by their names alone.
    by_name: bool,
    /// Whether steps take seconds, and invocations suspend before their deadline.
    is_slow: bool,
    seed: u64,
}

impl Trouble {
    fn none() -> Self {
        Self {
            page_items: 1_000,
            faults: Vec::new(),
            twice: Vec::new(),
            by_name: false,
            is_slow: false,
            seed: 0,
        }
    }

    /// Whether a function may ask for something with a token that is no longer the current one.
    fn makes_tokens_stale(&self) -> bool {
        !self.twice.is_empty() || self.faults.iter().any(|(_, fault)| *fault == Fault::TimedOut)
    }
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let fault = prop::sample::select(vec![
        Fault::LostRequest,
        Fault::LostResponse,
        Fault::WithheldToken,
        Fault::TimedOut,
        Fault::LostAnswer,
    ]);
    let page_items = prop_oneof![Just(1_usize), 2_usize..9, Just(1_000)];
    let faults = vec((1_usize..60, fault), 0..5);
    let twice = prop_oneof![2 => Just(Vec::new()), 1 => vec(1_usize..12, 1..4)];
    let (by_name, is_slow) = (prop::bool::weighted(0.2), prop::bool::weighted(0.3));
    (page_items, faults, twice, by_name, is_slow, any::<u64>()).prop_map(
        |(page_items, faults, twice, by_name, is_slow, seed)| Trouble {
            page_items,
            faults,
            twice,
            by_name,
            is_slow,
            seed,
        },
    )
}

/// The time limit of invocations that suspend before their deadline, after half of it. Bodies that run by then take a
/// few seconds more, and a replay may wait for another five.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Longer than any program takes in the time of the runtime, which passes at once when nothing else can happen.
const FOREVER: Duration = Duration::from_hours(24 * 366);

fn block_on<R>(future: impl Future<Output = R>) -> R {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async { tokio::time::timeout(FOREVER, future).await.expect("it hangs") })
}

async fn double(number: u32, ctx: DurableContext) -> Result<u32> {
    ctx.wait("think", Duration::from_secs(2)).await?;
    let doubled = ctx.step("double", async |_| Ok(number * 2)).await?;
    Ok(doubled)
}

async fn broken(number: u32, ctx: DurableContext) -> Result<u32> {
    ctx.step("try", async |_| Ok(number)).await?;
    Err(Error::msg("it is broken"))
}

fn execute(program: &[Part], trouble: &Trouble) -> (TestExecution, Arc<Watch>) {
    let watch = Arc::new(if trouble.is_slow { Watch::slow(1_000) } else { Watch::default() });
    let (watched, by_name, is_slow) = (Arc::clone(&watch), trouble.by_name, trouble.is_slow);
    let handler = move |program: Vec<Part>, ctx: DurableContext| {
        let watch = Arc::clone(&watched);
        async move {
            if by_name {
                ctx.replay_by_name();
            }
            if is_slow {
                ctx.suspend_before_deadline(TIMEOUT / 2);
            }
            perform(&program, &ctx, &watch).await
        }
    };
    let mut runner = TestRunner::new(handler)
        .function("double", double)
        .function("broken", broken)
        .plain_function("next", async |number: u32| Function::Next.call(number).map_err(Error::msg))
        .plain_function("sour", async |number: u32| Function::Sour.call(number).map_err(Error::msg))
        .page_items(trouble.page_items)
        .shuffled(trouble.seed);
    if trouble.is_slow {
        runner = runner.function_timeout(TIMEOUT);
    }
    for (request, fault) in &trouble.faults {
        runner = runner.fault(*request, *fault);
    }
    for invocation in &trouble.twice {
        runner = runner.deliver_twice(*invocation);
    }
    let execution = block_on(async { accompany(runner.start(&program).unwrap(), trouble.seed).await });
    (execution.unwrap(), watch)
}

/// What must hold of a program, whatever goes wrong.
fn check(program: &[Part], trouble: &Trouble) -> Result<(), TestCaseError> {
    let (execution, watch) = execute(program, trouble);

    prop_assert_eq!(execution.status(), &ExecutionStatus::Succeeded, "{:?}", unredacted(execution.error()));
    prop_assert_eq!(execution.result::<Vec<String>>().unwrap(), expected(program));
    prop_assert_eq!(watch.repeated(), vec![], "steps that run at most once ran more often");
    // Where operations are found by their names alone, the order of results is not kept.
    if !trouble.by_name {
        prop_assert_eq!(watch.changes(), Vec::<String>::new(), "a replay saw other values");
    }
    if trouble.twice.is_empty() {
        prop_assert_eq!(watch.rerun(), Vec::<String>::new(), "steps ran again that are recorded");
    }
    if !trouble.makes_tokens_stale() {
        prop_assert_eq!(timeouts(&execution), 0, "an invocation did not suspend before its deadline");
    }
    for refusal in execution.refusals() {
        let is_stale = refusal.message.starts_with("Invalid checkpoint token");
        prop_assert!(is_stale && trouble.makes_tokens_stale(), "the service refused: {}", refusal);
    }
    Ok(())
}

/// How many invocations timed out.
fn timeouts(execution: &TestExecution) -> usize {
    let history = execution.history();
    let has_timed_out = |event: &&Event| match &event.details {
        EventDetails::InvocationCompleted(completed) => {
            let error = completed.error.as_ref().and_then(|error| error.payload.as_ref());
            error.is_some_and(|error| error.error_type.as_deref() == Some("Sandbox.Timedout"))
        }
        _ => false,
    };
    history.iter().filter(has_timed_out).count()
}

fn network() -> impl Strategy<Value = Network> {
    let max_latency = prop_oneof![1 => Just(0_u64), 2 => 1_u64..4, 1 => 4_u64..30];
    let page_items = prop::option::of(1_usize..9);
    let lost = || prop::option::weighted(0.3, 1_usize..40);
    let timeout = prop::option::weighted(0.3, 10_u64..100);
    (max_latency, any::<u64>(), any::<bool>(), page_items, lost(), lost(), timeout).prop_map(
        |(max_latency, seed, is_late, page_items, lost_request, lost_response, timeout)| Network {
            timeout: timeout.map(Duration::from_millis),
            max_latency,
            seed,
            // An end that is reported late, after the invocation that acted without it was lost, has no place yet.
            is_late: is_late && lost_request.is_none() && lost_response.is_none(),
            page_items,
            lost_request,
            lost_response,
        },
    )
}

/// What must hold of a program over a network, where its steps run at least once.
fn check_over(program: &[Part], network: Network) -> Result<(), TestCaseError> {
    let watch = Arc::new(Watch::default());
    let handler = |program: Vec<Part>, ctx: DurableContext| {
        let watch = Arc::clone(&watch);
        async move {
            if let Some(timeout) = network.timeout {
                ctx.suspend_before_deadline(timeout / 2);
            }
            perform(&program, &ctx, &watch).await
        }
    };
    let execution = block_on(run_over(network, Others::OfPrograms, &program, handler));

    prop_assert_eq!(execution.status(), &ExecutionStatus::Succeeded, "{:?}", unredacted(execution.error()));
    let result: Vec<String> = serde_json::from_str(execution.result().unwrap()).unwrap();
    prop_assert_eq!(result, expected(program));
    prop_assert_eq!(watch.changes(), Vec::<String>::new(), "a replay saw other values");
    prop_assert_eq!(watch.rerun(), Vec::<String>::new(), "steps ran again that are recorded");
    Ok(())
}

/// How many programs are made up for each property: a few seconds' worth, unless somebody asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]

    #[test]
    fn a_program_ends_the_same_whatever_goes_wrong_on_the_way(program in parts(), trouble in trouble()) {
        check(&program, &trouble)?;
    }

    #[test]
    fn a_program_with_races_ends_the_same_and_every_replay_has_the_same_winners(
        program in racing_parts(true),
        trouble in trouble(),
    ) {
        check(&program, &trouble)?;
    }

    #[test]
    fn a_program_with_races_that_are_not_recorded_ends_the_same_whoever_wins(
        program in racing_parts(false),
        trouble in trouble(),
    ) {
        check(&program, &trouble)?;
    }

    #[test]
    fn a_program_whose_order_decides_sees_the_same_on_every_replay(
        program in ordered_parts(),
        trouble in trouble(),
    ) {
        check(&program, &Trouble { by_name: false, ..trouble })?;
    }

    #[test]
    fn a_program_whose_order_decides_sees_the_same_on_every_replay_over_a_network(
        program in ordered_parts(),
        network in network(),
    ) {
        check_over(&program, network)?;
    }

    #[test]
    fn an_undisturbed_program_ends_in_what_it_tells(program in parts()) {
        check(&program, &Trouble::none())?;
    }
}

/// Returns the type and message of an error. Its `Debug` output redacts the message.
fn unredacted(error: Option<&ErrorObject>) -> Option<(&str, &str)> {
    Some((error?.error_type.as_deref()?, error?.error_message.as_deref()?))
}
