//! Histories of operations that meet: interruptions with retries, callbacks beside waits, batches that suspend.

use std::time::Duration;

use durable_core::operation::StepSemantics;
use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::{CallbackAnswer, RunningExecution, TestExecution, TestRunner, crash};
use durable_types::ExecutionStatus;
use durable_types::history::Event;

/// Returns the type of each event, followed by the name of its operation if it has one.
fn event_names(history: &[Event]) -> Vec<String> {
    let line = |event: &Event| match &event.name {
        Some(name) => format!("{} {name}", event.details.event_type()),
        None => event.details.event_type().to_string(),
    };
    history.iter().map(line).collect()
}

fn assert_events(execution: &TestExecution, expected: &[&str]) {
    assert_eq!(event_names(&execution.history()), expected);
}

async fn interrupted_once(_: (), ctx: DurableContext) -> Result<String> {
    let done = ctx
        .step("flaky", async |step| {
            if step.attempt() == 1 {
                crash().await;
            }
            Ok("succeeded on second attempt".to_owned())
        })
        .semantics(StepSemantics::AtMostOncePerRetry)
        .retry(RetryStrategy::fixed(Duration::from_secs(1)).max_attempts(2))
        .await?;
    Ok(done)
}

#[tokio::test]
async fn an_interrupted_attempt_counts_and_is_followed_by_another() {
    let execution = TestRunner::new(interrupted_once).run(&()).await.unwrap();

    assert_eq!(execution.result::<String>().unwrap(), "succeeded on second attempt");
    assert_events(
        &execution,
        &[
            "ExecutionStarted",
            "StepStarted flaky",
            "InvocationCompleted",
            "StepFailed flaky",
            "InvocationCompleted",
            "StepStarted flaky",
            "StepSucceeded flaky",
            "InvocationCompleted",
            "ExecutionSucceeded",
        ],
    );
}

async fn callback_beside_wait(_: (), ctx: DurableContext) -> Result<String> {
    let callback = ctx.create_callback("answer").timeout(Duration::from_secs(3)).await?;
    ctx.wait("pause", Duration::from_secs(6)).await?;
    callback.await
}

#[tokio::test]
async fn a_callback_that_times_out_during_a_wait_fails_when_it_is_awaited() {
    let execution = TestRunner::new(callback_beside_wait).run(&()).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Failed);
    assert_events(
        &execution,
        &[
            "ExecutionStarted",
            "CallbackStarted answer",
            "WaitStarted pause",
            "InvocationCompleted",
            "CallbackTimedOut answer",
            "InvocationCompleted",
            "WaitSucceeded pause",
            "InvocationCompleted",
            "ExecutionFailed",
        ],
    );
}

async fn two_callbacks(_: (), ctx: DurableContext) -> Result<(String, String)> {
    let first = ctx.create_callback("first").await?;
    let second = ctx.create_callback("second").await?;
    Ok((first.await?, second.await?))
}

fn answer(execution: &mut RunningExecution<'_>, name: &str) {
    let id = execution.callback_id(name).unwrap();
    execution.answer_callback(&id, CallbackAnswer::Succeeded(Some(format!("\"{name}\"")))).unwrap();
}

#[tokio::test]
async fn an_answer_that_comes_before_it_is_awaited_is_kept() {
    let runner = TestRunner::new(two_callbacks);
    let mut execution = runner.start(&()).unwrap();
    execution.run_for(Duration::from_secs(1)).await.unwrap();

    answer(&mut execution, "second");
    execution.run_for(Duration::from_secs(4)).await.unwrap();
    answer(&mut execution, "first");

    let execution = execution.finish().await.unwrap();
    let (first, second): (String, String) = execution.result().unwrap();
    assert_eq!((first.as_str(), second.as_str()), ("first", "second"));
    assert_eq!(execution.invocations(), 3);
}

async fn suspended_branch(_: (), ctx: DurableContext) -> Result<Vec<String>> {
    let batch = ctx
        .parallel("both")
        .branch("quick", async |ctx| Ok(ctx.step("quick", async |_| Ok("quick".to_owned())).await?))
        .branch("slow", async |ctx| {
            ctx.wait("pause", Duration::from_secs(2)).await?;
            Ok("slow".to_owned())
        })
        .max_concurrency(1)
        .await?;
    batch.into_result()
}

