//! Options that make no sense.

use std::ops::ControlFlow::Break;
use std::time::Duration;

use durable_core::retry::{RetryStrategy, WaitStrategy};
use durable_core::{DurableContext, Result};

use super::told;
use crate::ledger::{Ledger, error, result};

const YEARS: Duration = Duration::from_hours(24 * 367);

/// What is asked for, how the operation is called, and what the error says.
const CASES: [(&str, &str, &str); 30] = [
    ("a wait of no time", "wait", "must be 1 to 31622400, but is 0"),
    ("a wait of more than a year", "wait", "must be 1 to 31622400"),
    ("a wait without end", "wait", "must be 1 to 31622400"),
    ("a callback without time", "callback", "its timeout is zero"),
    ("a callback of years", "callback", "its timeout in seconds must be"),
    ("a callback without time for heartbeats", "callback", "its heartbeat timeout is zero"),
    ("a callback with heartbeats after years", "callback", "its heartbeat timeout in seconds must be"),
    ("a submitter without time", "callback", "its timeout is zero"),
    ("a submitter with heartbeats after years", "callback", "its heartbeat timeout in seconds must be"),
    ("a step without time", "step", "its timeout is zero"),
    ("a step of no attempts", "step", "its retry strategy is invalid: `max_attempts` is 0"),
    ("a step with long delays", "step", "`initial_delay` is 600s, which exceeds the `max_delay` of 300s"),
    ("a block without a delay", "retry block", "its retry strategy is invalid: `delay` is 0ns"),
    ("a submitter with shrinking delays", "callback", "its retry strategy is invalid: `backoff_rate` is 0.5"),
    ("a condition of no checks", "condition", "its strategy is invalid: `max_attempts` is 0"),
    ("a saga undone after years", "saga", "the retry strategy of its compensations is invalid: `delay` is"),
    ("a map of none at a time", "map", "max_concurrency is 0"),
    ("a parallel of none at a time", "parallel", "max_concurrency is 0"),
    ("a map with no success", "map", "min_successful is 0"),
    ("a map with more successes than items", "map", "min_successful is 4, but there are only 3 items"),
    ("a parallel with more successes than branches", "parallel", "min_successful is 1, but there are only 0"),
    ("a map with 101 percent", "map", "tolerated_failure_percentage is 101"),
    ("a map with -1 percent", "map", "tolerated_failure_percentage is -1"),
    ("a map with a share that is no number", "map", "tolerated_failure_percentage is NaN"),
    ("a parallel with endless percent", "parallel", "tolerated_failure_percentage is inf"),
    ("a flat map of none at a time", "map", "max_concurrency is 0"),
    ("a call of nothing", "invoke", "its FunctionName"),
    ("a call of a name with spaces", "invoke", "its FunctionName"),
    ("a call for a tenant without a name", "invoke", "its TenantId"),
    ("a call with an endless trace header", "invoke", "its XAmznTraceId"),
];

