//! Tasks of the runtime that share the handler's context.

use std::sync::Arc;
use std::time::Duration;

use durable_core::{DurableContext, Error, Result, Uuid};
use durable_types::ExecutionStatus;
use tokio::task::JoinSet;

use super::{Played, Scene, Trace, play, play_over, play_through_trouble};
use crate::network::Network;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A task that starts its operation after a while, beside a handler whose first step takes so long.
async fn beside(scene: Scene, task_sleeps: u64, first_takes: u64) -> Result<()> {
    let task = tokio::spawn({
        let scene = scene.clone();
        async move {
            tokio::time::sleep(millis(task_sleeps)).await;
            let value = scene.step("a", "a", 0, 1).await?;
            scene.step("b", "b", 0, value + 1).await
        }
    });
    scene.step("first", "first", first_takes, 3).await?;
    scene.pause("pause").await?;
    scene.step("c", "c", 0, 4).await?;
    let value = task.await??;
    scene.see("task", &value);
    scene.pause("last pause").await
}

#[tokio::test(start_paused = true)]
async fn a_task_beside_the_handler_completes_and_replays() {
    for (task_sleeps, first_takes) in [(5, 30), (30, 5), (0, 0), (5, 5), (0, 30), (2_000, 0)] {
        for max_latency in [0, 3, 10] {
            let network = Network { max_latency, seed: task_sleeps, ..Network::default() };

            let played = play_over(&|scene| beside(scene, task_sleeps, first_takes), network).await;

            played.assert_consistent(&format!("{task_sleeps} ms beside {first_takes} ms over {network:?}"));
        }
    }
}

/// Tasks in a set, each with operations of its own names, awaited as they end.
async fn named_apart(scene: Scene) -> Result<()> {
    let mut tasks = JoinSet::new();
    for index in 0..8_usize {
        let scene = scene.clone();
        tasks.spawn(async move {
            let takes = u64::try_from(index * 7 % 5)?;
            let value =
                scene.step(&format!("quote-{index}"), &format!("quote {index}"), takes, index).await?;
            scene.step(&format!("reserve-{index}"), &format!("reservation {index}"), 0, 10 * value).await
        });
    }
    let mut sum = 0;
    while let Some(ended) = tasks.join_next().await {
        sum += ended??;
    }
    scene.see("sum", &sum);
    scene.pause("pause").await?;
    scene.step("after", "after", 0, sum).await?;
    scene.pause("last pause").await
}

#[tokio::test(start_paused = true)]
async fn tasks_in_a_set_with_names_of_their_own_keep_their_values() {
    play_through_trouble(named_apart, "tasks").await;
}

