//! Code that yields to the runtime between operations is not at rest.

use std::time::Duration;

use durable_core::{DurableContext, Result, race};
use durable_testing::TestRunner;
use futures_util::future::{join_all, try_join_all};
use tokio::sync::mpsc;
use tokio::task::yield_now;

use super::{Scene, play, play_over};
use crate::network::Network;

/// Two steps, of the same names as in every other chain, between which the code yields.
async fn chain(scene: &Scene, index: usize, yields: usize) -> Result<usize> {
    let takes = u64::try_from(index * 7 % 5)?;
    let first = scene.step("first", &format!("first of {index}"), takes, index).await?;
    for _ in 0..yields {
        yield_now().await;
    }
    scene.step("second", &format!("second of {index}"), 0, 10 * first).await
}

/// Chains that yield more often the earlier they end.
async fn yielding(scene: Scene, count: usize) -> Result<()> {
    let chains = (0..count).map(|index| chain(&scene, index, 5 - index * 7 % 5));
    let values = if count > 10 { try_join_all(chains).await? } else { values(join_all(chains).await)? };
    scene.see("values", &values);
    scene.pause("pause").await?;
    scene.step("after", "after", 0, 0).await?;
    scene.pause("last pause").await
}

fn values(results: Vec<Result<usize>>) -> Result<Vec<usize>> {
    results.into_iter().collect()
}

#[tokio::test(start_paused = true)]
async fn chains_that_yield_between_steps_of_the_same_names_keep_their_values() {
    for count in [2, 4, 8, 40] {
        let played = play(|scene| yielding(scene, count)).await;

        played.assert_consistent(&format!("{count} chains"));
    }
}

#[tokio::test(start_paused = true)]
async fn chains_that_yield_keep_their_values_over_a_network() {
    for seed in 0..20 {
        let network = Network { max_latency: 6, seed, ..Network::default() };

        let played = play_over(&|scene| yielding(scene, 6), network).await;

        played.assert_consistent(&format!("over {network:?}"));
    }
}

/// Receives more than tokio lets a task receive in one poll, beside a wait of hours.
async fn receives(messages: usize, ctx: DurableContext) -> Result<String> {
    let received = async {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for message in 0..messages {
            sender.send(message)?;
        }
        let mut sum = 0;
        for _ in 0..messages {
            sum += receiver.recv().await.unwrap_or_default();
        }
        let sum = ctx.step("sum", async |_| Ok(sum)).await?;
        Ok(format!("received {sum}"))
    };
    let deadline = async {
        ctx.wait("deadline", Duration::from_hours(2)).await?;
        Ok("late".to_owned())
    };
    race!(ctx, "received or late", received, deadline).await
}

#[tokio::test]
async fn a_handler_that_uses_up_the_budget_of_a_poll_is_not_suspended() {
    for messages in [100, 127, 128, 129, 1_000] {
        let execution = TestRunner::new(receives).run(&messages).await.unwrap();

        let sum: usize = (0..messages).sum();
        assert_eq!(execution.result::<String>().unwrap(), format!("received {sum}"));
        assert_eq!(execution.invocations(), 1, "{messages} messages");
    }
}

#[tokio::test]
async fn a_branch_that_yields_beside_a_wait_is_not_suspended() {
    let handler = async |(): (), ctx: DurableContext| -> Result<usize> {
        let work = async {
            for _ in 0..10 {
                yield_now().await;
            }
            ctx.step("work", async |_| Ok(7)).await
        };
        let wait = async {
            ctx.wait("nap", Duration::from_hours(2)).await?;
            Ok(0)
        };
        race!(ctx, "work or nap", work, wait).await
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<usize>().unwrap(), 7);
    assert_eq!(execution.invocations(), 1);
}