async fn refused(case: String, ctx: DurableContext) -> Result<(String, String)> {
    let map = || ctx.map("it", 0..3, async |_, item: u32, _| Ok(item));
    let parallel = || ctx.parallel::<u32>("it");
    let callback = || ctx.create_callback::<u32>("it");
    let submitter = || ctx.wait_for_callback::<u32, _, _>("it", async |_, _| Ok(()));
    Ok(match case.as_str() {
        "a wait of no time" => told!(ctx.wait("it", Duration::ZERO)),
        "a wait of more than a year" => told!(ctx.wait("it", YEARS)),
        "a wait without end" => told!(ctx.wait("it", Duration::MAX)),
        "a callback without time" => told!(callback().timeout(Duration::ZERO)),
        "a callback of years" => told!(callback().timeout(10 * YEARS)),
        "a callback without time for heartbeats" => told!(callback().heartbeat_timeout(Duration::ZERO)),
        "a callback with heartbeats after years" => told!(callback().heartbeat_timeout(Duration::MAX)),
        "a submitter without time" => told!(submitter().timeout(Duration::ZERO)),
        "a submitter with heartbeats after years" => told!(submitter().heartbeat_timeout(Duration::MAX)),
        "a step without time" => told!(ctx.step("it", async |_| Ok(1)).timeout(Duration::ZERO)),
        "a step of no attempts" | "a step with long delays" => {
            told!(ctx.step("it", async |_| Ok(1)).retry(match case.as_str() {
                "a step of no attempts" => RetryStrategy::exponential().max_attempts(0),
                _ => RetryStrategy::exponential().initial_delay(Duration::from_mins(10)),
            }))
        }
        "a block without a delay" => {
            told!(ctx.with_retry("it", async |_, _| Ok(1)).retry(RetryStrategy::fixed(Duration::ZERO)))
        }
        "a submitter with shrinking delays" => {
            told!(submitter().retry(RetryStrategy::exponential().backoff_rate(0.5)))
        }
        "a condition of no checks" => told!(
            ctx.wait_for_condition("it", (), async |(), _| Ok(Break(1)))
                .strategy(WaitStrategy::linear().max_attempts(0))
        ),
        "a saga undone after years" => {
            told!(ctx.saga("it", async |_, _| Ok(1)).compensation_retry(RetryStrategy::fixed(YEARS)))
        }
        "a map of none at a time" => told!(map().max_concurrency(0)),
        "a parallel of none at a time" => told!(parallel().max_concurrency(0)),
        "a map with no success" => told!(map().min_successful(0)),
        "a map with more successes than items" => told!(map().min_successful(4)),
        "a parallel with more successes than branches" => told!(parallel().min_successful(1)),
        "a map with 101 percent" => told!(map().tolerated_failure_percentage(101.0)),
        "a map with -1 percent" => told!(map().tolerated_failure_percentage(-1.0)),
        "a map with a share that is no number" => told!(map().tolerated_failure_percentage(f64::NAN)),
        "a parallel with endless percent" => told!(parallel().tolerated_failure_percentage(f64::INFINITY)),
        "a flat map of none at a time" => told!(map().flat().max_concurrency(0)),
        "a call of nothing" => told!(ctx.invoke::<u32, _>("it", "", &())),
        "a call of a name with spaces" => told!(ctx.invoke::<u32, _>("it", "tax office", &())),
        "a call for a tenant without a name" => told!(ctx.invoke::<u32, _>("it", "tax", &()).tenant_id("")),
        "a call with an endless trace header" => {
            told!(ctx.invoke::<u32, _>("it", "tax", &()).trace_header("x".repeat(10_000)))
        }
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn options_that_make_no_sense_are_refused_before_anything_is_recorded() {
    for (case, kind, problem) in CASES {
        let ledger = Ledger::new(&case);

        let told = result(ledger.invoke(&refused).await.unwrap());

        let (error_type, text): (String, String) = serde_json::from_str(&told).unwrap();
        assert_eq!(error_type, "InvalidArgumentError", "{case}");
        assert!(text.starts_with(&format!("{kind} `it` failed: ")), "{case}: {text}");
        assert!(text.contains(problem), "{case}: {text}");
        assert_eq!(ledger.calls(), Vec::<Vec<String>>::new(), "{case}");
    }
}

#[tokio::test]
async fn tolerances_beyond_all_items_are_no_mistake() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let map = ctx.map("map", 0..3, async |_, item: u32, _| Ok(item)).tolerated_failure_count(99).await?;
        Ok(map.success_count())
    };

    assert_eq!(result(ledger.run(&handler).await), "3");
}

#[tokio::test]
async fn a_step_whose_compensation_cannot_be_retried_as_asked_does_not_run() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String)> {
        let saga = ctx.saga("trip", async |_, saga| {
            let hotel = saga.step("hotel", async |_| Ok(1)).compensate(async |_, _| Ok(()));
            Ok(told!(hotel.compensation_retry(RetryStrategy::fixed(YEARS))))
        });
        saga.await
    };

    let told = result(ledger.run(&handler).await);

    let expected = "step `hotel` failed: the retry strategy of its compensation is invalid";
    assert!(told.contains(expected), "{told}");
    assert_eq!(ledger.calls().concat(), ["START trip", "SUCCEED trip"]);
}

#[tokio::test]
async fn a_compensation_registered_with_an_invalid_strategy_ends_the_execution_at_once() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let saga = ctx.saga("trip", async |ctx, saga| {
            saga.compensate("cancel", async |_| Ok(())).retry(RetryStrategy::linear().max_attempts(0));
            ctx.step("book", async |_| Ok(())).await?;
            Ok(())
        });
        saga.await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "ContextMisuseError");
    let expected =
        "the compensation `cancel` cannot be registered: its retry strategy is invalid: `max_attempts` is 0";
    assert!(message.starts_with(expected), "{message}");
    assert!(!ledger.calls().concat().contains(&"START book".to_owned()), "{:?}", ledger.calls());
}
