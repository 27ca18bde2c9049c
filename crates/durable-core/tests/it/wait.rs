//! Waits.

use std::time::Duration;

use durable_core::operation::UNNAMED;
use durable_core::types::{InvocationOutput, OperationStatus};
use durable_core::{DurableContext, Result};

use crate::ledger::{Ledger, error, result};

#[tokio::test]
async fn a_wait_ends_the_invocation_until_it_is_over() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        ctx.wait("settle", Duration::from_millis(1_500)).await?;
        Ok("settled".to_owned())
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);
    assert_eq!(result(ledger.invoke(&handler).await.unwrap()), "\"settled\"");
    let wait = &ledger.updates()[0][0];
    assert_eq!(wait.wait_options.as_ref().unwrap().wait_seconds, Some(2), "rounded up");
}

#[tokio::test]
async fn waits_side_by_side_begin_together() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let (a, b) = tokio::join!(
            ctx.wait("a", Duration::from_secs(1)).into_future(),
            ctx.wait("b", Duration::from_secs(2)).into_future(),
        );
        a?;
        b?;
        Ok(())
    };

    ledger.run(&handler).await;

    assert_eq!(ledger.calls(), [["START a", "START b"]]);
}

#[tokio::test]
async fn a_wait_does_not_cut_off_a_step_that_runs_beside_it() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let (waited, worked) = tokio::join!(
            ctx.wait("wait", Duration::from_secs(1)).into_future(),
            ctx.step("work", async |_| {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok(7)
            })
            .into_future(),
        );
        waited?;
        worked
    };

    assert_eq!(ledger.invoke(&handler).await.unwrap(), InvocationOutput::Pending);

    assert_eq!(ledger.operation("work").status, OperationStatus::Succeeded);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_beside_a_step_that_runs_longer() {
    let ledger = Ledger::new(&());
    ledger.end_waits_when_asked();
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let waited = async {
            ctx.wait("wait", Duration::from_secs(1)).await?;
            durable_core::Ok(ctx.step("after", async |_| Ok(1)).await?)
        };
        let work = ctx.step("work", async |_| {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(2)
        });
        let (waited, worked) = tokio::join!(waited, work.into_future());
        Ok(waited? + worked?)
    };

    assert_eq!(result(ledger.invoke(&handler).await.unwrap()), "3");

    let calls = ledger.calls();
    let place =
        |label: &str| calls.iter().position(|call| call.iter().any(|update| update == label)).unwrap();
    assert!(place("SUCCEED after") < place("SUCCEED work"), "{calls:?}");
}

#[tokio::test]
async fn waits_of_no_time_or_too_long_are_errors_and_record_nothing() {
    for duration in [Duration::ZERO, Duration::from_secs(31_622_401)] {
        let ledger = Ledger::new(&());
        let handler = async |_: (), ctx: DurableContext| -> Result<()> { ctx.wait("w", duration).await };

        let (error_type, message) = error(ledger.run(&handler).await);

        assert_eq!(error_type, "InvalidArgumentError");
        assert!(message.contains("31622400") || message.contains("31,622,400"), "{message}");
        assert!(ledger.calls().is_empty());
    }
}

#[tokio::test]
async fn a_cancelled_wait_is_an_error() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let error = ctx.wait("settle", Duration::from_secs(1)).await.unwrap_err();
        Ok(error.status().unwrap().to_string())
    };
    ledger.invoke(&handler).await.unwrap();
    ledger.amend("settle", |wait| wait.status = OperationStatus::Cancelled);

    assert_eq!(result(ledger.run(&handler).await), "\"CANCELLED\"");
}

#[tokio::test]
async fn operations_without_a_name_are_told_apart_by_their_order() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let first = ctx.step(UNNAMED, async |_| Ok(1)).await?;
        ctx.wait(UNNAMED, Duration::from_secs(1)).await?;
        let second = ctx.step(UNNAMED, async |_| Ok(2)).await?;
        ctx.wait(UNNAMED, Duration::from_secs(1)).await?;
        Ok(vec![first, second])
    };

    assert_eq!(result(ledger.run(&handler).await), "[1,2]");
    assert!(ledger.updates().iter().flatten().all(|update| update.name.is_none()));
}
