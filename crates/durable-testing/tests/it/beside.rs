//! One operation of each kind beside a chain of others, in every order of their ends and after every crash.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use durable_core::operation::UNNAMED;
use durable_core::retry::{RetryStrategy, WaitStrategy};
use durable_core::{DurableContext, Error, Result};
use durable_testing::{Fault, TestExecution, TestRunner};
use durable_types::ExecutionStatus;

const KINDS: [&str; 13] = [
    "retried step",
    "child",
    "large child",
    "virtual",
    "map",
    "flat",
    "large map",
    "large flat",
    "parallel",
    "condition",
    "block",
    "saga",
    "call",
];

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An operation that takes about so many seconds, with operations of the same names as those beside it.
async fn one(kind: &str, takes: u64, ctx: &DurableContext) -> Result<usize> {
    let every = RetryStrategy::fixed(seconds(takes));
    let bytes = if kind.starts_with("large") { 90_000 } else { 10 };
    let work = async |ctx: DurableContext, times: usize| {
        ctx.wait("pause", seconds(takes)).await?;
        let length = ctx.step("work", async |_| Ok(times * bytes)).await?;
        Ok("x".repeat(length))
    };
    match kind {
        "retried step" => {
            let step = ctx.step("work", async |step| match step.attempt() {
                1 => Err(Error::msg("not yet")),
                _ => Ok(10),
            });
            Ok(step.retry(every).await?)
        }
        "child" => Ok(ctx.run_in_child_context("it", async |ctx| work(ctx, 1).await).await?.len()),
        "large child" => Ok(ctx.run_in_child_context("it", async |ctx| work(ctx, 3).await).await?.len()),
        "virtual" => {
            let scope = ctx.run_in_child_context("it", async |ctx| work(ctx, 1).await).virtual_context();
            Ok(scope.await?.len())
        }
        "parallel" => {
            let branches = ctx
                .parallel("it")
                .branch("a", async |ctx| work(ctx, 1).await)
                .branch(UNNAMED, async |_| Ok(String::new()));
            Ok(branches.await?.into_result()?.concat().len())
        }
        "condition" => {
            let check =
                async |count: usize, _| Ok(if count < 2 { Continue(count + 1) } else { Break(count) });
            let condition = ctx.wait_for_condition("it", 0, check);
            Ok(condition.strategy(WaitStrategy::fixed(seconds(takes))).await?)
        }
        "block" => {
            let block = ctx.with_retry("it", async |ctx, attempt| match attempt {
                1 => Err(Error::msg("not yet")),
                _ => Ok(work(ctx, 1).await?.len()),
            });
            Ok(block.retry(every).await?)
        }
        "saga" => {
            let saga = ctx.saga("it", async |ctx, saga| {
                let booked = saga.step("book", async |_| Ok(7)).compensate(async |_, _| Ok(())).await?;
                work(ctx, 1).await?;
                Ok(booked)
            });
            Ok(saga.await?)
        }
        "call" => Ok(ctx.invoke("it", "double:$LATEST", &takes).await?),
        _ => {
            let items = ctx.map("it", 0..3, async |ctx, item: usize, _| match item {
                0 => Ok("x".repeat(bytes)),
                item => work(ctx, item).await,
            });
            let items = if kind.ends_with("flat") { items.flat() } else { items };
            Ok(items.max_concurrency(2).await?.into_result()?.concat().len())
        }
    }
}

async fn double(number: usize, ctx: DurableContext) -> Result<usize> {
    ctx.wait("think", seconds(number as u64)).await?;
    Ok(2 * number)
}

/// The operation beside a chain of waits and steps, and more of the same names behind both.
async fn beside((kind, takes, links): (String, u64, [u64; 3]), ctx: DurableContext) -> Result<Vec<usize>> {
    let chain = async {
        let mut results = Vec::new();
        for link in links {
            ctx.wait("pause", seconds(link)).await?;
            results.push(ctx.step("work", async |_| Ok(100 + results.len())).await?);
        }
        durable_core::Ok(results)
    };
    let (it, chain) = tokio::join!(one(&kind, takes, &ctx), chain);
    ctx.wait("pause", seconds(1)).await?;
    let last = ctx.step("work", async |_| Ok(7)).await?;
    Ok([vec![it?], chain?, vec![last]].concat())
}

fn expected(kind: &str, takes: u64) -> Vec<usize> {
    let it = match kind {
        "condition" => 2,
        "saga" => 7,
        "call" => 2 * usize::try_from(takes).unwrap(),
        "map" | "flat" => 40,
        "large map" | "large flat" => 360_000,
        "large child" => 270_000,
        _ => 10,
    };
    vec![it, 100, 101, 102, 7]
}

const LINKS: [[u64; 3]; 3] = [[1, 1, 1], [2, 1, 3], [4, 2, 1]];

async fn run(
    kind: &str,
    takes: u64,
    links: [u64; 3],
    faults: &[(usize, Fault)],
    items: usize,
) -> TestExecution {
    let runner = TestRunner::new(beside).function("double", double).page_items(items);
    let runner = faults.iter().fold(runner, |runner, (checkpoint, fault)| runner.fault(*checkpoint, *fault));
    let execution = runner.run(&(kind, takes, links)).await.unwrap();
    let label = format!("{kind} of {takes} beside {links:?} after {faults:?} in pages of {items}");
    let error = execution.error().and_then(|error| error.error_message.as_deref());
    assert_eq!(execution.status(), &ExecutionStatus::Succeeded, "{label}: {error:?}");
    assert_eq!(execution.result::<Vec<usize>>().unwrap(), expected(kind, takes), "{label}");
    execution
}

#[tokio::test]
async fn an_operation_of_any_kind_beside_a_chain_replays_whatever_ends_first() {
    for kind in KINDS {
        for takes in [1, 2, 4] {
            for links in LINKS {
                run(kind, takes, links, &[], 2).await;
            }
        }
    }
}

#[tokio::test]
async fn an_operation_of_any_kind_beside_a_chain_survives_a_crash_at_any_checkpoint() {
    for kind in KINDS {
        let (takes, links) = (3, [1, 2, 2]);
        let checkpoints = run(kind, takes, links, &[], 1_000).await.checkpoints();
        for checkpoint in 1..=checkpoints {
            for fault in [Fault::LostRequest, Fault::LostResponse, Fault::WithheldToken] {
                run(kind, takes, links, &[(checkpoint, fault)], 1_000).await;
            }
        }
    }
}
