//! Values and errors that are too large to record.

use std::ops::ControlFlow::Continue;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};

use super::told;
use crate::ledger::{Ledger, error, result};

const MIB: usize = 1024 * 1024;

static RUNS: AtomicU32 = AtomicU32::new(0);

fn large(bytes: usize) -> String {
    RUNS.fetch_add(1, Ordering::SeqCst);
    "x".repeat(bytes)
}

async fn too_large(kind: String, ctx: DurableContext) -> Result<(String, String)> {
    Ok(match kind.as_str() {
        "step" => told!(ctx.step("it", async |_| Ok(large(MIB)))),
        "condition" => {
            let check = async |_: String, _| Ok(Continue::<(), _>(large(MIB)));
            told!(ctx.wait_for_condition("it", String::new(), check))
        }
        other => panic!("{other}"),
    })
}

#[tokio::test]
async fn a_value_that_is_too_large_is_the_error_of_the_operation_and_is_not_made_again() {
    for kind in ["step", "condition"] {
        RUNS.store(0, Ordering::SeqCst);
        let ledger = Ledger::new(&kind);

        let told = result(ledger.invoke(&too_large).await.unwrap());

        let (told_type, text): (String, String) = serde_json::from_str(&told).unwrap();
        assert_eq!(told_type, "PayloadTooLargeError", "{text}");
        assert!(text.starts_with(&format!("{kind} `it` failed: ")), "{text}");
        assert!(text.contains("1048578 bytes") && text.contains("1048576"), "{text}");
        assert_eq!(RUNS.load(Ordering::SeqCst), 1, "{kind}");
    }
}

#[tokio::test]
async fn values_of_contexts_may_be_larger_than_what_can_be_recorded() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<(usize, usize)> {
        let child = ctx.run_in_child_context("child", async |_| Ok("x".repeat(2 * MIB))).await?;
        let map = ctx.map("map", 0..2, async |_, _, _| Ok("x".repeat(2 * MIB))).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok((child.len(), map.into_values().map(|value| value.len()).sum()))
    };

    assert_eq!(result(ledger.run(&handler).await), format!("[{},{}]", 2 * MIB, 4 * MIB));
}

#[tokio::test]
async fn a_result_that_no_execution_may_have_fails_it() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), _: DurableContext| -> Result<String> { Ok("x".repeat(7 * MIB)) };

    let (error_type, text) = error(ledger.invoke(&handler).await.unwrap());

    assert_eq!(error_type, "PayloadTooLargeError");
    assert!(text.contains("7340034 bytes"), "{text}");
}

#[tokio::test]
async fn an_endless_error_is_cut_and_stays_the_error_that_it_is() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let failing = async |_| Err::<(), _>(Error::msg("it leaks ".repeat(MIB)));
        let step = ctx.step("step", failing).retry(RetryStrategy::none()).await.unwrap_err();
        let child =
            ctx.run_in_child_context("child", async |_| Err::<(), _>(Error::msg("it leaks ".repeat(MIB))));
        let child = child.await.unwrap_err();
        for message in [step.message(), child.message()] {
            assert!(message.starts_with("it leaks ") && message.contains("[cut: "), "{}", &message[..40]);
            assert!(message.len() < 70_000);
        }
        Err(Error::msg("it leaks ".repeat(MIB)))
    };

    let (error_type, text) = error(ledger.invoke(&handler).await.unwrap());

    assert_eq!(error_type, "Error");
    assert!(text.starts_with("it leaks ") && text.len() < 70_000);
}

#[tokio::test]
async fn many_failures_that_are_each_small_enough_do_not_make_a_map_too_large() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let map = ctx.map("map", 0..20, async |_, _: u32, _| Err::<(), _>(Error::msg("x".repeat(60_000))));
        let map = map.tolerated_failure_percentage(100.0).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(map.errors().filter(|error| error.message().len() == 60_000).count())
    };

    assert_eq!(result(ledger.run(&handler).await), "20");
}
