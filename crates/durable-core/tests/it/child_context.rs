//! Child contexts.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};

use crate::ledger::{Ledger, error, result};

#[tokio::test]
async fn operations_of_a_child_context_belong_to_it() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let outer = ctx.step("pack", async |_| Ok(1)).await?;
        let inner = ctx
            .run_in_child_context("ship", async |ctx| {
                let pack = ctx.step("pack", async |_| Ok(10)).await?;
                ctx.wait("dry", Duration::from_secs(1)).await?;
                Ok(pack)
            })
            .await?;
        Ok(outer + inner)
    };

    assert_eq!(result(ledger.run(&handler).await), "11");

    let ship = ledger.operation("ship");
    assert_eq!(ledger.operation("dry").parent_id, Some(ship.id));
    assert_eq!(ship.parent_id, None);
    assert_eq!(ledger.calls().concat().iter().filter(|call| *call == "START ship").count(), 1);
}

#[tokio::test]
async fn a_child_context_that_ended_is_not_entered_again() {
    static ENTERED: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let entered =
            ctx.run_in_child_context("once", async |_| Ok(ENTERED.fetch_add(1, Ordering::SeqCst))).await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(entered)
    };

    assert_eq!(result(ledger.run(&handler).await), "0");
    assert_eq!(ENTERED.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_result_too_large_to_record_is_built_again_from_the_operations_inside() {
    static STEPS: AtomicU32 = AtomicU32::new(0);
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let large = ctx
            .run_in_child_context("large", async |ctx| {
                let length = ctx
                    .step("length", async |_| {
                        STEPS.fetch_add(1, Ordering::SeqCst);
                        Ok(300_000_usize)
                    })
                    .await?;
                Ok("x".repeat(length))
            })
            .await?;
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(large.len())
    };

    assert_eq!(result(ledger.run(&handler).await), "300000");

    let details = ledger.operation("large").take_context_details();
    assert_eq!((details.replay_children, details.result.as_deref()), (Some(true), Some("")));
    assert_eq!(STEPS.load(Ordering::SeqCst), 1);
    assert_eq!(ledger.calls().concat().iter().filter(|call| *call == "SUCCEED large").count(), 1);
}

#[tokio::test]
async fn an_error_in_a_child_context_is_recorded_and_returned() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let ship = ctx.run_in_child_context("ship", async |ctx| {
            let label = ctx.step("label", async |_| Err::<(), _>(Error::msg("no paper")));
            label.retry(RetryStrategy::none()).await
        });
        let error = ship.await.unwrap_err();
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(error.to_string())
    };

    let text = "\"child context `ship` failed: step `label` failed: no paper\"";
    assert_eq!(result(ledger.run(&handler).await), text);
}

#[tokio::test]
async fn a_virtual_context_is_a_scope_for_names_and_records_nothing_of_itself() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let body = async |ctx: DurableContext| {
            let counted = ctx.step("count", async |_| Ok(1)).await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            Ok(counted)
        };
        let (a, b) = tokio::join!(
            ctx.run_in_child_context("scope", body).virtual_context().into_future(),
            ctx.run_in_child_context("scope", body).virtual_context().into_future(),
        );
        Ok(vec![a?, b?])
    };

    assert_eq!(result(ledger.run(&handler).await), "[1,1]");

    let updates = ledger.updates().concat();
    assert!(
        updates.iter().all(|update| update.parent_id.is_none() && update.name.as_deref() != Some("scope"))
    );
    assert_eq!(ledger.calls().concat().iter().filter(|call| *call == "SUCCEED count").count(), 2);
}

#[tokio::test]
async fn an_operation_in_a_context_that_has_ended_fails_the_execution() {
    let ledger = Ledger::new(&());
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let leaked = std::sync::Mutex::new(None);
        ctx.run_in_child_context("ship", async |ctx| {
            *leaked.lock().unwrap() = Some(ctx);
            Ok(())
        })
        .await?;
        let late = leaked.into_inner().unwrap().unwrap();
        late.step("late", async |_| Ok(7)).await
    };

    let (error_type, message) = error(ledger.run(&handler).await);

    assert_eq!(error_type, "ContextMisuseError");
    assert!(message.contains("`late`"), "{message}");
}
