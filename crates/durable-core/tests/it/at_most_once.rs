//! Steps that run at most once: an attempt whose outcome is unknown is the last.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::StepSemantics;
use durable_core::retry::RetryStrategy;
use durable_core::types::OperationStatus;
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, error, result};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn an_interrupted_attempt_is_the_last_whatever_the_strategy_allows() {
    let runs = &AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let pay = ctx.step("pay", async |_| Ok(runs.fetch_add(1, Ordering::SeqCst)));
        let pay = pay.semantics(StepSemantics::AtMostOnce).retry(RetryStrategy::fixed(SECOND));
        Ok(pay.await.is_err_and(|error| error.is_interrupted()))
    };
    ledger.run(&handler).await;
    ledger.amend("pay", |pay| (pay.status, pay.details) = (OperationStatus::Started, None));

    let output = ledger.run(&handler).await;

    assert_eq!(result(output), "true");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert_eq!(ledger.calls(), [vec!["START pay"], vec!["SUCCEED pay"], vec!["FAIL pay"]]);
}

#[tokio::test]
async fn an_attempt_that_returned_an_error_is_followed_by_another_as_the_strategy_says() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let pay = ctx.step("pay", async |step| match step.attempt() {
            1 => Err(Error::msg("the connection was refused")),
            attempt => Ok(attempt),
        });
        pay.semantics(StepSemantics::AtMostOnce).retry(RetryStrategy::fixed(SECOND)).await
    };

    assert_eq!(result(ledger.run(&handler).await), "2");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_panics_or_times_out_is_the_last() {
    for (kind, expected) in [("panic", "panicked: "), ("timeout", "the attempt took longer")] {
        let ledger = Ledger::new(&kind);
        let handler = async |kind: String, ctx: DurableContext| -> Result<()> {
            let pay = ctx.step("pay", async |_| {
                assert_ne!(kind, "panic", "pipe burst");
                tokio::time::sleep(60 * SECOND).await;
                Ok(())
            });
            let pay = pay.semantics(StepSemantics::AtMostOnce).retry(RetryStrategy::fixed(SECOND));
            pay.timeout(30 * SECOND).await
        };

        let (_, message) = error(ledger.run(&handler).await);

        assert!(message.starts_with(&format!("step `pay` failed: {expected}")), "{message}");
        assert_eq!(ledger.calls(), [["START pay"], ["FAIL pay"]], "{kind}");
    }
}
