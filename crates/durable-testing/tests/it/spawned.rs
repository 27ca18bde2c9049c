//! Operations that go on while the handler does something else.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use durable_core::operation::Operation;
use durable_core::{DurableContext, Result};
use durable_testing::TestRunner;
use durable_types::OperationStatus;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn beside_a_wait(_: (), ctx: DurableContext) -> Result<(u32, Duration)> {
    let chain = ctx
        .run_in_child_context("chain", |ctx: DurableContext| async move {
            ctx.wait("pause", seconds(10)).await?;
            ctx.step("count", async |_| Ok(7)).await
        })
        .spawn();
    let began = ctx.now("began");
    ctx.wait("settle", seconds(60)).await?;
    let settled = ctx.now("settled").duration_since(began)?;
    Ok((chain.await?, settled))
}

#[tokio::test]
async fn a_spawned_operation_goes_on_beside_the_handler() {
    let execution = TestRunner::new(beside_a_wait).run(&()).await.unwrap();

    assert_eq!(execution.result::<(u32, Duration)>().unwrap(), (7, seconds(60)));
    assert_eq!(execution.elapsed(), seconds(60));
    let ended = execution.operation("chain").unwrap().end_timestamp.unwrap();
    assert!(ended < execution.operation("settle").unwrap().end_timestamp.unwrap(), "nobody had to await it");
}

async fn dropped(_: (), ctx: DurableContext) -> Result<()> {
    drop(ctx.wait("never-polled", seconds(86_400)).spawn());
    let polled = ctx.wait("polled", seconds(86_400)).spawn();
    ctx.step("between", async |_| Ok(())).await?;
    drop(polled);
    ctx.wait("settle", seconds(1)).await?;
    Ok(())
}

#[tokio::test]
async fn a_handle_that_is_dropped_leaves_nothing_that_keeps_the_execution_waiting() {
    let execution = TestRunner::new(dropped).run(&()).await.unwrap();

    assert_eq!(execution.elapsed(), seconds(1));
}

async fn forgotten(_: (), ctx: DurableContext) -> Result<String> {
    let _chain = ctx.wait("day", seconds(86_400)).spawn();
    ctx.step("done", async |_| Ok(())).await?;
    Ok("done".to_owned())
}

#[tokio::test]
async fn the_end_of_the_handler_drops_what_it_spawned() {
    let execution = TestRunner::new(forgotten).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "done");
    assert_eq!(execution.elapsed(), Duration::ZERO);
}

async fn many(_: (), ctx: DurableContext) -> Result<u32> {
    let spawned: Vec<_> = (0..200)
        .map(|number: u32| ctx.step(format!("n-{number}"), move |_| async move { Ok(number) }).spawn())
        .collect();
    let mut sum = 0;
    for number in spawned {
        sum += number.await?;
    }
    Ok(sum)
}

#[tokio::test]
async fn two_hundred_spawned_steps_share_their_checkpoints() {
    let execution = TestRunner::new(many).run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), (0..200).sum::<u32>());
    assert!(execution.checkpoints() <= 2, "{} checkpoints", execution.checkpoints());
}

/// Spawns every kind of operation, and awaits them in the opposite order.
async fn every_kind(_: (), ctx: DurableContext) -> Result<u32> {
    let step = ctx.step("step", async |_| Ok(1)).spawn();
    let wait = ctx.wait("wait", seconds(1)).spawn();
    let child = ctx.run_in_child_context("child", async |_| Ok(2)).spawn();
    let callback = ctx.create_callback::<u32>("callback").timeout(seconds(5)).spawn();
    let submitted =
        ctx.wait_for_callback::<u32, _, _>("submitted", async |_, _| Ok(())).timeout(seconds(6)).spawn();
    let payload = [3].to_vec();
    let called = ctx.invoke::<u32, _>("called", "double", payload).spawn();
    let condition = ctx.wait_for_condition("condition", 0, async |checks: u32, _| {
        Ok(if checks < 2 {
            std::ops::ControlFlow::Continue(checks + 1)
        } else {
            std::ops::ControlFlow::Break(4)
        })
    });
    let condition = condition.spawn();
    let map = ctx.map("map", vec![5, 6], async |_, item: u32, _| Ok(item)).spawn();
    let parallel = ctx.parallel("parallel").branch("branch", async |_| Ok(7)).spawn();
    let retried = ctx.with_retry("retried", async |_, _| Ok(8)).spawn();
    let saga = ctx.saga("saga", async |_, _| Ok(9)).spawn();

    let mut sum = saga.await? + retried.await? + parallel.await?.into_values().sum::<u32>();
    sum += map.await?.into_values().sum::<u32>() + condition.await? + called.await?;
    let is_overdue = submitted.await.is_err_and(|error| error.is_timeout());
    let is_overdue = is_overdue && callback.await?.await.is_err_and(|error| error.is_timeout());
    wait.await?;
    sum += child.await? + step.await?;
    Ok(if is_overdue { sum } else { 0 })
}

#[tokio::test]
async fn every_kind_of_operation_can_be_spawned_and_awaited_in_any_order() {
    let runner = TestRunner::new(every_kind).plain_function("double", async |numbers: Vec<u32>| {
        durable_core::Ok(numbers.iter().sum::<u32>() * 2)
    });

    let execution = runner.run(&()).await.unwrap();

    assert_eq!(execution.result::<u32>().unwrap(), 9 + 8 + 7 + 11 + 4 + 6 + 2 + 1);
}

static RUNS: AtomicU32 = AtomicU32::new(0);

async fn cancelled(_: (), ctx: DurableContext) -> Result<()> {
    let slow = ctx
        .step("slow", |_| async {
            RUNS.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<()>().await;
            Ok(())
        })
        .spawn();
    ctx.step("quick", async |_| Ok(())).await?;
    drop(slow);
    ctx.wait("settle", seconds(1)).await?;
    Ok(())
}

#[tokio::test]
async fn a_body_that_runs_when_its_handle_is_dropped_is_dropped_with_it() {
    let execution = TestRunner::new(cancelled).run(&()).await.unwrap();

    assert_eq!(
        RUNS.load(Ordering::SeqCst),
        2,
        "on replay it runs again until its handle is dropped, as it did live"
    );
    assert_eq!(execution.operation("slow").unwrap().status, OperationStatus::Started);
}

#[tokio::test(start_paused = true)]
async fn a_divergence_beside_spawned_operations_and_items_is_found_at_once() {
    let is_changed = Mutex::new(false);
    let handler = async |_: (), ctx: DurableContext| -> Result<()> {
        let spawned = ctx.wait("night", seconds(100)).spawn();
        let items = ctx.map("items", 0..2_u32, async |ctx, item, _| {
            ctx.wait("day", seconds(100)).await?;
            Ok(item)
        });
        let name = if *is_changed.lock().unwrap() { "renamed" } else { "pause" };
        let (items, paused) = tokio::join!(items.into_future(), ctx.wait(name, seconds(1)).into_future());
        paused?;
        items?;
        spawned.await
    };
    let runner = TestRunner::new(handler);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::ZERO).await.unwrap();
    *is_changed.lock().unwrap() = true;
    let began = tokio::time::Instant::now();

    let execution = execution.finish().await.unwrap();

    let error = execution.error().unwrap();
    assert_eq!(error.error_type.as_deref(), Some("NonDeterministicExecutionError"));
    assert!(began.elapsed() < seconds(1), "{:?}", began.elapsed());
}
