//! Operations that are spawned, joined and raced.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::Operation;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result, join, race, try_join};
use durable_testing::{Fault, TestRunner};
use durable_types::ExecutionStatus;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_spawned_operation_whose_handle_is_dropped_at_once_leaves_nothing_to_wait_for() {
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        drop(ctx.wait("dropped", seconds(3_600)).spawn());
        let nobody = async |ctx: DurableContext| Ok(ctx.create_callback::<()>("nobody").await?.await?);
        drop(ctx.run_in_child_context("dropped too", nobody).spawn());
        drop(ctx.step("never", async |_| std::future::pending::<Result<()>>().await).spawn());
        let worked = ctx.step("work", async |_| Ok(7)).await?;
        ctx.wait("pause", seconds(1)).await?;
        Ok(worked)
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 7);
    assert_eq!(execution.elapsed(), seconds(1));
}

#[tokio::test]
async fn a_spawned_map_beside_a_chain_replays_whatever_ends_first() {
    for (item, link) in [(1, 5), (5, 1), (3, 3), (2, 3)] {
        let handler = async |(item, link): (u64, u64), ctx: DurableContext| -> Result<Vec<u64>> {
            let map = ctx.map("map", 0..3_u64, move |ctx: DurableContext, place, _| async move {
                ctx.wait("pause", seconds(item + place)).await?;
                ctx.step("work", async |_| Ok(place)).await
            });
            let map = map.spawn();
            let mut results = Vec::new();
            for place in 0..3 {
                ctx.wait("pause", seconds(link)).await?;
                results.push(ctx.step("work", async |_| Ok(10 + place)).await?);
            }
            results.extend(map.await?.into_result()?);
            Ok(results)
        };

        let execution = TestRunner::new(handler).run(&(item, link)).await.unwrap();

        assert_eq!(execution.result::<Vec<u64>>().unwrap(), [10, 11, 12, 0, 1, 2], "{item} beside {link}");
    }
}

/// A race whose loser goes on until long after the race, and tells whether the winner stays the same.
async fn race_and_look_back(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let slow = async {
        ctx.wait("slow", seconds(2)).await?;
        ctx.step("after slow", async |_| Ok("slow".to_owned())).await
    };
    let quick = async {
        ctx.wait("quick", seconds(1)).await?;
        ctx.step("after quick", async |_| Ok("quick".to_owned())).await
    };
    let winner = race!(ctx, "first", slow, quick).await?;
    let first = ctx.step("winner", async |_| Ok(winner.clone())).await?;
    for _ in 0..4 {
        ctx.wait("pause", seconds(1)).await?;
        assert_eq!(winner, first, "the loser has ended meanwhile, and still is the loser");
    }
    Ok(vec![winner])
}

#[tokio::test]
async fn the_loser_of_a_race_delays_nobody_and_never_becomes_the_winner() {
    let execution = TestRunner::new(race_and_look_back).run(&()).await.unwrap();

    assert_eq!(execution.result::<Vec<String>>().unwrap(), ["quick"]);
    assert_eq!(execution.elapsed(), seconds(5));
}

#[tokio::test]
async fn the_loser_stays_the_loser_where_operations_are_found_by_their_names_alone() {
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        ctx.replay_by_name();
        race_and_look_back((), ctx).await
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<Vec<String>>().unwrap(), ["quick"]);
}

#[tokio::test]
async fn the_winner_of_a_race_is_the_same_after_a_crash_at_any_checkpoint() {
    let undisturbed = TestRunner::new(race_and_look_back).run(&()).await.unwrap();

    for checkpoint in 1..=undisturbed.checkpoints() {
        for fault in [Fault::LostRequest, Fault::LostResponse] {
            let runner = TestRunner::new(race_and_look_back).fault(checkpoint, fault);

            let execution = runner.run(&()).await.unwrap();

            assert_eq!(execution.status(), &ExecutionStatus::Succeeded, "{fault:?} at {checkpoint}");
        }
    }
}

