//! Invocations that wait instead of ending.

use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::TestRunner;

async fn naps(lengths: Vec<u64>, ctx: DurableContext) -> Result<()> {
    ctx.stay_warm(Duration::from_secs(5));
    for length in lengths {
        ctx.wait("nap", Duration::from_secs(length)).await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_short_wait_passes_within_the_invocation_and_a_long_one_does_not() {
    let short = TestRunner::new(naps).run(&vec![2, 5, 1]).await.unwrap();
    let long = TestRunner::new(naps).run(&vec![2, 60, 1]).await.unwrap();

    assert_eq!((short.invocations(), short.elapsed().as_secs()), (1, 8));
    assert_eq!((long.invocations(), long.elapsed().as_secs()), (2, 63));
}

async fn flaky(_: (), ctx: DurableContext) -> Result<u32> {
    ctx.stay_warm(Duration::from_secs(2));
    let third =
        ctx.step("flaky", async |step| if step.attempt() < 3 { Err(Error::msg("not yet")) } else { Ok(3) });
    third.retry(RetryStrategy::fixed(Duration::from_secs(2)).max_attempts(5)).await
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_is_due_soon_runs_within_the_invocation() {
    let execution = TestRunner::new(flaky).run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 3);
    assert_eq!((execution.invocations(), execution.elapsed().as_secs()), (1, 4));
}