/// Tasks that have a child context each.
async fn in_child_contexts(scene: Scene) -> Result<()> {
    let mut tasks = JoinSet::new();
    for index in 0..4_usize {
        let scene = scene.clone();
        tasks.spawn(async move {
            let body = async |ctx: DurableContext| {
                let inner = scene.within(&ctx);
                inner.step("quote", &format!("quote {index}"), 3, index).await?;
                inner.pause("pause").await?;
                inner.step("reserve", &format!("reservation {index}"), 0, index).await
            };
            durable_core::Ok(scene.ctx.run_in_child_context(format!("item-{index}"), body).await?)
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    scene.pause("last pause").await
}

#[tokio::test(start_paused = true)]
async fn tasks_with_a_child_context_each_keep_their_values() {
    play_through_trouble(in_child_contexts, "tasks").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_on_other_threads_keep_their_values() {
    for _ in 0..50 {
        play(named_apart).await.assert_consistent("tasks on other threads");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_a_task_uses_while_the_handler_is_polled_is_rejected_in_the_handler() {
    let scenario = |scene: Scene| async move {
        let (claimed, is_claimed) = std::sync::mpsc::channel();
        let task = tokio::spawn({
            let ctx = scene.ctx.clone();
            async move {
                let step = ctx.step("reserve", async |_| Ok(1)).into_future();
                claimed.send(())?;
                step.await
            }
        });
        // The handler does not return from its poll until the task has claimed the name.
        is_claimed.recv()?;
        scene.step("reserve", "handler", 0, 2).await?;
        task.await??;
        scene.pause("pause").await
    };

    assert_rejected(&play(scenario).await, &["`reserve`"]);
}

/// Checks that an execution was rejected before it suspended, with a message that names all of this.
fn assert_rejected(played: &Played, words: &[&str]) {
    assert_eq!(played.status(), &ExecutionStatus::Failed, "{:?}", played.trace);
    assert_eq!(played.invocations(), 1, "it was rejected at once: {:?}", played.message());
    let message = played.message().unwrap();
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
}

/// A set of tasks that use one name.
async fn named_alike(scene: Scene) -> Result<()> {
    let mut tasks = JoinSet::new();
    for index in 0..4 {
        let scene = scene.clone();
        tasks.spawn(async move { scene.step("reserve", &format!("task {index}"), 4 - index, 0).await });
    }
    while let Some(ended) = tasks.join_next().await {
        ended??;
    }
    scene.pause("pause").await
}

#[tokio::test(start_paused = true)]
async fn tasks_that_use_one_name_are_rejected() {
    assert_rejected(&play(named_alike).await, &["`reserve`"]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_a_task_shares_with_the_handler_is_rejected_whoever_is_first() {
    for task_sleeps in [5, 50] {
        let scenario = |scene: Scene| async move {
            let task = tokio::spawn({
                let scene = scene.clone();
                async move {
                    tokio::time::sleep(millis(task_sleeps)).await;
                    scene.step("reserve", "task", 0, 1).await
                }
            });
            scene.step("first", "first", 20, 0).await?;
            scene.step("reserve", "handler", 0, 2).await?;
            task.await??;
            scene.pause("pause").await
        };

        assert_rejected(&play(scenario).await, &["`reserve`"]);
    }
}

#[tokio::test(start_paused = true)]
async fn values_that_tasks_derive_under_one_name_are_rejected() {
    let uuid = |ctx: &DurableContext, _: &Arc<Trace>| ctx.uuid("key");
    let random = |ctx: &DurableContext, _: &Arc<Trace>| Uuid::from_u128(ctx.random("key").to_bits().into());
    let now = |ctx: &DurableContext, trace: &Arc<Trace>| {
        trace.see("now", &());
        let _ = ctx.now("key");
        Uuid::nil()
    };
    for derive in [uuid, random, now] {
        let scenario = |scene: Scene| async move {
            let task = |sleeps: u64| {
                let scene = scene.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(millis(sleeps)).await;
                    derive(&scene.ctx, &scene.trace)
                })
            };
            let (left, right) = (task(2), task(1));
            let keys = (left.await?, right.await?);
            scene.step("pay", "pay", 0, 0).await?;
            scene.see("keys", &keys);
            scene.pause("pause").await
        };

        assert_rejected(&play(scenario).await, &["`key`"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_outlives_the_handler_starts_nothing_more() {
    let scenario = |scene: Scene| async move {
        let task = scene.clone();
        drop(tokio::spawn(async move {
            tokio::time::sleep(millis(50)).await;
            task.step("late", "late", 0, 0).await
        }));
        scene.step("first", "first", 0, 0).await?;
        Ok(())
    };

    let played = play(scenario).await;
    tokio::time::sleep(millis(100)).await;

    played.assert_exact("outlived");
    assert!(!played.trace.runs().contains_key("late at late"));
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_task_is_the_error_of_its_handler() {
    let scenario = |scene: Scene| async move {
        let task = tokio::spawn({
            let scene = scene.clone();
            async move {
                scene.step("a", "a", 5, 1).await?;
                Err::<(), _>(Error::msg("sold out"))
            }
        });
        scene.pause("pause").await?;
        task.await?
    };

    let played = play(scenario).await;

    assert_eq!(played.status(), &ExecutionStatus::Failed);
    assert!(played.message().unwrap().contains("sold out"), "{:?}", played.message());
}
