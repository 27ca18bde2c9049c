//! Calls of functions that the test registers.

use std::time::Duration;

use durable_core::{DurableContext, Error, Result};
use durable_testing::TestRunner;
use durable_types::ExecutionStatus;

async fn order(cents: u64, ctx: DurableContext) -> Result<u64> {
    let tax: u64 = ctx.invoke("tax", "tax:$LATEST", &cents).await?;
    Ok(cents + tax)
}

async fn tax(cents: u64, ctx: DurableContext) -> Result<u64> {
    ctx.wait("think", Duration::from_hours(1)).await?;
    let rate: u64 = ctx.invoke("rate", "rate:$LATEST", &()).await?;
    Ok(cents * rate / 100)
}

async fn rate(_: ()) -> Result<u64> {
    Ok(20)
}

#[tokio::test]
async fn a_call_runs_an_execution_of_the_function_on_the_same_clock() {
    let runner = TestRunner::new(order).function("tax", tax).plain_function("rate", rate);

    let execution = runner.run(&1_000).await.unwrap();

    assert_eq!(execution.result::<u64>().unwrap(), 1_200);
    assert_eq!(execution.elapsed(), Duration::from_hours(1));
    assert_eq!(execution.invocations(), 2);
}

#[tokio::test]
async fn the_failure_of_a_function_is_the_failure_of_the_call() {
    let runner = TestRunner::new(order)
        .plain_function("tax", async |_: u64| -> Result<u64> { Err(Error::msg("out of paper")) });

    let execution = runner.run(&1_000).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Failed);
    let message = execution.error().and_then(|error| error.error_message.clone()).unwrap();
    assert!(message.contains("out of paper"), "{message}");
}

#[tokio::test]
async fn a_call_of_a_function_that_nobody_registered_fails() {
    let execution = TestRunner::new(order).run(&1_000).await.unwrap();

    assert_eq!(execution.status(), &ExecutionStatus::Failed);
}

#[tokio::test]
async fn a_test_that_unwraps_the_result_of_a_failed_execution_shows_what_it_failed_with() {
    let handler = async |_: (), _: DurableContext| -> Result<()> { Err(Error::msg("out of stock")) };

    let execution = TestRunner::new(handler).run(&()).await.unwrap();

    let error = execution.result::<()>().unwrap_err();
    assert_eq!(format!("{error:?}"), "the execution is FAILED: Error: out of stock");
}
