//! What leaves no trace.

use std::time::Duration;

use durable_core::types::InvocationOutput;
use durable_core::{DurableContext, Result};

use crate::ledger::{Ledger, result};

#[tokio::test]
async fn a_dropped_wait_does_not_suspend_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let raced = tokio::select! {
            biased;
            _ = ctx.wait("long", Duration::from_secs(3_600)).into_future() => 0,
            worked = ctx.step("work", async |_| Ok(7)).into_future() => worked?,
        };
        Ok(raced)
    };

    assert_eq!(result(ledger.invoke(&handler).await.unwrap()), "7");
}

#[tokio::test]
async fn an_operation_whose_builder_is_dropped_was_never_there() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        drop(ctx.step("work", async |_| Ok(0)));
        ctx.step("work", async |_| Ok(7)).await
    };

    assert_eq!(result(ledger.run(&handler).await), "7");
    assert_eq!(ledger.calls(), [["START work", "SUCCEED work"]]);
}

#[tokio::test]
async fn everything_queued_is_recorded_before_the_answer() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        // Its future is made, so it begins; nobody awaits it.
        drop(ctx.wait("unawaited", Duration::from_secs(60)).into_future());
        Ok(())
    };

    assert_eq!(result(ledger.invoke(&handler).await.unwrap()), "null");
    assert_eq!(ledger.calls(), [["START unawaited"]]);
}

#[tokio::test]
async fn a_handler_that_awaits_an_ordinary_future_is_not_suspended() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let begun = ctx.wait("unawaited", Duration::from_secs(60)).into_future();
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(begun);
        Ok(7)
    };

    assert_ne!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
}
