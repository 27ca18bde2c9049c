//! What AWS's history tells of an execution.

use std::time::Duration;

use durable_core::retry::RetryStrategy;
use durable_core::{DurableContext, Error, Result};
use durable_testing::TestRunner;
use durable_types::ExecutionStatus;

async fn greet(name: String, ctx: DurableContext) -> Result<String> {
    let greeting = ctx
        .step("greet", async |step| match step.attempt() {
            1 => Err(Error::msg("shy")),
            _ => Ok(format!("Hello, {name}!")),
        })
        .retry(RetryStrategy::fixed(Duration::from_secs(3)))
        .await?;
    ctx.run_in_child_context("pause", async |ctx| Ok(ctx.wait("a-minute", Duration::from_secs(60)).await?))
        .await?;
    Ok(greeting)
}

#[tokio::test]
async fn the_history_tells_every_attempt_and_every_invocation_without_a_gap() {
    let execution = TestRunner::new(greet).run(&"Ada").await.unwrap();

    let history = execution.history();
    let lines: Vec<_> = history
        .iter()
        .map(|event| format!("{} {}", event.details.event_type(), event.name.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(
        lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>(),
        [
            "ExecutionStarted",
            "StepStarted greet",
            "StepFailed greet",
            "InvocationCompleted",
            "StepStarted greet",
            "StepSucceeded greet",
            "ContextStarted pause",
            "WaitStarted a-minute",
            "InvocationCompleted",
            "WaitSucceeded a-minute",
            "ContextSucceeded pause",
            "InvocationCompleted",
            "ExecutionSucceeded",
        ]
    );
    assert!(history.iter().zip(1..).all(|(event, number)| event.event_id == number));
}

#[tokio::test]
async fn an_execution_that_takes_too_long_times_out_in_virtual_time() {
    let runner = TestRunner::new(greet).execution_timeout(Duration::from_secs(30));

    let execution = runner.run(&"Ada").await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::TimedOut);
    assert_eq!(execution.elapsed(), Duration::from_secs(30));
}

#[tokio::test]
async fn a_change_that_an_execution_takes_over_stands_in_its_history() {
    let handler = async |_: (), ctx: DurableContext| -> Result<bool> {
        let is_patched = ctx.patched("tax-by-region");
        ctx.wait("pause", Duration::from_secs(1)).await?;
        Ok(is_patched && ctx.patched("tax-by-region"))
    };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    assert!(execution.result::<bool>().unwrap());
    let change = execution.operation("tax-by-region").unwrap();
    assert_eq!(change.sub_type.as_deref(), Some("Patch"));
}