#[tokio::test]
async fn a_branch_that_suspends_is_entered_again_and_the_others_are_not() {
    let execution = TestRunner::new(suspended_branch).run(&()).await.unwrap();

    assert_events(
        &execution,
        &[
            "ExecutionStarted",
            "ContextStarted both",
            "ContextStarted quick",
            "StepStarted quick",
            "StepSucceeded quick",
            "ContextSucceeded quick",
            "ContextStarted slow",
            "WaitStarted pause",
            "InvocationCompleted",
            "WaitSucceeded pause",
            "ContextSucceeded slow",
            "ContextSucceeded both",
            "InvocationCompleted",
            "ExecutionSucceeded",
        ],
    );
}

async fn failures_then_wait(_: (), ctx: DurableContext) -> Result<(usize, usize, Vec<usize>, String)> {
    let batch = ctx
        .map("mixed", ["a", "fail", "b"], async |_, item, index| match item {
            "fail" => Err(Error::msg("it fails")),
            item => Ok(format!("{item}{index}").repeat(100_000)),
        })
        .max_concurrency(1)
        .tolerated_failure_count(1)
        .await?;
    ctx.wait("pause", Duration::from_secs(1)).await?;
    let failed = batch.iter().filter(|item| matches!(item.result, Some(Err(_)))).map(|item| item.index);
    let reason = batch.completion_reason().to_string();
    Ok((batch.success_count(), batch.failure_count(), failed.collect(), reason))
}

#[tokio::test]
async fn a_large_batch_is_the_same_on_replay_with_its_failures() {
    let execution = TestRunner::new(failures_then_wait).run(&()).await.unwrap();

    let (succeeded, failed, places, reason): (usize, usize, Vec<usize>, String) = execution.result().unwrap();
    assert_eq!((succeeded, failed, places.as_slice(), reason.as_str()), (2, 1, &[1][..], "ALL_COMPLETED"));
    assert_eq!(execution.invocations(), 2);
    let contexts =
        event_names(&execution.history()).iter().filter(|line| line.starts_with("ContextStarted")).count();
    assert_eq!(contexts, 4, "nothing of the batch is recorded again");
}

async fn nested(_: (), ctx: DurableContext) -> Result<Vec<Vec<u32>>> {
    let batch = ctx
        .map("outer", 0..2, async |ctx, outer: u32, _| {
            let inner = ctx.map("inner", 0..2, async |ctx, inner: u32, _| {
                ctx.wait("pause", Duration::from_secs(1)).await?;
                Ok(10 * outer + inner)
            });
            inner.await?.into_result()
        })
        .await?;
    batch.into_result()
}

#[tokio::test]
async fn batches_within_batches_wait_side_by_side() {
    let execution = TestRunner::new(nested).run(&()).await.unwrap();

    assert_eq!(execution.result::<Vec<Vec<u32>>>().unwrap(), [[0, 1], [10, 11]]);
    assert_eq!(execution.elapsed(), Duration::from_secs(1));
}

async fn flat_waits(_: (), ctx: DurableContext) -> Result<Vec<u32>> {
    let batch = ctx
        .map("flat", 0..3, async |ctx, item: u32, _| {
            let doubled = ctx.step("double", async |_| Ok(item * 2)).await?;
            ctx.wait("pause", Duration::from_secs(1)).await?;
            let incremented = ctx
                .run_in_child_context("tell", async |ctx| ctx.step("tell", async |_| Ok(doubled + 1)).await);
            incremented.await
        })
        .flat()
        .await?;
    batch.into_result()
}

#[tokio::test]
async fn items_of_a_flat_map_suspend_and_have_the_map_as_their_parent() {
    let execution = TestRunner::new(flat_waits).run(&()).await.unwrap();

    assert_eq!(execution.result::<Vec<u32>>().unwrap(), [1, 3, 5]);
    let map = execution.operation("flat").unwrap().id.clone();
    let doubles: Vec<_> = execution.operations().filter(|it| it.name.as_deref() == Some("double")).collect();
    assert_eq!(doubles.len(), 3);
    assert!(doubles.iter().all(|double| double.parent_id.as_deref() == Some(map.as_str())));
}
