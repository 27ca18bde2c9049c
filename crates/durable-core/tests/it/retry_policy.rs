//! Functions that decide whether failed attempts and unmet conditions are followed by another.

use std::fmt;
use std::ops::ControlFlow::{Break, Continue};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::StepSemantics;
use durable_core::retry::{RetryDecision, RetryStrategy};
use durable_core::types::{OperationStatus, OperationUpdate};
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, error, result};

const SECOND: Duration = Duration::from_secs(1);

/// What a server says that has too much to do.
#[derive(Debug)]
struct Throttled {
    retry_after: Duration,
}

impl fmt::Display for Throttled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("throttled")
    }
}

impl std::error::Error for Throttled {}

fn retry_after(error: &Error, _: u32) -> RetryDecision {
    match error.original::<Throttled>() {
        Some(throttled) => RetryDecision::After(throttled.retry_after),
        None => RetryDecision::Stop,
    }
}

/// The seconds after which the next attempts begin, in their order.
fn delays(ledger: &Ledger) -> Vec<u64> {
    let delay = |update: &OperationUpdate| match (&update.step_options, &update.wait_options) {
        (Some(options), _) => options.next_attempt_delay_seconds,
        (None, options) => options.as_ref().and_then(|options| options.wait_seconds),
    };
    ledger.updates().concat().iter().filter_map(delay).collect()
}

#[tokio::test]
async fn a_function_decides_by_the_error_how_long_to_wait_and_when_to_stop() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let order = ctx.step("order", async |step| match step.attempt() {
            attempt @ 1..=2 => Err::<(), Error>(Throttled { retry_after: attempt * 30 * SECOND }.into()),
            _ => Err(Error::msg("sold out")),
        });
        order.retry(retry_after).await
    };

    let (_, message) = error(ledger.run(&handler).await);

    assert_eq!(message, "step `order` failed: sold out");
    assert_eq!(delays(&ledger), [30, 60]);
}

#[tokio::test]
async fn a_function_is_asked_once_about_each_failed_attempt_and_never_about_recorded_ones() {
    let (asked, counted) = (&AtomicU32::new(0), AtomicU32::new(0));
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let order = ctx.step("order", async |_| Err::<(), _>(Error::msg("no")));
        let limited = order.retry(|_: &Error, attempt| {
            asked.fetch_add(1, Ordering::SeqCst);
            counted.fetch_add(attempt, Ordering::SeqCst);
            (attempt < 3).then_some(SECOND)
        });
        limited.await.unwrap_err();
        ctx.wait("pause", SECOND).await?;
        Ok(7)
    };

    assert_eq!(result(ledger.run(&handler).await), "7");

    assert_eq!(asked.load(Ordering::SeqCst), 3);
    assert_eq!(counted.load(Ordering::SeqCst), 1 + 2 + 3);
}

#[tokio::test(start_paused = true)]
async fn panics_and_timeouts_reach_the_function_as_errors_of_their_own_types() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let fragile = ctx.step("fragile", async |step| {
            assert_ne!(step.attempt(), 1, "pipe burst");
            tokio::time::sleep(60 * SECOND).await;
            Ok(())
        });
        let by_type = |error: &Error, _| match error.error_type() {
            "Panic" => RetryDecision::After(11 * SECOND),
            _ if error.is_timeout() => RetryDecision::Stop,
            _ => RetryDecision::After(99 * SECOND),
        };
        Ok(fragile.timeout(30 * SECOND).retry(by_type).await.unwrap_err().to_string())
    };

    let told = result(ledger.run(&handler).await);

    assert_eq!(told, r#""step `fragile` failed: the attempt took longer than 30s""#);
    assert_eq!(delays(&ledger), [11]);
}

#[tokio::test]
async fn a_function_decides_about_interrupted_attempts_that_run_at_most_once_per_retry() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let pay = ctx.step("pay", async |step| Ok(step.attempt()));
        let pay = pay
            .semantics(StepSemantics::AtMostOncePerRetry)
            .retry(|error: &Error, attempt| (error.is_interrupted() && attempt == 1).then_some(5 * SECOND));
        pay.await
    };
    ledger.run(&handler).await;
    ledger.amend("pay", |pay| (pay.status, pay.details) = (OperationStatus::Started, None));

    assert_eq!(result(ledger.run(&handler).await), "2");

    assert_eq!(delays(&ledger), [5]);
}

