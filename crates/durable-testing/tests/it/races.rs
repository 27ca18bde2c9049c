//! Races through `select`, which replay as far as both sides had got.

use std::pin::pin;
use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::TestRunner;
use futures_util::future::{Either, join, select};

async fn large_loser(_: (), ctx: DurableContext) -> Result<String> {
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
    Ok(winner.to_owned())
}

#[tokio::test]
async fn a_loser_that_ended_after_the_race_with_a_large_result_does_not_win_it_on_replay() {
    let execution = TestRunner::new(large_loser).run(&()).await.unwrap();

    assert_eq!(execution.error().and_then(|error| error.error_message.as_deref()), None);
    assert_eq!(execution.result::<String>().unwrap(), "quick");
}

async fn slow_loser(_: (), ctx: DurableContext) -> Result<()> {
    let slow = async {
        let flaky = ctx.step("flaky", async |step| match step.attempt() {
            1 => Err(Error::msg("not yet")),
            _ => Ok(()),
        });
        let flaky = flaky.retry(RetryStrategy::fixed(Duration::from_secs(2)));
        join(flaky.into_future(), ctx.step("steady", async |_| Ok(())).into_future()).await
    };
    let quick = async { ctx.step("quick", async |_| Ok(())).await };
    let winner = match select(pin!(slow), pin!(quick)).await {
        Either::Left(_) => "slow",
        Either::Right(_) => "quick",
    };
    let kept = ctx.step("keep", async |_| Ok(winner.to_owned())).await?;
    assert_eq!(kept, winner, "the same on every replay");
    ctx.wait("until the loser is tried again", Duration::from_secs(3)).await?;
    Ok(())
}

#[tokio::test]
async fn a_loser_that_ends_during_a_replay_does_not_overtake_the_winner() {
    let execution = TestRunner::new(slow_loser).run(&()).await.unwrap();

    assert_eq!(execution.error().and_then(|error| error.error_message.as_deref()), None);
}

async fn decided_at_once(_: (), ctx: DurableContext) -> Result<String> {
    let checks = async {
        let check = async { Err::<(), _>(Error::msg("out of stock")) };
        ctx.try_join("checks", vec![check]).await
    };
    let other = async { ctx.step("other", async |_| Ok(())).await };
    let winner = match select(pin!(checks), pin!(other)).await {
        Either::Left(_) => "checks",
        Either::Right(_) => "other",
    };
    ctx.wait("pause", Duration::from_secs(1)).await?;
    Ok(winner.to_owned())
}

#[tokio::test]
async fn a_decision_on_one_side_of_a_race_is_not_replayed_before_the_other_side_got_as_far() {
    let execution = TestRunner::new(decided_at_once).run(&()).await.unwrap();

    assert_eq!(execution.error().and_then(|error| error.error_message.as_deref()), None);
    assert_eq!(execution.invocations(), 2);
}
