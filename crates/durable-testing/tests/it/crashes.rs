//! A crash at any checkpoint, before or after it is recorded, changes nothing about the result.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::StepSemantics;
use durable_core::{DurableContext, Result};
use durable_testing::{Fault, TestRunner};

static PAID: AtomicU32 = AtomicU32::new(0);

async fn order(items: Vec<u32>, ctx: DurableContext) -> Result<u32> {
    let reserved = ctx.step("reserve", async |_| Ok(items.len())).await?;
    let paid = ctx
        .step("pay", async |_| Ok(PAID.fetch_add(1, Ordering::SeqCst)))
        .semantics(StepSemantics::AtMostOnce)
        .await;
    ctx.wait("settle", Duration::from_secs(60)).await?;
    let shipped = async {
        let shipped = ctx.run_in_child_context("ship", async |ctx| {
            let mut sum = 0;
            for item in &items {
                sum += ctx.step("label", async |_| Ok(*item)).await?;
                ctx.wait("truck", Duration::from_secs(1)).await?;
            }
            Ok(sum)
        });
        shipped.await
    };
    let (shipped, notified) = tokio::join!(
        shipped,
        ctx.step("tell", async |_| Ok(paid.as_ref().is_ok_and(|paid| *paid == 0))).into_future(),
    );
    Ok(u32::try_from(reserved)? + shipped? + u32::from(notified?))
}

#[tokio::test]
async fn a_crash_at_any_checkpoint_leaves_the_result_as_it_is_and_pays_at_most_once() {
    let items = vec![10, 20, 30];
    let undisturbed = TestRunner::new(order).run(&items).await.unwrap();
    let checkpoints = undisturbed.checkpoints();
    assert!(checkpoints > 8, "{checkpoints}");

    for checkpoint in 1..=checkpoints {
        for fault in [Fault::LostRequest, Fault::LostResponse] {
            PAID.store(0, Ordering::SeqCst);

            let execution = TestRunner::new(order).fault(checkpoint, fault).run(&items).await.unwrap();

            let paid = PAID.load(Ordering::SeqCst);
            assert!(paid <= 1, "paid {paid} times after {fault:?} at {checkpoint}");
            let result: u32 = execution.result().unwrap();
            assert!([63, 64].contains(&result), "{result} after {fault:?} at {checkpoint}");
        }
    }
}