#[tokio::test]
async fn an_error_that_the_predicate_refuses_does_not_reach_the_function() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let order = ctx.step("order", async |_| Err::<(), _>(Error::msg("sold out")));
        let order = order.retry_if(|_| false);
        order.retry(|_: &Error, _| -> RetryDecision { panic!("it is not asked") }).await
    };

    let (_, message) = error(ledger.run(&handler).await);

    assert_eq!(message, "step `order` failed: sold out");
}

#[tokio::test]
async fn a_function_that_panics_decides_for_its_panic_in_place_of_the_error() {
    for kind in ["step", "retry block", "condition"] {
        let ledger = Ledger::new(&kind);
        let handler = async |kind: String, ctx: DurableContext| -> Result<()> {
            let burst = |_: &Error, _| -> RetryDecision { panic!("pipe burst") };
            match kind.as_str() {
                "step" => {
                    let step = ctx.step("it", async |_| Err::<(), _>(Error::msg("no")));
                    step.retry(burst).await
                }
                "retry block" => {
                    let block = ctx.with_retry("it", async |_, _| Err::<(), _>(Error::msg("no")));
                    block.retry(burst).await
                }
                _ => {
                    let condition = ctx.wait_for_condition("it", 0, async |it, _| Ok(Continue::<(), _>(it)));
                    let burst = |_: &u32, _| -> RetryDecision { panic!("pipe burst") };
                    condition.strategy(burst).await
                }
            }
        };

        let (_, message) = error(ledger.run(&handler).await);

        assert_eq!(message, format!("{kind} `it` failed: panicked: pipe burst"));
    }
}

#[tokio::test]
async fn a_delay_of_nothing_is_a_second_and_fractions_are_rounded_up() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, u32, u32)> {
        let at_once = |_: &Error, attempt| {
            RetryDecision::After(if attempt == 1 { Duration::ZERO } else { Duration::from_millis(1_001) })
        };
        let ready = |attempt| if attempt < 3 { Err(Error::msg("not yet")) } else { Ok(attempt) };
        let step = ctx.step("step", async |step| ready(step.attempt())).retry(at_once).await?;
        let block = ctx.with_retry("block", async |_, attempt| ready(attempt)).retry(at_once).await?;
        let condition = ctx
            .wait_for_condition("condition", 1, async |checks: u32, _| {
                if checks < 3 { Ok(Continue(checks + 1)) } else { Ok(Break(checks)) }
            })
            .strategy(|_: &u32, _| Some(Duration::ZERO))
            .await?;
        Ok((step, block, condition))
    };

    assert_eq!(result(ledger.run(&handler).await), "[3,3,3]");

    assert_eq!(delays(&ledger), [1, 2, 1, 2, 1, 1]);
}

#[tokio::test]
async fn a_delay_beyond_what_the_service_accepts_fails_the_operation_and_names_the_error() {
    const YEARS: Duration = Duration::from_hours(24 * 367);
    for kind in ["step", "retry block", "condition"] {
        let ledger = Ledger::new(&kind);
        let handler = async |kind: String, ctx: DurableContext| -> Result<()> {
            let too_long = |_: &Error, _| RetryDecision::After(YEARS);
            match kind.as_str() {
                "step" => {
                    let step = ctx.step("it", async |_| Err::<(), _>(Error::msg("no")));
                    step.retry(too_long).await
                }
                "retry block" => {
                    let block = ctx.with_retry("it", async |_, _| Err::<(), _>(Error::msg("no")));
                    block.retry(too_long).await
                }
                _ => {
                    let condition = ctx.wait_for_condition("it", 0, async |it, _| Ok(Continue::<(), _>(it)));
                    condition.strategy(|_: &u32, _| Some(YEARS)).await
                }
            }
        };

        let (_, message) = error(ledger.run(&handler).await);

        let happened =
            if kind == "condition" { "check 1" } else { "attempt 1, which failed with Error: no," };
        let problem = format!("the delay after {happened} is 31708800s, but delays take at most 366 days");
        assert_eq!(message, format!("{kind} `it` failed: {problem}"));
    }
}

