//! Operations of different kinds side by side in one context.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::StepSemantics;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Result};
use durable_testing::{TestExecution, TestRunner};
use durable_types::{ExecutionStatus, SmallString};
use futures_util::future::{Either, select};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A map whose items take these times, beside a chain of operations of the same names as those in the items.
async fn map_beside_chain((items, links): (Vec<u64>, Vec<u64>), ctx: DurableContext) -> Result<Vec<u64>> {
    let map = async {
        let items = ctx.map("map", &items, async |ctx, item, index| {
            ctx.wait("pause", seconds(*item)).await?;
            ctx.step("work", async |_| Ok(index as u64)).await
        });
        durable_core::Ok(items.max_concurrency(2).await?.into_result()?)
    };
    let chain = async {
        let mut worked = Vec::new();
        for link in &links {
            ctx.wait("pause", seconds(*link)).await?;
            worked.push(ctx.step("work", async |_| Ok(link * 100)).await?);
        }
        durable_core::Ok(worked)
    };
    let (map, chain) = tokio::join!(map, chain);
    let after = ctx.step("work", async |_| Ok(7)).await?;
    Ok([map?, chain?, vec![after]].concat())
}

fn ids(execution: &TestExecution) -> BTreeSet<(SmallString, Option<SmallString>)> {
    execution.operations().map(|operation| (operation.id.clone(), operation.parent_id.clone())).collect()
}

#[tokio::test]
async fn a_map_beside_a_chain_replays_whatever_ends_first() {
    let runner = TestRunner::new(map_beside_chain);
    let mut seen = BTreeSet::new();
    for order in 0..24_u64 {
        let items = [1 + order % 4, 1 + order % 3, 1 + order / 8];
        let links = [1 + order % 2, 1 + order / 6];

        let execution = runner.run(&(items, links)).await.unwrap();

        let expected = [0, 1, 2, links[0] * 100, links[1] * 100, 7];
        assert_eq!(execution.result::<Vec<u64>>().unwrap(), expected, "{items:?} beside {links:?}");
        seen.insert(ids(&execution));
    }
    assert_eq!(seen.len(), 1, "what is first has no part in what an operation is");
}

#[tokio::test(start_paused = true)]
async fn an_at_most_once_step_beside_a_wait_is_not_interrupted_by_it() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let handler = async |_: (), ctx: DurableContext| -> Result<u32> {
        let pay = ctx.step("pay", async |_| {
            tokio::time::sleep(seconds(30)).await;
            Ok(RUNS.fetch_add(1, Ordering::SeqCst))
        });
        let pay = pay.semantics(StepSemantics::AtMostOncePerRetry).retry(RetryStrategy::none());
        let (waited, paid) = tokio::join!(ctx.wait("pause", seconds(1)).into_future(), pay.into_future());
        waited?;
        paid
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 0);
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn of_two_waits_that_race_the_shorter_wins_in_its_own_time() {
    let handler = async |_: (), ctx: DurableContext| -> Result<String> {
        let long = ctx.wait("long", seconds(3_600)).into_future();
        let short = ctx.wait("short", seconds(1)).into_future();
        let winner = match select(long, short).await {
            Either::Left((ended, _)) => ended.map(|()| "long"),
            Either::Right((ended, _)) => ended.map(|()| "short"),
        };
        ctx.wait("pause", seconds(1)).await?;
        Ok(winner?.to_owned())
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "short");
    assert_eq!(execution.elapsed(), seconds(2), "the loser delays nobody");
}

#[tokio::test]
async fn a_batch_that_ended_inside_a_branch_is_not_run_again_while_another_branch_goes_on() {
    static RUNS: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<u32>> {
        let branches = ctx
            .parallel("branches")
            .branch("done", async |ctx| {
                let inner = ctx.map("inner", 0..3, async |_, item: u32, _| {
                    RUNS.lock().unwrap().push(item);
                    Ok(item)
                });
                let sum = inner.await?.values().sum();
                ctx.wait("hold", seconds(9)).await?;
                Ok(sum)
            })
            .branch("waits", async |ctx| {
                for _ in 0..5 {
                    ctx.wait("pause", seconds(1)).await?;
                }
                Ok(10)
            });
        branches.await?.into_result()
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<Vec<u32>>().unwrap(), [3, 10]);
    assert!(execution.invocations() > 5);
    assert_eq!(*RUNS.lock().unwrap(), [0, 1, 2]);
}

#[tokio::test]
async fn code_that_handles_every_error_does_not_catch_a_suspension() {
    let handler = async |_: (), ctx: DurableContext| -> Result<Vec<String>> {
        let pause = async |ctx: &DurableContext, name: &str| {
            let ended = ctx.wait(name, seconds(1)).await;
            ended.map_or_else(|_| "failed".to_owned(), |()| "waited".to_owned())
        };
        let mut results = vec![pause(&ctx, "alone").await];
        let child = ctx.run_in_child_context("child", async |ctx| Ok(pause(&ctx, "inside").await));
        results.push(child.await.unwrap_or_else(|error| error.to_string()));
        let branches = ctx
            .parallel("branches")
            .branch("left", async |ctx| Ok(pause(&ctx, "left").await))
            .branch("right", async |ctx| Ok(pause(&ctx, "right").await))
            .tolerated_failure_count(2);
        results.extend(branches.await?.into_values());
        let both = tokio::join!(pause(&ctx, "a"), pause(&ctx, "b"));
        results.extend([both.0, both.1]);
        Ok(results)
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert_eq!(execution.result::<Vec<String>>().unwrap(), ["waited"; 6]);
    assert_eq!(execution.status(), &ExecutionStatus::Succeeded);
    let failed = execution.operations().filter(|operation| operation.status.as_str() == "FAILED");
    assert_eq!(failed.count(), 0);
}
