//! Races through `select`, which replay as far as both sides had got.

use std::time::Duration;

use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;
use futures_util::future::{Either, select};

async fn large_loser(_: (), ctx: DurableContext) -> Result<&'static str> {
    let large = ctx.run_in_child_context("large", async |ctx| {
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok("x".repeat(300_000))
    });
    let quick = ctx.step("quick", async |_| Ok(()));
    let winner = match select(large.into_future(), quick.into_future()).await {
        Either::Left(_) => "large",
        Either::Right(_) => "quick",
    };
    ctx.wait("until the loser has ended as well", Duration::from_secs(2)).await?;
    ctx.wait("until both have", Duration::from_secs(2)).await?;
    Ok(winner)
}

#[tokio::test]
async fn a_loser_that_ended_after_the_race_with_a_large_result_does_not_win_it_on_replay() {
    let execution = TestRunner::new(large_loser).run(&()).await.unwrap();

    assert_eq!(execution.error().and_then(|error| error.error_message.as_deref()), None);
    assert_eq!(execution.result::<String>().unwrap(), "quick");
}