#[tokio::test]
async fn a_block_waits_as_long_as_its_function_says_and_stops_when_it_says() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let block = ctx.with_retry("order", async |ctx, attempt| {
            ctx.step("ask", async |_| Ok(())).await?;
            match attempt {
                1..=2 => Err::<(), Error>(Throttled { retry_after: attempt * 10 * SECOND }.into()),
                _ => Err(Error::msg("sold out")),
            }
        });
        Ok(block.retry(retry_after).await.unwrap_err().to_string())
    };

    assert_eq!(result(ledger.run(&handler).await), r#""retry block `order` failed: sold out""#);

    assert_eq!(delays(&ledger), [10, 20]);
}

#[tokio::test]
async fn what_was_decided_about_an_attempt_of_a_block_is_not_decided_again_on_replay() {
    let asked = &AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let block = ctx.with_retry("order", async |ctx, attempt| {
            ctx.wait("think", SECOND).await?;
            if attempt < 3 { Err(Error::msg("not yet")) } else { Ok(attempt) }
        });
        // It is not pure: asked about the same attempt again, it would answer otherwise.
        let once =
            |_: &Error, attempt| (asked.fetch_add(1, Ordering::SeqCst) < 2 && attempt < 3).then_some(SECOND);
        block.retry(once).await
    };

    assert_eq!(result(ledger.run(&handler).await), "3");

    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_strategy_that_allows_fewer_attempts_than_are_recorded_still_replays_them() {
    let attempts = &AtomicU32::new(5);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let block = ctx.with_retry("order", async |ctx, attempt| {
            ctx.step("ask", async |_| Ok(())).await?;
            Err::<(), _>(Error::msg(format!("no {attempt}")))
        });
        let strategy = RetryStrategy::fixed(SECOND).max_attempts(attempts.load(Ordering::SeqCst));
        Ok(block.retry(strategy).await.unwrap_err().to_string())
    };
    for _ in 0..3 {
        ledger.invoke(&handler).await.unwrap();
    }
    attempts.store(2, Ordering::SeqCst);

    let told = result(ledger.run(&handler).await);

    assert_eq!(told, r#""retry block `order` failed: no 4""#);
}

#[tokio::test]
async fn a_function_decides_by_the_state_of_a_condition() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let grow = ctx.wait_for_condition("grow", 1, async |size: u32, _| Ok(Continue::<(), _>(size * 10)));
        let by_size =
            |size: &u32, checks| (*size < 1_000 && checks < 9).then(|| Duration::from_secs((*size).into()));
        Ok(grow.strategy(by_size).await.unwrap_err().is_exhausted())
    };

    assert_eq!(result(ledger.run(&handler).await), "true");

    assert_eq!(delays(&ledger), [10, 100]);
}

#[tokio::test]
async fn a_function_decides_about_submitters_and_compensations_too() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let after =
            |seconds| move |_: &Error, attempt| (attempt == 1).then_some(Duration::from_secs(seconds));
        let asked = ctx.wait_for_callback("ask", async |_, _| Err(Error::msg("nobody is there")));
        let asked: Result<(), _> = asked.retry(after(2)).await;
        asked.unwrap_err();
        let saga = ctx.saga("trip", async |_, saga| {
            let hotel = saga.step("hotel", async |_| Ok(())).compensate(async |(), _| Err(Error::msg("no")));
            hotel.compensation_retry(after(3)).await?;
            let car = saga.step("car", async |_| Ok(())).compensate(async |(), _| Err(Error::msg("no")));
            car.await?;
            saga.compensate("tell", async |_| Err(Error::msg("no"))).retry(after(5));
            Err::<(), _>(Error::msg("no passport"))
        });
        saga.compensation_retry(after(4)).await.unwrap_err();
        Ok(())
    };

    assert_eq!(result(ledger.run(&handler).await), "null");

    assert_eq!(delays(&ledger), [2, 5, 4, 3]);
}
