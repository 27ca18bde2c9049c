//! What does not happen when a checkpoint fails.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::StepSemantics;
use durable_core::retry::RetryStrategy;
use durable_core::transport::TransportError;
use durable_core::types::OperationStatus;
use durable_core::{DurableContext, Result};

use crate::ledger::{Ledger, error, result};

#[tokio::test]
async fn the_body_of_an_at_most_once_step_never_runs_if_its_start_was_not_recorded() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let pays = (0..8).map(|_| {
            let pay = ctx.step("pay", async |_| {
                RUNS.fetch_add(1, Ordering::SeqCst);
                Ok(())
            });
            pay.semantics(StepSemantics::AtMostOncePerRetry).retry(RetryStrategy::none()).into_future()
        });
        futures_util::future::join_all(pays).await;
        Ok(())
    };

    let passing = Ledger::new(&());
    passing.fail_next(TransportError::invocation("throttled"));
    passing.invoke(&handler).await.unwrap_err();
    let lasting = Ledger::new(&());
    lasting.fail_next(TransportError::execution("refused"));
    assert_eq!(error(lasting.invoke(&handler).await.unwrap()).0, "CheckpointError");

    assert_eq!(RUNS.load(Ordering::SeqCst), 0);
    assert_eq!(result(passing.run(&handler).await), "null");
    assert_eq!(RUNS.load(Ordering::SeqCst), 8);
}

#[tokio::test]
async fn no_code_runs_after_a_checkpoint_that_failed() {
    static IS_REACHED: AtomicBool = AtomicBool::new(false);
    let ledger = Ledger::new(&());
    ledger.fail_next(TransportError::invocation("throttled"));
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let ended = ctx.step("work", async |_| Ok(())).await;
        IS_REACHED.store(true, Ordering::SeqCst);
        ended
    };

    ledger.invoke(&handler).await.unwrap_err();

    assert!(!IS_REACHED.load(Ordering::SeqCst));
}

#[tokio::test]
async fn a_large_result_whose_checkpoint_fails_is_not_a_success() {
    let large = async |_: (), _: DurableContext| -> Result<String> { Ok("x".repeat(6 * 1024 * 1024 - 20)) };
    let ledger = Ledger::new(&());
    ledger.fail_next(TransportError::invocation("throttled"));

    ledger.invoke(&large).await.unwrap_err();

    ledger.withhold_tokens();
    assert_eq!(result(ledger.invoke(&large).await.unwrap()), "");
}

#[tokio::test]
async fn a_failed_checkpoint_inside_a_child_context_is_not_the_failure_of_the_child() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let child = ctx.run_in_child_context("child", async |ctx| {
            ctx.wait("pause", Duration::from_secs(1)).await?;
            ctx.step("work", async |_| Ok(7)).await
        });
        child.await
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.fail_next(TransportError::invocation("throttled"));

    ledger.invoke(&handler).await.unwrap_err();

    assert_eq!(ledger.operation("child").status, OperationStatus::Started);
    assert_eq!(result(ledger.run(&handler).await), "7");
}

/// Tells when it is dropped.
struct Guard<'a>(&'a AtomicBool);

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn the_failed_start_of_a_slow_step_ends_the_invocation_and_its_body() {
    static IS_DROPPED: AtomicBool = AtomicBool::new(false);
    let ledger = Ledger::new(&());
    ledger.fail_next(TransportError::invocation("throttled"));
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let slow = ctx.step("slow", async |_| {
            let _guard = Guard(&IS_DROPPED);
            std::future::pending().await
        });
        slow.await
    };

    ledger.invoke(&handler).await.unwrap_err();

    assert!(IS_DROPPED.load(Ordering::SeqCst), "nothing of the invocation lives on");
}

#[tokio::test]
async fn an_invocation_that_suspends_leaves_nothing_running() {
    static ENDED: Mutex<Vec<String>> = Mutex::new(Vec::new());
    struct Told(String);
    impl Drop for Told {
        fn drop(&mut self) {
            ENDED.lock().unwrap().push(self.0.clone());
        }
    }
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let branches = ctx.map("branches", ["a", "b"], async |ctx, name, _| {
            let _told = Told(name.to_owned());
            ctx.wait("pause", Duration::from_secs(60)).await
        });
        branches.await?;
        Ok(())
    };

    ledger.invoke(&handler).await.unwrap();

    let mut ended = ENDED.lock().unwrap().clone();
    ended.sort();
    assert_eq!(ended, ["a", "b"]);
}