#[tokio::test]
async fn waits_inside_the_branches_of_a_combinator_are_no_results() {
    let handler = async |_: (), ctx: DurableContext| -> Result<(u32, Vec<u32>, u32)> {
        let part = async |name: &str, after: u64| {
            ctx.wait(name, seconds(after)).await?;
            Ok(u32::try_from(after)?)
        };
        let joined = join!(part("a", 1), part("b", 2));
        let (a, b) = joined.await;
        let tried = try_join!(ctx, "all", part("c", 1), part("d", 2)).await?;
        let first = race!(ctx, "first", part("e", 7), part("f", 1)).await?;
        Ok((a? + b?, vec![tried.0, tried.1], first))
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<(u32, Vec<u32>, u32)>().unwrap(), (3, vec![1, 2], 1));
    assert_eq!(execution.elapsed(), seconds(5));
}

#[tokio::test]
async fn the_first_failure_of_a_try_join_is_the_same_on_replay_and_waits_for_nobody() {
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let failing = async |name: &str, after: u64| {
            ctx.wait(name, seconds(after)).await?;
            let step = ctx.step("fail", async |_| Err::<(), _>(Error::msg(format!("{name} failed"))));
            step.retry(RetryStrategy::none()).await
        };
        let error = try_join!(ctx, "both", failing("long", 3), failing("short", 1)).await.unwrap_err();
        let message = error.to_string();
        let first = ctx.step("message", async |_| Ok(message.clone())).await?;
        for _ in 0..4 {
            ctx.wait("pause", seconds(1)).await?;
            assert_eq!(message, first);
        }
        Ok(message)
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert!(execution.result::<String>().unwrap().contains("short failed"));
    assert_eq!(execution.elapsed(), seconds(5));
}

#[tokio::test]
async fn results_of_combinators_may_be_larger_than_any_record() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let handler = async |_: (), ctx: DurableContext| -> Result<usize> {
        let large = async |name: &str| {
            let step = ctx.step(name, async |_| {
                RUNS.fetch_add(1, Ordering::SeqCst);
                Ok("x".repeat(900_000))
            });
            step.await
        };
        let (a, b) = try_join!(ctx, "both", large("a"), large("b")).await?;
        let first = race!(ctx, "first", large("c"), async { Ok([a.clone(), b.clone()].concat()) }).await?;
        ctx.wait("pause", seconds(1)).await?;
        Ok(a.len() + b.len() + first.len())
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert!(execution.result::<usize>().unwrap() >= 2_700_000, "{:?}", execution.error());
    assert!(RUNS.load(Ordering::SeqCst) <= 3);
}

#[tokio::test]
async fn a_race_replaced_by_a_child_context_of_the_same_name_is_noticed() {
    let is_changed = Mutex::new(false);
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let first = if *is_changed.lock().unwrap() {
            ctx.run_in_child_context("first", async |_| Ok(1)).await?
        } else {
            race!(ctx, "first", async { Ok(1) }, async { Ok(2) }).await?
        };
        ctx.wait("pause", seconds(1)).await?;
        Ok(first)
    };
    let runner = TestRunner::new(handler);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::ZERO).await.unwrap();
    *is_changed.lock().unwrap() = true;

    let execution = execution.finish().await.unwrap();

    let error = execution.error().unwrap();
    assert_eq!(error.error_type.as_deref(), Some("NonDeterministicExecutionError"));
}

#[tokio::test]
async fn a_spawned_operation_that_panics_ends_the_execution_and_hangs_nobody() {
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let spawned = ctx.step("burst", async |_| -> Result<()> { panic!("pipe burst") });
        let spawned = spawned.retry(RetryStrategy::none()).spawn();
        ctx.wait("pause", seconds(1)).await?;
        spawned.await
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Failed);
    assert!(execution.error().unwrap().error_message.as_deref().unwrap().contains("pipe burst"));
}
