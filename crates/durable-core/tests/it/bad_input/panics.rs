//! Code of users that panics outside of the futures it makes.

use std::future::ready;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::UNNAMED;
use durable_core::retry::RetryStrategy;
use durable_core::types::InvocationOutput;
use durable_core::{DurableContext, Error, Result, StepContext};

use super::told;
use crate::ledger::{Ledger, error, result};

/// Operations whose body panics before there is a future of it, and how their errors call them.
const KINDS: [(&str, &str); 10] = [
    ("step", "step"),
    ("child", "child context"),
    ("virtual", "child context"),
    ("retry", "retry block"),
    ("submitter", "callback"),
    ("condition", "condition"),
    ("map", "child context"),
    ("flat", "child context"),
    ("parallel", "child context"),
    ("predicate", "step"),
];

static RUNS: AtomicU32 = AtomicU32::new(0);

fn burst() -> ! {
    RUNS.fetch_add(1, Ordering::SeqCst);
    panic!("pipe burst")
}

async fn bursting(kind: String, ctx: DurableContext) -> Result<(String, String)> {
    let child = || ctx.run_in_child_context("it", |_| -> std::future::Ready<Result<u32>> { burst() });
    let map = || ctx.map("it", [1], |_, _, _| -> std::future::Ready<Result<u32>> { burst() });
    Ok(match kind.as_str() {
        "step" => {
            let step = ctx.step("it", |_| -> std::future::Ready<Result<u32>> { burst() });
            told!(step.retry(RetryStrategy::none()))
        }
        "child" => told!(child()),
        "virtual" => told!(child().virtual_context()),
        "retry" => {
            let block = ctx.with_retry("it", |_, _| -> std::future::Ready<Result<u32>> { burst() });
            told!(block.retry(RetryStrategy::none()))
        }
        "submitter" => {
            let submitter = |_, _: StepContext| -> std::future::Ready<Result<()>> { burst() };
            let asked = ctx.wait_for_callback::<u32, _, _>("it", submitter);
            told!(asked.retry(RetryStrategy::none()))
        }
        "condition" => {
            type Met = Result<ControlFlow<u32, ()>>;
            told!(ctx.wait_for_condition("it", (), |(), _| -> std::future::Ready<Met> { burst() }))
        }
        "map" => told!(async { map().await.unwrap().into_result() }),
        "flat" => told!(async { map().flat().await.unwrap().into_result() }),
        "parallel" => {
            let parallel = ctx.parallel("it");
            let parallel = parallel.branch(UNNAMED, |_| -> std::future::Ready<Result<u32>> { burst() });
            told!(async { parallel.await.unwrap().into_result() })
        }
        "predicate" => {
            let step = ctx.step("it", |_| ready(Err::<u32, _>(Error::msg("it leaks"))));
            told!(step.retry_if(|_| burst()))
        }
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn a_panic_before_there_is_a_future_is_the_error_of_the_operation() {
    for (kind, called) in KINDS {
        RUNS.store(0, Ordering::SeqCst);
        let ledger = Ledger::new(&kind);

        let told = result(ledger.run(&bursting).await);

        let (error_type, text): (String, String) = serde_json::from_str(&told).unwrap();
        let is_item = ["map", "flat", "parallel"].contains(&kind);
        let name = if is_item { "" } else { " `it`" };
        let cause = if kind == "submitter" { "the submitter failed: step failed: " } else { "" };
        assert_eq!(error_type, "Panic", "{kind}");
        assert!(text.starts_with(&format!("{called}{name} failed: {cause}panicked")), "{kind}: {text}");
        assert!(text.contains("pipe burst"), "{kind}: {text}");
        assert_eq!(RUNS.load(Ordering::SeqCst), 1, "{kind}");
    }
}

#[tokio::test]
async fn a_step_that_panics_is_tried_again_as_its_strategy_says() {
    static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let step = ctx.step("fragile", async |step| {
            ATTEMPTS.fetch_add(1, Ordering::SeqCst);
            assert_eq!(step.attempt(), 3, "pipe burst");
            Ok(step.attempt())
        });
        step.retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(3)).await
    };

    assert_eq!(result(ledger.run(&handler).await), "3");
    assert_eq!(ATTEMPTS.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_block_whose_predicate_panics_is_not_tried_again() {
    static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(String, String)> {
        let block = ctx.with_retry("it", async |_, _| {
            ATTEMPTS.fetch_add(1, Ordering::SeqCst);
            Err::<u32, _>(Error::msg("it leaks"))
        });
        Ok(told!(block.retry_if(|_| panic!("pipe burst"))))
    };

    let told = result(ledger.invoke(&handler).await.unwrap());

    assert!(told.contains("panicked: pipe burst"), "{told}");
    assert_eq!(ATTEMPTS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn code_between_operations_that_panics_fails_the_execution_at_once() {
    for place in ["handler", "items", "names"] {
        let ledger = Ledger::new(&place);
        let handler = async |place: String, ctx: DurableContext| -> Result<()> {
            let items = (0..2).inspect(|_| assert_ne!(place, "items", "pipe burst"));
            let map = ctx.map("map", items, async |_, _, _| Ok(()));
            map.item_names(|_, index| {
                assert_ne!(place, "names", "pipe burst");
                index.to_string()
            })
            .await?;
            assert_ne!(place, "handler", "pipe burst");
            Ok(())
        };

        let output = ledger.invoke(&handler).await.unwrap();

        assert_ne!(output, InvocationOutput::Pending);
        let (error_type, text) = error(output);
        assert_eq!(error_type, "Panic", "{place}");
        assert!(text.contains("pipe burst"), "{place}: {text}");
    }
}
